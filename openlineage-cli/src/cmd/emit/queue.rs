//! The queue between the reader and the destination. It keeps the order within each run, bounds what is under way and
//! what waits, and is the same before every transport, one that queues by itself included: so the time limit of an
//! event, the limits of this command and its stopping mean the same everywhere.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use openlineage::client::Client;
use openlineage::config::ConfigError;
use openlineage::engine::{Deliver, Queued};
use openlineage::error::{EmitError, EmitErrorKind, Fault, Sent};
use openlineage::event::EncodedEvent;
use openlineage::lifecycle::{Deadline, Fate};
use openlineage::modes::{Emitter, Mode, TaskOptions, ThreadOptions};
use openlineage::queue::{Limits, QueueStats};
use openlineage::retry::RetryPolicy;
use openlineage::transport::{Receipt, Transport};

use super::brake::Brake;
use crate::args::{self, Common, Emit};

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// Held back for each event under way, so that runs with many events do not leave slots empty.
const AHEAD: usize = 8;
/// Most bytes that are read ahead, but for the last event.
const BYTES: usize = 64 * 1024 * 1024;

/// On what terms events are carried.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    /// Most events under way at once.
    concurrency: usize,
    /// Bytes of the largest event that is read.
    largest: usize,
    /// Time of each event from when it sets out.
    pub(super) timeout: Duration,
    /// How each event sets out, within that time.
    mode: Mode,
    pub(super) brake: Arc<Brake>,
}

impl Terms {
    pub(super) fn new(args: &Emit, common: &Common) -> Self {
        let timeout = args.execution_timeout.or(common.timeout).unwrap_or(DEFAULT_TIMEOUT);
        Self {
            concurrency: args.concurrency.get(),
            largest: args.max_event_bytes.get(),
            timeout,
            mode: mode(args).within(timeout),
            brake: Arc::new(Brake::new(args.give_up_after.get())),
        }
    }

    /// A queue before `transport`.
    pub(super) fn queue_before(&self, transport: Arc<dyn Transport>) -> Result<Arc<dyn Transport>, ConfigError> {
        let (info, brake) = (transport.info().clone(), Arc::clone(&self.brake));
        let client = Client::builder().transport(transport).build()?;
        let queue = Queued::builder(info, Onward { emitter: Emitter::new(client, self.mode.clone()), brake });
        Ok(Arc::new(queue.retry(RetryPolicy::never()).limits(self.limits()).build()))
    }

    /// Would any event fit that is read?
    pub(super) fn has_room(&self, queue: &QueueStats) -> bool {
        queue.events < self.limits().events && queue.bytes < BYTES
    }

    fn limits(&self) -> Limits {
        let (events, bytes) = (self.concurrency.saturating_mul(AHEAD + 1), BYTES.saturating_add(self.largest));
        Limits { events, bytes, concurrent: self.concurrency, ..Limits::default() }
    }
}

/// What became of an event that was read.
#[derive(Clone, Debug)]
pub(super) enum Met {
    Delivered,
    /// Left out on purpose.
    Skipped,
    /// Never handed to the transport.
    NotTried,
    Lost(EmitError, Failure),
}

/// The number of a failure, by which a later delivery can prove that the trouble is over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Failure(pub(super) u64);

impl Failure {
    /// Comes from the queue itself, at the end of its life: nothing sets out after it.
    const LAST: Self = Self(u64::MAX);
}

impl Met {
    /// From what the ticket says. What the transport has said stands in the error's chain of causes.
    pub(super) fn of(outcome: &Result<Receipt, EmitError>) -> Self {
        let error = match outcome {
            Ok(_) => return Self::Delivered,
            Err(error) => error,
        };
        let causes = std::iter::successors(error.source(), |cause| (*cause).source());
        match causes.filter_map(|cause| cause.downcast_ref::<Word>()).next() {
            Some(Word(met)) => met.clone(),
            None if error.fate() == Fate::Abandoned && error.attempts() == 0 => Self::NotTried,
            None => Self::Lost(error.clone(), Failure::LAST),
        }
    }
}

/// With room for as many events as are under way at once.
fn mode(args: &Emit) -> Mode {
    match args.mode {
        args::Mode::Inline => Mode::inline(),
        args::Mode::Thread => {
            Mode::Thread(ThreadOptions { max_abandoned: args.concurrency, ..ThreadOptions::default() })
        }
        args::Mode::Task => Mode::Task(TaskOptions { lanes: args.concurrency, ..TaskOptions::default() }),
    }
}

/// Hands events on to the transport.
#[derive(Debug)]
struct Onward {
    emitter: Emitter,
    brake: Arc<Brake>,
}

#[async_trait]
impl Deliver for Onward {
    type Connection = ();

    async fn open(&self, _until: Deadline) -> Result<(), Fault> {
        Ok(())
    }

    async fn deliver(&self, _connection: &(), event: &EncodedEvent, _until: Deadline) -> Result<(), Fault> {
        let Some(known) = self.brake.set_out() else { return Err(Word(Met::NotTried).into()) };
        match self.emitter.emit_async(event.clone()).await {
            Ok(Some(_)) => {
                self.brake.delivered(known);
                Ok(())
            }
            Ok(None) => Err(Word(Met::Skipped).into()),
            Err(error) => Err(Word(Met::Lost(error, Failure(self.brake.undelivered()))).into()),
        }
    }

    async fn shut(&self, _connection: &(), until: Deadline) {
        let _report = self.emitter.client().close_until(until).await;
    }
}

/// What became of an event, as a cause that passes through the queue.
///
/// Of the reason itself the queue hears nothing: the transport has waited and repeated as it is configured to, and a
/// queue that knew of its trouble would do so once more.
#[derive(Debug)]
struct Word(Met);

impl From<Word> for Fault {
    fn from(word: Word) -> Self {
        Self::new(EmitErrorKind::Rejected { code: 0 }).sent(Sent::Maybe).because(word)
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Met::Delivered => f.write_str("delivered"),
            Met::Skipped => f.write_str("skipped"),
            Met::NotTried => f.write_str("not tried"),
            Met::Lost(error, _) => error.fmt(f),
        }
    }
}

impl Error for Word {}

#[cfg(test)]
mod tests {
    use openlineage::transport::TransportInfo;

    use super::*;

    fn through_the_queue(met: Met) -> Met {
        Met::of(&Err(EmitError::failed(Word(met).into(), 1)))
    }

    #[test]
    fn what_the_transport_says_comes_through_as_it_was() {
        let fault = Fault::new(EmitErrorKind::Unavailable { code: 503 }).because("on fire");
        for said in [EmitError::failed(fault, 6), EmitError::refused(EmitErrorKind::Closed)] {
            let said = said.at(&TransportInfo::new("inner"));
            let Met::Lost(heard, Failure(7)) = through_the_queue(Met::Lost(said.clone(), Failure(7))) else {
                unreachable!()
            };
            assert_eq!((heard.kind(), heard.fate(), heard.attempts()), (said.kind(), said.fate(), said.attempts()));
            assert_eq!(crate::report::chain(&heard), crate::report::chain(&said));
        }
        assert!(matches!(through_the_queue(Met::Skipped), Met::Skipped));
        assert!(matches!(through_the_queue(Met::NotTried), Met::NotTried));
    }

    #[test]
    fn what_the_queue_gives_up_was_tried_if_it_was_under_way() {
        let abandoned = |attempts| Err(EmitError::abandoned(Fault::new(EmitErrorKind::Closed), attempts));
        assert!(matches!(Met::of(&abandoned(0)), Met::NotTried));
        assert!(matches!(Met::of(&abandoned(1)), Met::Lost(error, Failure::LAST) if error.fate() == Fate::Abandoned));
    }

    #[test]
    fn there_is_room_for_an_event_of_any_size_that_is_read() {
        let brake = Arc::new(Brake::new(1));
        let (timeout, mode) = (Duration::ZERO, Mode::inline());
        let terms = Terms { concurrency: usize::MAX, largest: 1 << 30, timeout, mode, brake };
        let mut queue = QueueStats::default();
        assert!(terms.has_room(&queue));
        queue.bytes = BYTES - 1;
        assert!(terms.has_room(&queue) && queue.bytes + terms.largest <= terms.limits().bytes);
        queue.bytes = BYTES;
        assert!(!terms.has_room(&queue));
        let terms = Terms { concurrency: 1, ..terms };
        (queue.bytes, queue.events) = (0, terms.limits().events);
        assert!(!terms.has_room(&queue));
    }
}
