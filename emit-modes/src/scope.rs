use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use openlineage_core::client::Client;
use openlineage_core::error::EmitError;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::transport::{Ack, Receipt};

use crate::call::Call;
use crate::here;
use crate::payload::Payload;
use crate::session::{Means, Session};
use crate::task;
use crate::wait::{Waiter, parked};

/// What work finds that an [`Emitter`](crate::Emitter) runs: the means to emit, under the time limit of that one call.
///
/// It belongs to the thread that the work runs on.
pub struct Scope {
    session: Arc<Session>,
    call: Arc<Call>,
    one_thread: PhantomData<Cell<()>>,
}

impl Scope {
    pub(crate) fn new(session: Arc<Session>, call: Arc<Call>) -> Self {
        Self { session, call, one_thread: PhantomData }
    }

    /// When the time of this call is over. Work that looks things up should stop then; nothing is emitted after it.
    #[must_use]
    pub fn deadline(&self) -> Deadline {
        self.call.limits().work
    }

    /// Does nobody wait for this work any more?
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.call.is_over()
    }

    /// Where events go.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.session.client
    }

    /// Emits an event and waits for its fate until [`deadline`](Self::deadline). `None` if it was skipped on purpose.
    ///
    /// # Errors
    ///
    /// As [`Emitter::emit`](crate::Emitter::emit); `Timeout` with nothing sent if the time is over already.
    pub fn emit(&self, event: impl Into<Payload>) -> Result<Option<Receipt>, EmitError> {
        match &self.session.means {
            Means::Task(tasks) => {
                let emitted = task::emit(&self.session, tasks, event.into(), self.call.limits(), Waiter::Parked);
                parked(self.session.transport(), emitted)
            }
            Means::Inline | Means::Thread(_) => here::emit(&self.session, &self.call, event.into()),
        }
    }

    /// Hands an event over. It waits for the event's fate only where neither the mode nor the transport takes events on
    /// before.
    ///
    /// # Errors
    ///
    /// As [`emit`](Self::emit).
    pub fn submit(&self, event: impl Into<Payload>) -> Result<Ack, EmitError> {
        match &self.session.means {
            Means::Task(tasks) => {
                let taken = task::submit(&self.session, tasks, event.into(), self.call.limits(), Waiter::Parked);
                parked(self.session.transport(), taken).map(|taken| taken.ack)
            }
            Means::Inline | Means::Thread(_) => here::hand_over(&self.session, &self.call, event.into()),
        }
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("deadline", &self.deadline()).finish_non_exhaustive()
    }
}
