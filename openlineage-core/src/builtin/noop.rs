use async_trait::async_trait;

use crate::error::EmitError;
use crate::event::EncodedEvent;
use crate::lifecycle::{CloseReport, Closing, Deadline, Ended, FlushReport, Gate, State, Stats};
use crate::queue::QueueStats;
use crate::runtime::ForkCell;
use crate::transport::{Ack, Transport, TransportInfo};

pub(super) const KIND: &str = "noop";

/// Sends nothing and says so: kind `noop`, no options.
///
/// Every event is [`Ack::Skipped`]: it is not accepted and appears in no count. Starts nothing, ever. As nobody ever waits
/// for it, it counts as a transport that queues, with a queue that stays empty.
#[derive(Debug)]
pub struct Noop {
    info: TransportInfo,
    gate: ForkCell<Gate>,
}

impl Noop {
    /// A transport that sends nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::named(TransportInfo::new(KIND))
    }

    /// The same under the name that configuration gave it.
    #[must_use]
    pub fn named(info: TransportInfo) -> Self {
        Self { info, gate: ForkCell::new() }
    }

    /// The answer to every event, whatever it holds.
    pub(crate) fn skip(&self) -> Result<Ack, EmitError> {
        if self.state() == State::Closed {
            let closed = EmitError::refused(crate::error::EmitErrorKind::Closed);
            return Err(self.gate().refuse(closed));
        }
        Ok(Ack::Skipped("the noop transport sends nothing".into()))
    }

    fn gate(&self) -> &Gate {
        self.gate.get_or_init(|| Gate::new(self.info.clone()))
    }
}

impl Default for Noop {
    fn default() -> Self {
        Self::new()
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl Transport for Noop {
    fn info(&self) -> &TransportInfo {
        &self.info
    }

    fn state(&self) -> State {
        self.gate().state()
    }

    fn stats(&self) -> Stats {
        self.gate().stats().with_queue(QueueStats::default(), 0)
    }

    async fn emit(&self, _event: EncodedEvent, _until: Deadline) -> Result<Ack, EmitError> {
        self.skip()
    }

    async fn flush(&self, _until: Deadline) -> FlushReport {
        FlushReport::new(true, 0)
    }

    async fn close(&self, until: Deadline) -> CloseReport {
        match self.gate().begin_close(until) {
            Closing::Done(report) => report,
            Closing::Begun | Closing::Joined => {
                self.gate().finish(Ended::Drained, Vec::new());
                self.gate().closed().await
            }
        }
    }
}
