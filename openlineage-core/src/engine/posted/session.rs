use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Waker;
use std::time::Instant;

use tokio::sync::{Notify, oneshot};

use super::Plan;
use super::attendant::Attendant;
use super::connection::{ByPost, Posting};
use super::cork::{Cork, Outgoing};
use super::desk::{Desk, Heard};
use super::in_line::InLine;
use super::sleepers::Sleepers;
use crate::engine::Post;
use crate::engine::accepted::Accepted;
use crate::engine::closer::Life;
use crate::engine::fence::guarded;
use crate::engine::post::{Hear, Report};
use crate::engine::session::{Open, Session};
use crate::error::{EmitError, EmitErrorKind, Fault};
use crate::event::EncodedEvent;
use crate::lifecycle::{Deadline, Ended, State, Stats};
use crate::queue::QueueStats;
use crate::runtime::{Lease, ParkScope};
use crate::transport::{Receipt, Ticket};

/// One process's life of what events are posted to.
pub(super) struct PostSession<P: Post> {
    pub(super) base: Arc<Session<ByPost<P>>>,
    pub(super) desk: Mutex<Desk<Accepted, Caller<P>>>,
    cork: Cork<P>,
    sleepers: Sleepers,
    /// Looks at deadlines again: a sooner one has come, or there is none any more.
    pub(super) nudge: Notify,
    session: Weak<Self>,
    largest: usize,
    connections: AtomicU32,
    /// From the first connection to the end.
    lease: Mutex<Option<Lease>>,
}

/// Who waits for room.
pub(super) struct Caller<P: Post> {
    parcel: P::Parcel,
    event: EncodedEvent,
    ends: Option<Instant>,
    seat: oneshot::Sender<Seat<P>>,
}

/// What comes of waiting for room.
pub(super) enum Seat<P: Post> {
    Taken(Ticket),
    Refused(EmitError),
    /// The connection has gone: begin with the next one.
    Again(P::Parcel),
}

enum Handed<P: Post> {
    Posted(Ticket),
    InLine(InLine<P>),
    Again(P::Parcel),
}

impl<P: Post> PostSession<P> {
    pub(super) fn new(plan: &Plan<P>) -> Arc<Self> {
        Arc::new_cyclic(|session: &Weak<Self>| Self {
            base: Session::new(Arc::clone(&plan.shape), session.clone()),
            desk: Mutex::new(Desk::new(plan.events, plan.bytes)),
            cork: Cork::new(),
            sleepers: Sleepers::default(),
            nudge: Notify::new(),
            session: session.clone(),
            largest: plan.bytes.max(1),
            connections: AtomicU32::new(1),
            lease: Mutex::default(),
        })
    }

    pub(super) fn destination(&self) -> &P {
        &self.base.shape.destination.0
    }

    pub(super) fn desk(&self) -> MutexGuard<'_, Desk<Accepted, Caller<P>>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lease_slot(&self) -> MutexGuard<'_, Option<Lease>> {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn stats(&self) -> Stats {
        let desk = self.desk();
        let (events, bytes) = desk.used();
        let oldest_age = desk.oldest().map(|since| since.elapsed());
        let queue = QueueStats { events, bytes, oldest_age, waiting: desk.waiting(), paused: false };
        self.base.gate.stats().with_queue(queue, events as u64)
    }

    /// Posts the event, at once or when there is room; with `confirms` the event is given up at `until` as well.
    pub(super) async fn submit(
        self: &Arc<Self>,
        event: EncodedEvent,
        until: Deadline,
        confirms: bool,
    ) -> Result<Ticket, EmitError> {
        let refuse = |error| self.base.gate.refuse(error);
        let mut parcel = self.pack(&event).map_err(refuse)?;
        let ends = until.instant().filter(|_| confirms);
        loop {
            let open = match self.base.open() {
                Some(open) => open,
                None => self.started(until).await.map_err(refuse)?,
            };
            if ParkScope::refuses(&open.lease) {
                return Err(refuse(EmitError::refused(EmitErrorKind::WouldDeadlock)));
            }
            parcel = match self.hand_in(&open, parcel, &event, until, ends)? {
                Handed::Posted(ticket) => return Ok(ticket),
                Handed::Again(parcel) => {
                    // It may have gone before it was known to be there.
                    drop(self.base.take_open_if(|known| Arc::ptr_eq(&known.connection, &open.connection)));
                    parcel
                }
                Handed::InLine(line) => {
                    drop(open);
                    match line.await {
                        Seat::Taken(ticket) => return Ok(ticket),
                        Seat::Refused(error) => return Err(refuse(error)),
                        Seat::Again(parcel) => parcel,
                    }
                }
            };
        }
    }

    fn pack(&self, event: &EncodedEvent) -> Result<P::Parcel, EmitError> {
        let (bytes, limit) = (event.bytes().len(), self.largest);
        if bytes > limit {
            return Err(EmitError::refused(EmitErrorKind::TooLarge { bytes, limit }));
        }
        guarded(|| self.destination().pack(event)).map_err(EmitError::refused_by)
    }

    async fn started(&self, until: Deadline) -> Result<Arc<Open<ByPost<P>>>, EmitError> {
        let open = self.base.started(until).await?;
        *self.lease_slot() = Some(open.lease.clone());
        if self.base.gate.state() == State::Closed {
            drop(self.lease_slot().take());
        }
        Ok(open)
    }

    fn hand_in(
        self: &Arc<Self>,
        open: &Open<ByPost<P>>,
        parcel: P::Parcel,
        event: &EncodedEvent,
        until: Deadline,
        ends: Option<Instant>,
    ) -> Result<Handed<P>, EmitError> {
        let bytes = event.bytes().len();
        let mut desk = self.desk();
        if !desk.is_connected_to(open.connection.number) && self.base.gate.state() < State::Closing {
            return Ok(Handed::Again(parcel));
        }
        if desk.has_room(bytes) {
            let (number, ticket) = self.admit(&mut desk, &open.lease, event, ends)?;
            drop(desk);
            self.post(&open.connection, parcel, number);
            return Ok(Handed::Posted(ticket));
        }
        if self.base.gate.state() >= State::Closing {
            return Err(self.base.gate.refuse(EmitError::refused(EmitErrorKind::Closed)));
        }
        if until.has_passed() {
            return Err(self.base.gate.refuse(full(&desk)));
        }
        let (seat, seated) = oneshot::channel();
        let caller = Caller { parcel, event: event.clone(), ends, seat };
        let place = desk.stand(caller, bytes, until.instant());
        self.look_sooner(&mut desk, until.instant());
        Ok(Handed::InLine(InLine::new(self, place, seated)))
    }

    /// Takes the event on. From here it is settled and counted, whether or not anybody polls the ticket.
    fn admit(
        &self,
        desk: &mut Desk<Accepted, Caller<P>>,
        lease: &Lease,
        event: &EncodedEvent,
        ends: Option<Instant>,
    ) -> Result<(usize, Ticket), EmitError> {
        let permit = self.base.gate.admit()?;
        let (settle, ticket) = Ticket::pair_in(self.base.pid);
        let accepted = Accepted::new(self.base.pid, event, (permit, settle), &self.base.outlet, lease);
        let number = desk.take(accepted, event.bytes().len(), Instant::now(), ends);
        self.look_sooner(desk, ends);
        Ok((number, ticket))
    }

    fn look_sooner(&self, desk: &mut Desk<Accepted, Caller<P>>, at: Option<Instant>) {
        if at.is_some_and(|at| desk.rings_sooner(at)) {
            self.nudge.notify_one();
        }
    }

    fn post(&self, posting: &Arc<Posting<P>>, parcel: P::Parcel, number: usize) {
        if let Some(parcel) = self.cork.hold(posting, parcel, number) {
            self.post_now(posting, parcel, number);
        }
    }

    fn post_now(&self, posting: &Posting<P>, parcel: P::Parcel, number: usize) {
        if let Err(fault) = guarded(|| self.destination().post(&posting.connection, parcel, number)) {
            self.hear(&mut vec![(number, Err(fault))]);
        }
    }

    /// Wakes callers, who may send their next events at once: those go together.
    fn wake(&self, callers: Vec<Waker>) {
        let _until_all_are_awake = (callers.len() > 1 && self.cork.put_in()).then(|| Corked(self));
        self.sleepers.add(callers);
        self.sleepers.wake_all();
    }

    /// Posts what waits for room, in its order, as far as there is room.
    fn seat_line(self: &Arc<Self>) {
        while let Some(open) = self.base.open() {
            let mut desk = self.desk();
            // Whoever is at it looks again afterwards; with another connection those who wait begin again.
            if !desk.is_connected_to(open.connection.number) {
                return;
            }
            let Some((caller, _)) = desk.seat() else { return };
            if caller.seat.is_closed() {
                desk.seated();
                continue;
            }
            let admitted = self.admit(&mut desk, &open.lease, &caller.event, caller.ends);
            drop(desk);
            let seat = match admitted {
                Ok((number, ticket)) => {
                    self.post(&open.connection, caller.parcel, number);
                    Seat::Taken(ticket)
                }
                // It is counted where the caller hears of it.
                Err(error) => Seat::Refused(error),
            };
            drop(caller.seat.send(seat));
            self.desk().seated();
        }
    }

    pub(super) fn leave(self: &Arc<Self>, place: u64) {
        drop(self.desk().leave(place));
        self.seat_line();
    }

    /// Starts to serve a new connection, on the worker.
    pub(super) fn attend(self: &Arc<Self>, make: impl FnOnce(u32) -> Arc<Posting<P>>) -> Arc<Posting<P>> {
        let posting = make(self.connections.fetch_add(1, Ordering::Relaxed));
        self.desk().connect(posting.number);
        tokio::spawn(Attendant::new(self, &posting).run());
        posting
    }

    pub(super) async fn confirmed(&self, ticket: Ticket) -> Result<Receipt, EmitError> {
        let outcome = ticket.heard_here().await;
        // In a forked child they are the parent's.
        if self.sleepers.are_there() && self.base.pid == process::id() {
            self.sleepers.wake_others();
        }
        if matches!(&outcome, Err(error) if *error.kind() == EmitErrorKind::WorkerLost) {
            self.fault();
        }
        outcome
    }

    pub(super) fn failed(&self, fault: Fault) -> EmitError {
        EmitError::failed(fault, 1).at(&self.base.shape.info)
    }

    pub(super) fn tell_all(&self, lost: Vec<Accepted>, error: &EmitError) {
        let error = error.clone().at(&self.base.shape.info);
        lost.into_iter().for_each(|accepted| accepted.settle(Err(error.clone())));
    }

    /// The worker is gone: nothing that is pending can still be settled.
    pub(super) fn fault(&self) {
        // In a forked child it is the parent's worker, which carries on there.
        if self.base.pid != process::id() {
            return;
        }
        drop(self.base.gate.begin_close(Deadline::now()));
        self.end(EmitErrorKind::WorkerLost);
        self.base.gate.finish(Ended::Faulted, Vec::new());
        drop((self.base.take_open(), self.lease_slot().take()));
    }

    fn end(&self, kind: EmitErrorKind) {
        self.dismiss();
        let lost = self.desk().give_up();
        self.tell_all(lost, &EmitError::abandoned(Fault::new(kind), 1));
    }

    fn dismiss(&self) {
        let line = self.desk().dismiss();
        line.into_iter().for_each(|caller| caller.refuse(EmitErrorKind::Closed));
    }
}

impl<P: Post> Caller<P> {
    pub(super) fn refuse(self, kind: EmitErrorKind) {
        // Whoever does not listen any more has left.
        drop(self.seat.send(Seat::Refused(EmitError::refused(kind))));
    }

    pub(super) fn begin_again(self) {
        drop(self.seat.send(Seat::Again(self.parcel)));
    }
}

pub(super) fn full<H, W>(desk: &Desk<H, W>) -> EmitError {
    EmitError::refused(EmitErrorKind::QueueFull { capacity: desk.capacity() })
}

/// A cork that comes out in the end, whatever happens until then.
struct Corked<'a, P: Post>(&'a PostSession<P>);

impl<P: Post> Drop for Corked<'_, P> {
    fn drop(&mut self) {
        loop {
            let held = self.0.cork.take();
            if held.is_empty() {
                return;
            }
            for Outgoing { posting, parcel, number } in held {
                self.0.post_now(&posting, parcel, number);
            }
        }
    }
}

impl<P: Post> Hear for PostSession<P> {
    fn hear(&self, reports: &mut Vec<Report>) {
        let (mut told, mut late) = (Vec::with_capacity(reports.len()), 0);
        let mut desk = self.desk();
        for (number, answer) in reports.drain(..) {
            match desk.hear(number) {
                Heard::Settled(accepted, since) => told.push((accepted, since, answer)),
                Heard::Late => late += u64::from(answer.is_ok()),
                Heard::Unknown => {}
            }
        }
        drop(desk);
        let now = Instant::now();
        let settled = told.into_iter().filter_map(|(accepted, since, answer)| {
            let receipt = |()| Receipt::new(1, now.saturating_duration_since(since));
            accepted.settle_first(answer.map(receipt).map_err(|fault| self.failed(fault)))
        });
        // Those who were answered together are woken together, so that what they send next goes together.
        let waiting: Vec<Waker> = settled.collect();
        self.base.gate.count_late(late);
        self.wake(waiting);
        if let Some(session) = self.session.upgrade() {
            session.seat_line();
        }
    }
}

impl<P: Post> Life for PostSession<P> {
    type Destination = ByPost<P>;

    fn base(&self) -> &Session<ByPost<P>> {
        &self.base
    }

    fn lease(&self) -> Option<Lease> {
        let lease = self.lease_slot().clone();
        lease.or_else(|| self.base.open().map(|open| open.lease.clone()))
    }

    fn press(self: &Arc<Self>) {
        self.dismiss();
    }

    fn give_up(&self) -> u64 {
        let abandoned = self.base.gate.abandon();
        self.end(EmitErrorKind::Closed);
        abandoned
    }

    fn release(&self) {
        drop(self.lease_slot().take());
    }
}
