use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use super::Run;
use crate::error::EmitError;
use crate::lifecycle::Deadline;
use crate::model::RunEvent;
use crate::transport::Ack;

/// The last event of a run, about to be sent. Its time is that of the call that made it.
///
/// Dropped before it is first polled, it was never said, and the run ends as one that was dropped.
#[must_use = "await it, or call `wait`, to send the event"]
pub struct Ending {
    run: Run,
    event: RunEvent,
    until: Deadline,
}

impl Ending {
    pub(super) fn new(run: Run, event: RunEvent, until: Deadline) -> Self {
        Self { run, event, until }
    }

    /// Takes at most so long from now; 10 s from the call that made it unless said otherwise.
    pub fn within(self, limit: Duration) -> Self {
        self.until(Deadline::after(limit))
    }

    /// Takes no longer than until then.
    pub fn until(mut self, until: Deadline) -> Self {
        self.until = until;
        self
    }

    /// Sends it, parking this thread.
    ///
    /// # Errors
    ///
    /// As [`Blocking::emit_until`](crate::client::Blocking::emit_until).
    pub fn wait(mut self) -> Result<Ack, EmitError> {
        self.run.ended();
        self.run.client().blocking().emit_until(self.event, self.until)
    }
}

impl IntoFuture for Ending {
    type Output = Result<Ack, EmitError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            self.run.ended();
            self.run.client().emit_until(self.event, self.until).await
        })
    }
}

impl fmt::Debug for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ending").field("run", &self.run).field("until", &self.until).finish_non_exhaustive()
    }
}
