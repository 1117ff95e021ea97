use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use super::{Run, RunBuilder};
use crate::lifecycle::Deadline;
use crate::model::RunEvent;

/// A START event about to be sent. Its time is that of [`start`](RunBuilder::start).
///
/// It always becomes a [`Run`]: whatever happens to the event, the host's work goes on. A START that was not handed
/// over is logged, and [`Run::start_error`] has the error. Once polled, it is a run that has to end: its future,
/// dropped half-way, ends it as a dropped [`Run`] does.
#[must_use = "await it, or call `wait`, to send START"]
pub struct Starting {
    run: RunBuilder,
    event: RunEvent,
    until: Deadline,
}

impl Starting {
    pub(super) fn new(run: RunBuilder, event: RunEvent, until: Deadline) -> Self {
        Self { run, event, until }
    }

    /// Takes at most so long from now; 10 s from `start` unless said otherwise.
    pub fn within(self, limit: Duration) -> Self {
        self.until(Deadline::after(limit))
    }

    /// Takes no longer than until then.
    pub fn until(mut self, until: Deadline) -> Self {
        self.until = until;
        self
    }

    /// Sends it, parking this thread.
    pub fn wait(self) -> Run {
        let (mut run, event, until) = self.begin();
        let outcome = run.client().blocking().emit_until(event, until);
        run.started(outcome);
        run
    }

    fn begin(self) -> (Run, RunEvent, Deadline) {
        (Run::new(self.run.client, self.run.about), self.event, self.until)
    }
}

impl IntoFuture for Starting {
    type Output = Run;
    type IntoFuture = Pin<Box<dyn Future<Output = Run> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (mut run, event, until) = self.begin();
            let outcome = run.client().emit_until(event, until).await;
            run.started(outcome);
            run
        })
    }
}

impl fmt::Debug for Starting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Starting").field("run", &self.run).field("until", &self.until).finish_non_exhaustive()
    }
}
