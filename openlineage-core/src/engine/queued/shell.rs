use std::process;
use std::sync::Weak;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::sync::{Mutex, MutexGuard, PoisonError};
use crate::engine::queued::held::{Held, Trouble, cut_off, given_up};
use crate::engine::queued::work::{Alarm, Job, Seat, Work};
use crate::error::{Disposition, EmitError, EmitErrorKind, Fault, Sent};
use crate::event::{EncodedEvent, Stowed};
use crate::lifecycle::{Deadline, Gate, State, Stats};
use crate::queue::{Expired, Limits, Machine, Offer, Place, Slot, WhenFull, Word};
use crate::retry::{Next, RetryPolicy, Spent};
use crate::transport::{Receipt, Settle, Ticket, Withdraw};

/// The queue with its lock: what callers, attempts, the keeper and a closing do to it, each in one turn.
///
/// Nothing is told, woken or started under the lock; every turn returns that as [`Work`].
pub(super) struct Shell {
    /// Takes events back for whoever has their tickets.
    queue: Weak<dyn Withdraw>,
    pid: u32,
    gate: Gate,
    retry: RetryPolicy,
    limits: Limits,
    compress: bool,
    state: Mutex<Inside>,
}

struct Inside {
    machine: Machine<Held, InLine>,
    alarm: Alarm,
}

/// An event in the line for room.
struct InLine {
    event: Stowed,
    settle: Settle,
    seat: Seat,
}

/// What became of an event that was handed over.
pub(super) enum Taken {
    Accepted(Ticket),
    /// There is no room; the answer says whether some came free in time.
    InLine(Place, Ticket, oneshot::Receiver<Result<(), EmitError>>),
}

impl Shell {
    pub(super) fn new(
        queue: Weak<dyn Withdraw>,
        gate: Gate,
        retry: RetryPolicy,
        limits: Limits,
        compress: bool,
    ) -> Self {
        let state = Mutex::new(Inside { machine: Machine::new(limits), alarm: Alarm::default() });
        Self { queue, pid: process::id(), gate, retry, limits, compress, state }
    }

    /// Takes an event on, or puts it into the line for room until `until`.
    ///
    /// With `fate_by` the event itself is given up then.
    pub(super) fn submit(
        &self,
        event: EncodedEvent,
        until: Deadline,
        fate_by: Option<Deadline>,
    ) -> Result<(Taken, Work), EmitError> {
        let lane = event.lane();
        let event = event.stow(self.compress);
        let (bytes, limit) = (event.len(), self.limits.bytes);
        if bytes > limit {
            return Err(self.gate.refuse(EmitError::refused(EmitErrorKind::TooLarge { bytes, limit })));
        }
        let now = Instant::now();
        let age = self.limits.max_age.and_then(|age| now.checked_add(age));
        let deadline = fate_by.and_then(Deadline::instant).into_iter().chain(age).min();
        let (settle, ticket) = Ticket::pair_in(self.pid);
        let mut work = Work::default();
        let mut inside = self.inside();
        if !self.can_have_room(&inside.machine, bytes) {
            let (seat, seated) = oneshot::channel();
            let in_line = InLine { event, settle, seat };
            let place = self.line_up(&mut inside, Offer { lane, bytes, deadline, item: in_line }, until)?;
            self.turn(&mut inside, now, &mut work);
            return Ok((Taken::InLine(place, ticket, seated), work));
        }
        let permit = self.gate.admit()?;
        while !inside.machine.has_room(bytes) {
            let Some(held) = inside.machine.take_oldest() else { break };
            Self::abandon(held, EmitErrorKind::Displaced, &mut work);
        }
        let item = Held { event: Some(event), permit, settle, trouble: None };
        self.accept(&mut inside.machine, Offer { lane, bytes, deadline, item }, now);
        self.turn(&mut inside, now, &mut work);
        Ok((Taken::Accepted(ticket), work))
    }

    /// Leaves the line for room; whoever stood behind may fit. `None` if the event was accepted before, or has been told
    /// otherwise.
    pub(super) fn withdraw(&self, place: Place) -> Option<Work> {
        let mut inside = self.inside();
        let in_line = inside.machine.withdraw(place)?;
        let mut work = Work::default();
        self.turn(&mut inside, Instant::now(), &mut work);
        drop(inside);
        drop(in_line);
        Some(work)
    }

    /// Takes an accepted event back, of which nothing has been sent. `None` if that cannot be said any more.
    pub(super) fn take_back(&self, slot: Slot, mark: u32) -> Option<Work> {
        let mut work = Work::default();
        let mut inside = self.inside();
        let held = inside.machine.take_if(slot, |held| held.mark() == mark && held.is_unsent())?;
        Self::fail(held, EmitErrorKind::Timeout, &mut work);
        self.turn(&mut inside, Instant::now(), &mut work);
        Some(work)
    }

    /// An attempt has ended; `None` if it was cut off.
    pub(super) fn attempted(&self, job: Job, result: Option<Result<(), Fault>>) -> Work {
        let mut work = Work::default();
        let now = Instant::now();
        let mut inside = self.inside();
        match result {
            Some(Ok(())) => {
                let took = now.saturating_duration_since(inside.machine.accepted(job.slot));
                let held = inside.machine.finish(job.slot, Word::Answered);
                let attempts = held.trouble.as_ref().map_or(0, |trouble| trouble.spent.attempts()) + 1;
                work.settled(held, None, Ok(Receipt::new(attempts, took)));
            }
            Some(Err(fault)) => self.failed(&mut inside.machine, job, fault, now, &mut work),
            None => Self::cut_off(&mut inside.machine, job, EmitErrorKind::Closed, &mut work),
        }
        self.turn(&mut inside, now, &mut work);
        work
    }

    /// An attempt was lost with its runtime, and so is everything that waits.
    pub(super) fn lost(&self, job: Job) -> Work {
        let mut work = Work::default();
        Self::cut_off(&mut self.inside().machine, job, EmitErrorKind::WorkerLost, &mut work);
        work
    }

    /// Moves on what time has ended.
    pub(super) fn look(&self) -> Work {
        let mut work = Work::default();
        self.turn(&mut self.inside(), Instant::now(), &mut work);
        work
    }

    /// The moment for the keeper to look again; `None` ends it.
    pub(super) fn next_look(&self) -> Option<Instant> {
        let mut inside = self.inside();
        let next = inside.machine.next_wake();
        inside.alarm.looked(next)
    }

    /// A closing has begun: nobody gets in from the line, and what waits for another attempt gets it now.
    pub(super) fn press(&self) -> Work {
        let mut work = Work::default();
        let mut inside = self.inside();
        while let Some(in_line) = inside.machine.turn_away() {
            work.seat(in_line.seat, Err(self.gate.refuse(EmitError::refused(EmitErrorKind::Closed))));
        }
        inside.machine.press();
        self.turn(&mut inside, Instant::now(), &mut work);
        work
    }

    /// Abandons what is not under way.
    pub(super) fn give_up(&self, kind: &EmitErrorKind) -> Work {
        let mut work = Work::default();
        let mut inside = self.inside();
        while let Some(in_line) = inside.machine.turn_away() {
            work.seat(in_line.seat, Err(self.gate.refuse(EmitError::refused(kind.clone()))));
        }
        while let Some(held) = inside.machine.take_oldest() {
            Self::abandon(held, kind.clone(), &mut work);
        }
        work
    }

    /// Fates are counted right after the event has left the queue: for a moment the tally may know more pending events.
    pub(super) fn stats(&self) -> Stats {
        let inside = self.inside();
        let (queue, under_way) = (inside.machine.stats(Instant::now()), inside.machine.under_way());
        self.gate.stats().with_queue(queue, under_way as u64)
    }

    fn accept(&self, machine: &mut Machine<Held, InLine>, offer: Offer<Held>, now: Instant) {
        let slot = machine.accept(offer, now);
        let held = machine.item(slot);
        held.settle.withdrawn_by(self.queue.clone(), u64::from(slot.0) << 32 | u64::from(held.mark()));
    }

    fn can_have_room(&self, machine: &Machine<Held, InLine>, bytes: usize) -> bool {
        match self.limits.when_full {
            WhenFull::Wait => machine.has_room(bytes),
            WhenFull::DropOldest => machine.could_have_room(bytes),
        }
    }

    fn line_up(&self, inside: &mut Inside, offer: Offer<InLine>, until: Deadline) -> Result<Place, EmitError> {
        // Looked at under the lock: a closing that begins later finds the line as this leaves it.
        if self.gate.state() >= State::Closing {
            return Err(self.gate.refuse(EmitError::refused(EmitErrorKind::Closed)));
        }
        if until.has_passed() {
            return Err(self.gate.refuse(self.full()));
        }
        Ok(inside.machine.wait(offer, until.instant()))
    }

    fn full(&self) -> EmitError {
        EmitError::refused(EmitErrorKind::QueueFull { capacity: self.limits.events })
    }

    fn failed(&self, machine: &mut Machine<Held, InLine>, job: Job, fault: Fault, now: Instant, work: &mut Work) {
        let left = machine.deadline(job.slot).map(|deadline| deadline.saturating_duration_since(now));
        let trouble = machine.item(job.slot).trouble.take();
        let (mut spent, sent, last) = match trouble {
            None => (Spent::default(), fault.was_sent(), None),
            Some(trouble) if trouble.sent == Sent::Maybe => (trouble.spent, Sent::Maybe, Some(trouble.last)),
            Some(trouble) => (trouble.spent, fault.was_sent(), Some(trouble.last)),
        };
        let next = self.retry.next(&mut spent, &fault, left);
        let pause = self.pause(&fault, machine.failures()).map(|pause| later(now, pause));
        let word = match pause {
            Some(until) => Word::Away(until),
            None if is_answer(fault.kind()) => Word::Answered,
            None => Word::Silent,
        };
        match next {
            Next::Stop(disposition) => {
                let attempts = spent.attempts();
                let fault = self.last_fault(machine, job.slot, fault, last, now).with_disposition(disposition);
                let held = machine.finish(job.slot, word);
                work.settled(held, Some(job.event), Err(EmitError::failed(fault, attempts)));
            }
            Next::Retry(rest) => {
                tracing::debug!(attempt = spent.attempts(), %fault, ?rest, "attempt failed, will try again");
                let held = machine.item(job.slot);
                held.trouble = Some(Box::new(Trouble { spent, sent, last: fault }));
                held.event = Some(job.event.stow(self.compress));
                machine.retry(job.slot, word, pause.is_none().then(|| later(now, rest)));
            }
        }
    }

    /// How long the destination is left alone after this fault, if it is the one to blame.
    fn pause(&self, fault: &Fault, failures: u32) -> Option<Duration> {
        let is_away = match fault.kind() {
            EmitErrorKind::Start | EmitErrorKind::Unreachable | EmitErrorKind::Throttled { .. } => true,
            EmitErrorKind::Unavailable { code } => *code == 503,
            // Of a destination that has just failed, silence is no sign of life.
            EmitErrorKind::Timeout => failures > 0,
            _ => false,
        };
        is_away.then(|| match fault.disposition() {
            Disposition::Transient { after: Some(asked) } if self.retry.respect_retry_after => asked,
            _ => self.retry.jittered_pause(failures + 1),
        })
    }

    /// A time-out says nothing about the destination; the failure before it does. An age limit is not the attempt's.
    fn last_fault(
        &self,
        machine: &Machine<Held, InLine>,
        slot: Slot,
        fault: Fault,
        last: Option<Fault>,
        now: Instant,
    ) -> Fault {
        if *fault.kind() != EmitErrorKind::Timeout {
            return fault;
        }
        let sent = fault.was_sent();
        let kind = self.kind_of_end(machine.accepted(slot), now);
        match (kind, last) {
            (EmitErrorKind::Expired, last) => {
                Fault::new(EmitErrorKind::Expired).sent(sent).because(last.unwrap_or(fault))
            }
            (_, Some(last)) => fault.because(last),
            (_, None) => fault,
        }
    }

    /// Time has ended an event: its age, or its caller's deadline?
    fn kind_of_end(&self, accepted: Instant, now: Instant) -> EmitErrorKind {
        match self.limits.max_age {
            Some(age) if now.saturating_duration_since(accepted) >= age => EmitErrorKind::Expired,
            _ => EmitErrorKind::Timeout,
        }
    }

    fn cut_off(machine: &mut Machine<Held, InLine>, job: Job, kind: EmitErrorKind, work: &mut Work) {
        let mut held = machine.finish(job.slot, Word::Silent);
        let error = cut_off(kind, held.trouble.take());
        work.settled(held, Some(job.event), Err(error));
    }

    fn fail(mut held: Held, kind: EmitErrorKind, work: &mut Work) {
        let (fault, attempts) = given_up(kind, held.trouble.take());
        work.settled(held, None, Err(EmitError::failed(fault, attempts)));
    }

    fn abandon(mut held: Held, kind: EmitErrorKind, work: &mut Work) {
        let (fault, attempts) = given_up(kind, held.trouble.take());
        work.settled(held, None, Err(EmitError::abandoned(fault, attempts)));
    }

    /// Ends what time has ended, lets in whom there is room for, starts what may start.
    fn turn(&self, inside: &mut Inside, now: Instant, work: &mut Work) {
        let machine = &mut inside.machine;
        while let Some(expired) = machine.expire(now) {
            match expired {
                Expired::Event(accepted, held) => Self::fail(held, self.kind_of_end(accepted, now), work),
                Expired::Offer(in_line) => work.seat(in_line.seat, Err(self.gate.refuse(self.full()))),
            }
        }
        self.let_in(machine, now, work);
        while let Some(slot) = machine.start(now) {
            let until = machine.deadline(slot).map_or_else(Deadline::never, Deadline::at);
            if let Some(event) = machine.item(slot).event.take() {
                work.jobs.push(Job { slot, event: event.event(), until });
            }
        }
        work.keeper = inside.alarm.set(inside.machine.next_wake());
    }

    /// Lets in the line as far as there is room, which is made where that is wanted.
    fn let_in(&self, machine: &mut Machine<Held, InLine>, now: Instant, work: &mut Work) {
        loop {
            while let Some(Offer { lane, bytes, deadline, item }) = machine.admit() {
                let InLine { event, settle, seat } = item;
                match self.gate.admit() {
                    Ok(permit) => {
                        let item = Held { event: Some(event), permit, settle, trouble: None };
                        self.accept(machine, Offer { lane, bytes, deadline, item }, now);
                        work.seat(seat, Ok(()));
                    }
                    Err(error) => work.seat(seat, Err(error)),
                }
            }
            if self.limits.when_full != WhenFull::DropOldest || !machine.could_admit() {
                return;
            }
            let Some(held) = machine.take_oldest() else { return };
            Self::abandon(held, EmitErrorKind::Displaced, work);
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A destination may ask for a pause beyond what the clock can tell.
fn later(now: Instant, pause: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
    now.checked_add(pause).unwrap_or(now + YEAR)
}

/// Did the destination answer at all?
fn is_answer(kind: &EmitErrorKind) -> bool {
    use EmitErrorKind::{Rejected, Throttled, TooLarge, Unauthorized, Unavailable};
    matches!(kind, Rejected { .. } | Throttled { .. } | TooLarge { .. } | Unauthorized { .. } | Unavailable { .. })
}
