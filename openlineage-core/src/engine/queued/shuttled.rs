//! The shell under a scheduler that tries out interleavings: callers, attempts, the keeper and a closing at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use shuttle::rand::{Rng, thread_rng};
use shuttle::sync::Mutex;
use shuttle::sync::mpsc::{Receiver, Sender, channel};
use shuttle::{check_random, future, thread};

use self::shell::{Shell, Taken};
use super::work::{Job, Keeper, Work};
use crate::error::{EmitErrorKind, Fault, Sent};
use crate::event::EncodedEvent;
use crate::lifecycle::{Closing, Deadline, Ended, Fate, Gate, Tally};
use crate::queue::{Limits, Slot, WhenFull};
use crate::retry::RetryPolicy;
use crate::transport::{Ticket, TransportInfo, Withdraw};
use crate::undelivered::Outlet;

/// The same source with another lock.
#[expect(clippy::duplicate_mod, reason = "compiled once more on purpose")]
#[path = "shell.rs"]
mod shell;

mod sync {
    pub(super) use std::sync::PoisonError;

    pub(super) use shuttle::sync::{Mutex, MutexGuard};
}

const CALLERS: usize = 3;
const EVENTS: usize = 3;
const RUNS: usize = 2;
const CARRIERS: usize = 2;

/// Turns of the shell in all iterations.
static TURNS: AtomicUsize = AtomicUsize::new(0);

enum Message {
    Job(Job),
    Look,
    End,
}

/// Stands for the worker: takes on what a turn leaves to do.
struct Worker {
    shell: Shell,
    gate: Gate,
    info: TransportInfo,
    outlet: Outlet,
    intake: Mutex<Sender<Message>>,
    /// Number of the event that each run began last.
    begun: [Mutex<Option<usize>>; CALLERS * RUNS],
}

impl Worker {
    fn act(&self, mut work: Work) {
        TURNS.fetch_add(1, Ordering::Relaxed);
        let intake = self.intake.lock().unwrap();
        for job in work.jobs.drain(..) {
            intake.send(Message::Job(job)).unwrap();
        }
        if work.keeper == Some(Keeper::Start) {
            intake.send(Message::Look).unwrap();
        }
        drop(intake);
        work.tell(&self.info, &self.outlet, None);
    }

    fn carry(&self, messages: &Mutex<Receiver<Message>>) {
        loop {
            let message = messages.lock().unwrap().recv().unwrap();
            match message {
                Message::Job(job) if chance(20) == 0 => {
                    self.act(self.shell.lost(job));
                    self.act(self.shell.look());
                }
                Message::Job(job) => {
                    let result = self.attempt(&job.event);
                    self.act(self.shell.attempted(job, Some(result)));
                }
                Message::Look => {
                    while self.shell.next_look().is_some() {
                        self.act(self.shell.look());
                        thread::yield_now();
                    }
                }
                Message::End => return,
            }
        }
    }

    /// What becomes of an attempt depends on chance; that an event never overtakes another of its run does not.
    fn attempt(&self, event: &EncodedEvent) -> Result<(), Fault> {
        let (run, number) = place(event);
        let mut begun = self.begun[run].lock().unwrap();
        assert!(begun.is_none_or(|last| last <= number), "event {number} of run {run} came after {begun:?}");
        *begun = Some(number);
        drop(begun);
        match chance(5) {
            0 => Err(Fault::new(EmitErrorKind::Unreachable).sent(Sent::No)),
            1 => Err(Fault::new(EmitErrorKind::Unavailable { code: 500 })),
            2 => Err(Fault::new(EmitErrorKind::Rejected { code: 400 })),
            _ => Ok(()),
        }
    }
}

impl Withdraw for Worker {
    fn withdraw(&self, number: u64) -> bool {
        let work = self.shell.take_back(Slot((number >> 32) as u32), number as u32);
        work.map(|work| self.act(work)).is_some()
    }
}

/// What one caller found out about its events.
#[derive(Default)]
struct Heard {
    accepted: Vec<Fate>,
    refused: usize,
}

/// Hands over events of two runs of its own, one after the other; gives up waiting for room now and then.
fn call(worker: &Worker, caller: usize, until: Deadline) -> Heard {
    let mut heard = Heard::default();
    let mut tickets = Vec::new();
    for number in 0..EVENTS {
        let Ok((taken, work)) = worker.shell.submit(event(caller * RUNS + number % RUNS, number), until, None) else {
            heard.refused += 1;
            continue;
        };
        worker.act(work);
        match taken {
            Taken::Accepted(ticket) => {
                let _withdrawn = chance(4) == 0 && ticket.withdraw();
                tickets.push(ticket);
            }
            Taken::InLine(place, ticket, seated) => {
                let withdrawn = if chance(3) == 0 { worker.shell.withdraw(place) } else { None };
                let is_withdrawn = withdrawn.map(|work| worker.act(work)).is_some();
                match if is_withdrawn { None } else { future::block_on(seated).unwrap().ok() } {
                    Some(()) => tickets.push(ticket),
                    None => heard.refused += 1,
                }
            }
        }
    }
    heard.accepted = tickets.into_iter().map(fate).collect();
    heard
}

fn fate(ticket: Ticket) -> Fate {
    future::block_on(ticket).map_or_else(|error| error.fate(), |_| Fate::Delivered)
}

/// Closes while the callers are at it: drains, or gives everything up.
fn close(worker: &Worker, drains: bool) {
    if !matches!(worker.gate.begin_close(Deadline::never()), Closing::Begun) {
        return;
    }
    worker.act(worker.shell.press());
    if drains {
        future::block_on(worker.gate.settled());
        worker.gate.finish(Ended::Drained, Vec::new());
    } else {
        worker.gate.abandon();
        worker.act(worker.shell.give_up(&EmitErrorKind::Closed));
    }
}

fn life(when_full: WhenFull, drains: bool) {
    let info = TransportInfo::new("shuttled");
    let gate = Gate::new(info.clone());
    let retry = RetryPolicy { total: Some(1), backoff_factor: Duration::ZERO, jitter: false, ..RetryPolicy::default() };
    let limits = Limits { events: 2, concurrent: 2, when_full, ..Limits::default() };
    let (intake, messages) = channel();
    let begun = std::array::from_fn(|_| Mutex::new(None));
    let (intake, outlet) = (Mutex::new(intake), Outlet::new(None));
    let worker = Arc::new_cyclic(|worker: &Weak<Worker>| {
        let shell = Shell::new(worker.clone(), gate.clone(), retry, limits, false);
        Worker { shell, gate, info, outlet, intake, begun }
    });

    let messages = Arc::new(Mutex::new(messages));
    let spawn_carrier = |_| {
        let (worker, messages) = (Arc::clone(&worker), Arc::clone(&messages));
        thread::spawn(move || worker.carry(&messages))
    };
    let carriers: Vec<_> = (0..CARRIERS).map(spawn_carrier).collect();
    let spawn_caller = |caller| {
        let worker = Arc::clone(&worker);
        let until = if caller == 0 { Deadline::now() } else { Deadline::never() };
        thread::spawn(move || call(&worker, caller, until))
    };
    let callers: Vec<_> = (0..CALLERS).map(spawn_caller).collect();
    // Now and then before the first event, mostly in the middle, now and then after the last.
    (0..chance(200)).for_each(|_| thread::yield_now());
    close(&worker, drains);
    let heard: Vec<Heard> = callers.into_iter().map(|caller| caller.join().unwrap()).collect();
    // A transport that nobody had used when it was closed has refused them all.
    (0..CARRIERS).for_each(|_| worker.intake.lock().unwrap().send(Message::End).unwrap());
    carriers.into_iter().for_each(|carrier| carrier.join().unwrap());
    agree(&heard, &worker);
}

/// What the callers heard is what was counted, and nothing is left.
fn agree(heard: &[Heard], worker: &Worker) {
    let stats = worker.shell.stats();
    let count = |fate| heard.iter().flat_map(|heard| &heard.accepted).filter(|heard| **heard == fate).count() as u64;
    let Tally { accepted, delivered, failed, abandoned, .. } = stats.tally;
    assert_eq!((delivered, failed, abandoned), (count(Fate::Delivered), count(Fate::Failed), count(Fate::Abandoned)));
    assert_eq!(accepted, delivered + failed + abandoned);
    let refused: usize = heard.iter().map(|heard| heard.refused).sum();
    assert_eq!(accepted + refused as u64, (CALLERS * EVENTS) as u64);
    let queue = stats.queue.unwrap();
    assert_eq!((queue.events, queue.bytes, queue.waiting, stats.in_flight), (0, 0, 0, 0));
}

fn chance(of: usize) -> usize {
    thread_rng().gen_range(0..of)
}

fn event(run: usize, number: usize) -> EncodedEvent {
    let json = format!(r#"{{"eventTime":"{number}","run":{{"runId":"{run}"}},"job":{{"namespace":"n","name":"j"}}}}"#);
    EncodedEvent::from_json(json).unwrap()
}

fn place(event: &EncodedEvent) -> (usize, usize) {
    (event.run_id().unwrap().parse().unwrap(), event.event_time().unwrap().parse().unwrap())
}

#[test]
fn every_event_has_one_fate_whoever_comes_first() {
    const ITERATIONS: usize = 1_000;
    for when_full in [WhenFull::Wait, WhenFull::DropOldest] {
        for drains in [true, false] {
            check_random(move || life(when_full, drains), ITERATIONS);
        }
    }
    let turns = TURNS.load(Ordering::Relaxed);
    assert!(turns > 20_000, "{turns} turns are too few to mean anything");
}
