use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::forks::{WELL, fork_once};
use super::ledger::{Arrivals, CHILDREN};
use super::program::{Program, sign};
use super::{Drill, Site};
use crate::blocking;
use crate::client::{Client, Guard, init};
use crate::config::Environment;
use crate::error::EmitErrorKind;
use crate::lifecycle::{CloseReport, Deadline, FlushReport, State};
use crate::runtime::park_until;
use crate::testkit::callers::{Call, all, call};
use crate::testkit::events::event;
use crate::testkit::server::{Answer, Server};
use crate::testkit::stage::LONG;
use crate::testkit::verdict::{Outcome, broken, ensure, same};
use crate::transport::Transport;

const FORKS: u64 = 156;

/// Room of the queue, requests at once, and events that are offered: some wait for room at every fork.
const ROOM: usize = 8;
const CONCURRENT: usize = 4;
const OFFERED: u64 = 12;
const IN_LINE: usize = OFFERED as usize - ROOM;

/// How often a child sends an event of its own, and how long it waits for a server that does not answer.
const OWN: u64 = 12;
const PATIENCE: Duration = Duration::from_millis(20);

/// How long a child may take that waits for nothing else.
const IN_CHILD: Duration = Duration::from_secs(3);

/// What a child ends with that has found something else than it should.
const WRONG: u8 = 3;

/// Transports that are closed, events in each, and children that are forked meanwhile.
const ROUNDS: u64 = 30;
const EVENTS: u64 = 60;
const MEANWHILE: u64 = 5;

pub(super) const DRILLS: &[Drill] = &[
    Drill {
        name: "a_parent_with_a_full_queue",
        script: |server| server.always(Answer::hang()),
        act: full,
        judge: judge_full,
    },
    Drill {
        name: "a_parent_that_closes",
        script: |server| server.always(Answer::slow(Duration::from_millis(1))),
        act: closing,
        judge: judge_closes,
    },
];

type Flushing = Pin<Box<dyn Future<Output = FlushReport> + Send>>;
type Closing<'a> = Pin<Box<dyn Future<Output = CloseReport> + Send + 'a>>;

/// What a program has in its hands while a server hangs: the queue full, and calls of every kind under way.
struct Hands {
    transport: Arc<dyn Transport>,
    calls: Vec<Call>,
    flush: Option<Flushing>,
    guard: Option<Guard>,
}

fn full(site: &Site<'_>) -> Outcome {
    let transport = site.transport(ROOM, CONCURRENT);
    let mut calls = calls(&transport, 0..OFFERED)?;
    ensure(polled(&mut calls).is_empty(), || "the server hangs, and yet an event has a fate".to_owned())?;
    let flushed = Arc::clone(&transport);
    let mut flush: Flushing = Box::pin(async move { flushed.flush(Deadline::never()).await });
    let pending = flush.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending();
    ensure(pending, || "a flush ended with events pending".to_owned())?;
    let builder = Client::builder().transport(Arc::clone(&transport)).environment(Environment::default());
    let client = builder.build().or_else(|error| broken(format!("no client: {error}")))?;
    let guard = Some(init(Guard::WITHIN).closing(&client));
    drop(client);
    let mut hands = Hands { transport, calls, flush: Some(flush), guard };
    for fork in 0..FORKS {
        same("children that could not", fork_once(fork, IN_CHILD, || hands.in_child(fork))?, 0)?;
        let stats = hands.transport.stats();
        let queue = stats.queue.unwrap_or_default();
        same("events and callers in line", (queue.events, queue.waiting), (ROOM, IN_LINE))?;
        same("accepted", stats.tally.accepted, ROOM as u64)?;
        same("state", hands.transport.state(), State::Active)?;
    }
    sign("forked");
    join(hands.calls)
    // And the guard closes what has nothing left.
}

fn judge_full(program: &mut Program, server: &Server) -> Outcome {
    program.signs("forked")?;
    let before = Arrivals::at(server)?;
    same("events of the parent before the server answers", before.count(0..CHILDREN), CONCURRENT)?;
    server.always(Answer::status(201));
    server.release();
    same("warnings", &*program.ends_well()?.warnings, &[])?;
    let arrivals = Arrivals::at(server)?;
    arrivals.no_copies()?;
    arrivals.all_of(0..OFFERED)?;
    same("events of the parent", arrivals.count(0..CHILDREN) as u64, OFFERED)?;
    let childs = arrivals.count(CHILDREN..u64::MAX) as u64;
    ensure(childs <= FORKS.div_ceil(OWN), || format!("{childs} events of children came"))
}

impl Hands {
    /// What a child does with all that, each another thing.
    fn in_child(&mut self, fork: u64) -> u8 {
        match fork % 6 {
            _ if fork.is_multiple_of(OWN) => self.sends_its_own(fork),
            0 | 1 => self.closes(),
            2 => self.asks_for_fates(),
            3 => {
                self.calls.clear();
                WELL
            }
            4 => {
                drop((self.guard.take(), self.flush.take()));
                self.calls.clear();
                self.closes()
            }
            _ => {
                drop((self.flush.take(), self.guard.take()));
                self.calls.clear();
                // The parent's handle is one of several here, and the last one in a program.
                drop(std::mem::replace(&mut self.transport, Arc::new(crate::builtin::Noop::new())));
                WELL
            }
        }
    }

    /// What is closed is the child's own, and empty.
    fn closes(&self) -> u8 {
        let report = blocking::close(&*self.transport, Deadline::after(LONG));
        let is_empty = report.is_ok_and(|report| report.is_clean() && report.tally.accepted == 0);
        if is_empty && self.transport.state() == State::Closed { WELL } else { WRONG }
    }

    /// Nothing of the parent's is heard of here, neither of events nor of room for them, and nobody waits for it.
    fn asks_for_fates(&mut self) -> u8 {
        let fates = polled(&mut self.calls);
        let are_unheard = fates.iter().all(|fate| *fate == Err(EmitErrorKind::WorkerLost));
        if are_unheard && (fates.len(), self.calls.len()) == (OFFERED as usize, 0) { WELL } else { WRONG }
    }

    /// An event that is accepted and not answered is all that this process knows of.
    fn sends_its_own(&mut self, fork: u64) -> u8 {
        let own = calls(&self.transport, CHILDREN + fork..CHILDREN + fork + 1);
        let Ok(mut own) = own else { return WRONG };
        let is_sent = polled(&mut own).is_empty();
        let report = blocking::close(&*self.transport, Deadline::after(PATIENCE));
        let is_own = report.is_ok_and(|report| (report.tally.accepted, report.tally.abandoned) == (1, 1));
        if is_sent && is_own { WELL } else { WRONG }
    }
}

/// Children are forked while the last events go out and nothing new may come.
fn closing(site: &Site<'_>) -> Outcome {
    let numbers = AtomicU64::new(0);
    for round in 0..ROUNDS {
        let transport = site.transport(EVENTS as usize, CONCURRENT);
        let first = numbers.fetch_add(EVENTS, Ordering::Relaxed);
        let mut events = calls(&transport, first..first + EVENTS)?;
        let early = polled(&mut events);
        ensure(early.iter().all(Result::is_ok), || format!("events of the parent were lost: {early:?}"))?;
        let mut closing: Option<Closing<'_>> = Some(transport.close(Deadline::after(LONG)));
        poll_once(&mut closing);
        for fork in round * MEANWHILE..(round + 1) * MEANWHILE {
            let child = || {
                drop(closing.take());
                events.clear();
                let closed = blocking::close(&*transport, Deadline::after(LONG));
                if closed.is_ok_and(|report| report.tally.accepted == 0) { WELL } else { WRONG }
            };
            same("children that could not", fork_once(fork, IN_CHILD, child)?, 0)?;
            poll_once(&mut closing);
        }
        join(events)?;
        let report = blocking::close(&*transport, Deadline::after(LONG));
        let is_clean = |report: &CloseReport| report.is_clean() && report.tally.delivered == EVENTS;
        ensure(report.as_ref().is_ok_and(is_clean), || format!("round {round}: {report:?}"))?;
    }
    Ok(())
}

fn judge_closes(program: &mut Program, server: &Server) -> Outcome {
    program.ends_well()?;
    let arrivals = Arrivals::at(server)?;
    arrivals.of_parent(ROUNDS * EVENTS)?;
    arrivals.of_children(0)
}

/// Polls a closing, and lets go of it when it has ended.
fn poll_once(closing: &mut Option<Closing<'_>>) {
    let mut cx = Context::from_waker(Waker::noop());
    if closing.as_mut().is_some_and(|closing| closing.as_mut().poll(&mut cx).is_ready()) {
        *closing = None;
    }
}

fn calls(transport: &Arc<dyn Transport>, numbers: std::ops::Range<u64>) -> Outcome<Vec<Call>> {
    let (accepted, _nobody) = mpsc::channel();
    let events = numbers.map(event);
    events.map(|event| Ok(call(transport, event?, Deadline::never(), accepted.clone()))).collect()
}

/// Polls each once and lets go of those that have ended: how they have.
fn polled(calls: &mut Vec<Call>) -> Vec<Result<(), EmitErrorKind>> {
    let mut cx = Context::from_waker(Waker::noop());
    let mut ended = Vec::new();
    calls.retain_mut(|call| match call.as_mut().poll(&mut cx) {
        Poll::Pending => true,
        Poll::Ready(fate) => {
            ended.push(fate.map(drop).map_err(|error| error.kind().clone()));
            false
        }
    });
    ended
}

/// Waits until they have all been delivered.
fn join(calls: Vec<Call>) -> Outcome {
    let fates = park_until(all(calls), Deadline::after(LONG));
    let fates = fates.map_or_else(|| broken("events of the parent have no fate"), Ok)?;
    ensure(fates.iter().all(Result::is_ok), || format!("events of the parent were lost: {fates:?}"))
}
