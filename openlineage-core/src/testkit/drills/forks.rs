use std::iter;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use super::ledger::{Arrivals, CHILDREN};
use super::program::Program;
use super::{Drill, Site};
use crate::blocking;
use crate::lifecycle::{Deadline, State};
use crate::runtime::park_until;
use crate::testkit::callers::{all, call};
use crate::testkit::events::event;
use crate::testkit::fork::fork_and;
use crate::testkit::server::{Answer, Server};
use crate::testkit::stage::{LONG, SLACK};
use crate::testkit::verdict::{Outcome, broken, ensure, same};
use crate::transport::Transport;

/// Forks of one drill, from so many threads.
const FORKS: u64 = 150;
const FORKING: u64 = 2;

/// Room of the queue, requests at once, and events that are offered at once: some of them always wait for room.
const ROOM: usize = 16;
const CONCURRENT: usize = 4;
const OFFERED: u64 = 24;

/// How long the parent's queue holds an event at least.
const SLOW: Duration = Duration::from_millis(1);

/// How long one call in a child may take.
const IN_CHILD: Duration = Duration::from_secs(3);

/// What a child ends with: all delivered; nothing delivered, but in time; the transport it inherited is not new.
pub(super) const WELL: u8 = 0;
const UNDELIVERED: u8 = 1;
const NOT_NEW: u8 = 2;

/// Children of [`starting_and_ending`] that may go without a worker. The standard library has a lock that threads take
/// when they start and when they end. If one of the parent's has it at the fork, no thread starts in the child any more;
/// nobody can help that, but its calls keep their deadlines.
const WITHOUT_WORKER: u64 = 3;

pub(super) const DRILLS: &[Drill] = &[
    Drill {
        name: "a_busy_parent",
        script: slow,
        act: |site| forking(site, |transport, _site, fork| deliver(transport, 2 * fork, 2)),
        judge: |program, server| judge(program, server, 2 * FORKS),
    },
    Drill {
        name: "a_parent_that_starts_and_ends_workers",
        script: |_server| (),
        act: starting_and_ending,
        judge: judge_starts_and_ends,
    },
    Drill {
        name: "a_child_of_a_child",
        script: slow,
        act: |site| forking(site, |transport, _site, fork| generations(transport, fork)),
        judge: |program, server| judge(program, server, 3 * FORKS),
    },
];

fn slow(server: &Server) {
    server.always(Answer::slow(SLOW));
}

fn judge(program: &mut Program, server: &Server, of_children: u64) -> Outcome {
    program.ends_well()?;
    let arrivals = Arrivals::at(server)?;
    arrivals.of_parent(OFFERED)?;
    arrivals.of_children(of_children)
}

fn judge_starts_and_ends(program: &mut Program, server: &Server) -> Outcome {
    program.ends_well()?;
    let arrivals = Arrivals::at(server)?;
    arrivals.of_parent(FORKS)?;
    let came = arrivals.count(CHILDREN..u64::MAX) as u64;
    let expected = 2 * (FORKS - WITHOUT_WORKER)..=2 * FORKS;
    ensure(expected.contains(&came), || format!("{came} events of children came"))
}

type Child = fn(&Arc<dyn Transport>, &Site<'_>, u64) -> u8;

/// A parent whose queue is full all the time, forked from several threads.
fn forking(site: &Site<'_>, child: Child) -> Outcome {
    let (transport, numbers) = (site.transport(ROOM, CONCURRENT), AtomicU64::new(0));
    offer(&transport, &numbers, 1)?;
    let stop = AtomicBool::new(false);
    let missed = thread::scope(|scope| {
        let offering = scope.spawn(|| until(&stop, || offer(&transport, &numbers, OFFERED)));
        let stopping = Stop(&stop);
        let missed = fork_from_threads(site, &transport, child);
        drop(stopping);
        let offered = offering.join().unwrap_or_else(|_| broken("the parent panicked"));
        offered.and(missed)
    })?;
    same("children that delivered nothing", missed, 0)?;
    closes_well(&transport, numbers.into_inner())
}

/// Lives of transports, one after the other, each with a first event and an end.
fn starting_and_ending(site: &Site<'_>) -> Outcome {
    let (inherited, numbers) = (site.transport(ROOM, CONCURRENT), AtomicU64::new(0));
    let stop = AtomicBool::new(false);
    let live = || {
        let own = site.transport(ROOM, CONCURRENT);
        offer(&own, &numbers, 1)?;
        closes_well(&own, 1)
    };
    let child: Child = |inherited, site, fork| {
        let own = site.transport(ROOM, CONCURRENT);
        deliver(inherited, 2 * fork, 1).max(deliver(&own, 2 * fork + 1, 1))
    };
    let missed = thread::scope(|scope| {
        let lives = [(); 2].map(|()| scope.spawn(|| until(&stop, live)));
        let stopping = Stop(&stop);
        let missed = fork_from_threads(site, &inherited, child);
        drop(stopping);
        let lived = lives.map(|life| life.join().unwrap_or_else(|_| broken("the parent panicked")));
        lived.into_iter().collect::<Outcome>().and(missed)
    })?;
    same("the parent's own state", inherited.state(), State::New)?;
    ensure(missed <= WITHOUT_WORKER, || format!("{missed} children delivered nothing"))
}

/// Forks again and again, and says how many children delivered nothing.
fn fork_from_threads(site: &Site<'_>, transport: &Arc<dyn Transport>, child: Child) -> Outcome<u64> {
    let some = |first: u64| {
        let forks = (first..FORKS).step_by(FORKING as usize);
        forks.map(|fork| fork_once(fork, IN_CHILD * 3, || child(transport, site, fork))).sum::<Outcome<u64>>()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..FORKING).map(|first| scope.spawn(move || some(first))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| broken("a forking thread panicked"))).sum()
    })
}

/// One child, which ends by itself and well: 1 if it could not deliver, and said so in time. Every other one ends as a
/// program does, with the exit handlers that it has inherited.
pub(super) fn fork_once(fork: u64, limit: Duration, child: impl FnOnce() -> u8) -> Outcome<u64> {
    let child = fork_and(|| if fork.is_multiple_of(2) { child() } else { exit(child()) });
    let code = child.and_then(|child| child.wait(limit + SLACK));
    match code.or_else(|error| broken(format!("no child: {error}")))? {
        Some(WELL) => Ok(0),
        Some(UNDELIVERED) => Ok(1),
        Some(NOT_NEW) => broken(format!("fork {fork}: the transport does not start anew")),
        Some(code) => broken(format!("fork {fork}: the child ended with {code}")),
        None => broken(format!("fork {fork}: the child hung")),
    }
}

#[expect(clippy::exit, reason = "the end that is drilled")]
fn exit(code: u8) -> u8 {
    process::exit(code.into())
}

/// In a child: delivers so many events of its own, from this one on.
fn deliver(transport: &Arc<dyn Transport>, first: u64, count: u64) -> u8 {
    if transport.state() != State::New || transport.stats().tally.accepted != 0 {
        return NOT_NEW;
    }
    let mut numbers = CHILDREN + first..CHILDREN + first + count;
    let delivered = |number| {
        event(number).is_ok_and(|event| blocking::deliver(&**transport, event, Deadline::after(IN_CHILD)).is_ok())
    };
    if numbers.all(delivered) { WELL } else { UNDELIVERED }
}

/// In a child: delivers, forks, and delivers again, and so does its child once.
fn generations(transport: &Arc<dyn Transport>, fork: u64) -> u8 {
    let delivered = deliver(transport, 3 * fork, 1);
    let grandchild = fork_once(fork + 1, IN_CHILD, || deliver(transport, 3 * fork + 1, 1));
    let again = event(CHILDREN + 3 * fork + 2)
        .is_ok_and(|event| blocking::deliver(&**transport, event, Deadline::after(IN_CHILD)).is_ok());
    if matches!(grandchild, Ok(0)) && again { delivered } else { UNDELIVERED }
}

/// Offers events together, from this thread, and waits until all are delivered.
pub(super) fn offer(transport: &Arc<dyn Transport>, numbers: &AtomicU64, count: u64) -> Outcome {
    let (accepted, _nobody) = std::sync::mpsc::channel();
    let first = numbers.fetch_add(count, Ordering::Relaxed);
    let events: Outcome<Vec<_>> = (first..first + count).map(event).collect();
    let calls = events?.into_iter().map(|event| call(transport, event, Deadline::after(LONG), accepted.clone()));
    let fates = park_until(all(calls.collect()), Deadline::never()).unwrap_or_default();
    let lost = fates.into_iter().find_map(Result::err);
    lost.map_or(Ok(()), |error| broken(format!("the parent lost an event: {error}")))
}

pub(super) fn closes_well(transport: &Arc<dyn Transport>, events: u64) -> Outcome {
    let report = blocking::close(&**transport, Deadline::after(LONG));
    let report = report.or_else(|error| broken(format!("no close: {error}")))?;
    ensure(report.is_clean(), || format!("events were lost: {report:?}"))?;
    same("events of the parent", (report.tally.accepted, report.tally.delivered), (events, events))
}

/// Stops the others however its scope is left.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Does it again until it is told to stop, or it fails.
fn until(stop: &AtomicBool, work: impl FnMut() -> Outcome) -> Outcome {
    iter::repeat_with(work).take_while(|_| !stop.load(Ordering::Acquire)).collect()
}
