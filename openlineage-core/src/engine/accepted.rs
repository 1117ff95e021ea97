use std::process;
use std::task::Waker;

use crate::error::{EmitError, EmitErrorKind, Fault};
use crate::event::EncodedEvent;
use crate::lifecycle::Permit;
use crate::runtime::Lease;
use crate::transport::{Receipt, Settle};
use crate::undelivered::Outlet;

/// One accepted event until its fate is counted, passed to the hook if it is lost, and told, in this order.
///
/// Dropped before that, its worker is gone and the event is abandoned.
pub(super) struct Accepted {
    pid: u32,
    duties: Option<(Permit, Settle)>,
    outlet: Option<Box<(Outlet, Lease, EncodedEvent)>>,
}

impl Accepted {
    /// The event and the lease are kept only if there is a hook to hand the event to, on the lease.
    pub(super) fn new(
        pid: u32,
        event: &EncodedEvent,
        duties: (Permit, Settle),
        outlet: &Outlet,
        lease: &Lease,
    ) -> Self {
        let outlet = outlet.is_wanted().then(|| Box::new((outlet.clone(), lease.clone(), event.clone())));
        Self { pid, duties: Some(duties), outlet }
    }

    /// What is counted decides what is told: an answer that comes after the event was given up is late.
    pub(super) fn settle(mut self, outcome: Result<Receipt, EmitError>) {
        self.end(outcome).into_iter().for_each(Waker::wake);
    }

    /// The same, with whoever waits for it left to be woken by the caller, who has more to settle.
    pub(super) fn settle_first(mut self, outcome: Result<Receipt, EmitError>) -> Option<Waker> {
        self.end(outcome)
    }

    fn end(&mut self, outcome: Result<Receipt, EmitError>) -> Option<Waker> {
        let (permit, settle) = self.duties.take()?;
        let outcome = permit.settle(outcome);
        if let (Err(error), Some(kept)) = (&outcome, &self.outlet) {
            let (outlet, lease, event) = &**kept;
            outlet.push(event, error);
            outlet.run(lease);
        }
        settle.settle_first(outcome)
    }
}

impl Drop for Accepted {
    fn drop(&mut self) {
        // In a forked child it is the parent's; its parts know that themselves.
        if self.duties.is_some() && self.pid == process::id() {
            let lost = EmitError::abandoned(Fault::new(EmitErrorKind::WorkerLost), 0);
            self.end(Err(lost)).into_iter().for_each(Waker::wake);
        }
    }
}
