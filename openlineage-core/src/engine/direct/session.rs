use std::process;
use std::sync::Arc;
use std::time::Instant;

use crate::engine::Deliver;
use crate::engine::accepted::Accepted;
use crate::engine::bounded::{first, within};
use crate::engine::closer::Life;
use crate::engine::fence::fenced;
use crate::engine::session::{Open, Session, Tasks};
use crate::error::{EmitError, EmitErrorKind, Fault};
use crate::event::EncodedEvent;
use crate::lifecycle::{Deadline, Ended};
use crate::retry::Attempts;
use crate::runtime::{Lease, ParkScope};
use crate::transport::{Receipt, Ticket};

impl<D: Deliver> Session<D> {
    pub(super) async fn emit(self: &Arc<Self>, event: EncodedEvent, until: Deadline) -> Result<Receipt, EmitError> {
        let open = match self.open() {
            Some(open) => open,
            None => self.started(until).await.map_err(|error| self.gate.refuse(error))?,
        };
        if ParkScope::refuses(&open.lease) {
            return Err(self.gate.refuse(EmitError::refused(EmitErrorKind::WouldDeadlock)));
        }
        let outcome = self.accept(open, event, until)?.heard_here().await;
        if matches!(&outcome, Err(error) if *error.kind() == EmitErrorKind::WorkerLost) {
            self.fault();
        }
        outcome
    }

    /// Takes the event on. From here it is settled and counted, whether or not anybody polls the ticket.
    fn accept(self: &Arc<Self>, open: Arc<Open<D>>, event: EncodedEvent, until: Deadline) -> Result<Ticket, EmitError> {
        let permit = self.gate.admit()?;
        let (settle, ticket) = Ticket::pair_in(self.pid);
        let accepted = Accepted::new(self.pid, &event, (permit, settle), &self.outlet, &open.lease);
        let (session, running) = (Arc::clone(self), Tasks::enter(self));
        let lease = open.lease.clone();
        lease.take_on(move || async move {
            let outcome = session.carry(&open, &event, until).await;
            // The connection is let go before the count moves, so that close finds nothing open.
            drop((open, event));
            accepted.settle(outcome);
            // At last: a close that finds nothing running finds in the outlet whatever was lost.
            drop(running);
        });
        Ok(ticket)
    }

    async fn carry(&self, open: &Open<D>, event: &EncodedEvent, until: Deadline) -> Result<Receipt, EmitError> {
        let began = Instant::now();
        let attempts = Attempts::default();
        let carried = attempts.run(&self.shape.retry, until, |limit| async move {
            let attempt = fenced(self.shape.destination.deliver(&open.connection, event, limit));
            within(limit, attempt).await.unwrap_or_else(|| Err(Fault::new(EmitErrorKind::Timeout)))
        });
        let carried = first(carried, self.tasks.cancelled()).await;
        let outcome = carried.unwrap_or_else(|| Err(attempts.abandon(EmitErrorKind::Closed)));
        outcome.map(|attempts| Receipt::new(attempts, began.elapsed())).map_err(|error| error.at(&self.shape.info))
    }

    /// The worker is gone: nothing that is pending can still be settled.
    fn fault(&self) {
        // In a forked child it is the parent's worker, which carries on there.
        if self.pid != process::id() {
            return;
        }
        drop(self.gate.begin_close(Deadline::now()));
        self.gate.finish(Ended::Faulted, Vec::new());
        drop(self.take_open());
    }
}

impl<D: Deliver> Life for Session<D> {
    type Destination = D;

    fn base(&self) -> &Self {
        self
    }

    fn lease(&self) -> Option<Lease> {
        self.open().map(|open| open.lease.clone())
    }

    fn press(self: &Arc<Self>) {}

    fn give_up(&self) -> u64 {
        self.gate.abandon()
    }

    /// Goes with the connection.
    fn release(&self) {}
}
