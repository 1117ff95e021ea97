//! A transport round another one, which changes events on their way or drops them.

mod config;
mod namespaces;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;

pub(super) use config::TransformFactory;
pub use namespaces::Namespaces;

use crate::engine::panic_message;
use crate::error::{BoxError, EmitError, EmitErrorKind, Fault};
use crate::event::EncodedEvent;
use crate::lifecycle::{CloseReport, Deadline, FlushReport, State, Stats, Tally};
use crate::model::Event;
use crate::runtime::ForkCell;
use crate::transport::{Ack, Transport, TransportInfo};

pub(super) const KIND: &str = "transform";

/// Changes or drops events before another transport gets them: kind `transform`.
///
/// An event that the transformer leaves alone goes on byte for byte. One that it changes is encoded once more; what the
/// event's types do not know stays as it was written, to the digit.
///
/// Decoding, the transformer and encoding run in the caller's poll of `emit`: a transformer must not block.
///
/// # What happens to an event
///
/// | the transformer | then |
/// | --- | --- |
/// | returns an event | the child gets it, with the caller's deadline |
/// | returns `None` | [`Ack::Skipped`], counted nowhere |
/// | returns an error, or the event is not one of the three kinds | refused as [`EmitErrorKind::Encode`], with the cause |
/// | panics | refused as [`EmitErrorKind::Faulted`] |
///
/// A refused event never reaches the child and is counted here. (The documentation of the Python client says that an
/// event is skipped when its transformer raises; it must not be lost so quietly.)
///
/// Everything else is the child's: its state, its counts, its deadlines. Counts and close report name it as the one of
/// their `children`.
///
/// ```
/// use std::sync::Arc;
/// use openlineage_core::builtin::{Memory, Transform};
/// use openlineage_core::model::Event;
///
/// let child = Arc::new(Memory::new().transport());
/// let transport = Transform::new(child, |event| {
///     let is_scratch = matches!(&event, Event::Run(run) if run.job.namespace == "scratch");
///     Ok((!is_scratch).then_some(event))
/// });
/// ```
pub struct Transform {
    info: TransportInfo,
    child: Arc<dyn Transport>,
    change: Box<Change>,
    own: ForkCell<Own>,
}

type Change = dyn Fn(Event) -> Result<Verdict, BoxError> + Send + Sync;

enum Verdict {
    Same,
    Changed(Event),
    Dropped,
}

/// What this process has refused before the child saw it.
#[derive(Default)]
struct Own {
    refused: AtomicU64,
    at_close: OnceLock<u64>,
}

impl Transform {
    /// Passes what `transformer` makes of each event on to `child`, and takes the child's name.
    ///
    /// To leave an event alone, return the one that was given: its [`Arc`] tells that nothing has changed.
    pub fn new<F>(child: Arc<dyn Transport>, transformer: F) -> Self
    where
        F: Fn(Event) -> Result<Option<Event>, BoxError> + Send + Sync + 'static,
    {
        Self::over(child, move |came| {
            Ok(match transformer(came.clone())? {
                None => Verdict::Dropped,
                Some(left) if is_same(&came, &left) => Verdict::Same,
                Some(left) => Verdict::Changed(left),
            })
        })
    }

    /// Renames namespaces on the way to `child`, and takes the child's name.
    pub fn namespaces(child: Arc<dyn Transport>, namespaces: Namespaces) -> Self {
        Self::over(child, move |mut event| {
            Ok(if namespaces.rename(&mut event)? { Verdict::Changed(event) } else { Verdict::Same })
        })
    }

    fn over(
        child: Arc<dyn Transport>,
        change: impl Fn(Event) -> Result<Verdict, BoxError> + Send + Sync + 'static,
    ) -> Self {
        let info = TransportInfo { name: child.info().name.clone(), ..TransportInfo::new(KIND) };
        Self { info, child, change: Box::new(change), own: ForkCell::new() }
    }

    fn named(mut self, info: TransportInfo) -> Self {
        self.info = info;
        self
    }

    /// The event for the child; `None` where there is none.
    fn transformed(&self, event: &EncodedEvent) -> Result<Option<EncodedEvent>, Fault> {
        let work = || -> Result<_, BoxError> {
            Ok(match (self.change)(event.decode()?)? {
                Verdict::Same => Some(event.clone()),
                Verdict::Changed(left) => Some(left.encode()?),
                Verdict::Dropped => None,
            })
        };
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(Ok(event)) => Ok(event),
            Ok(Err(error)) => Err(Fault::new(EmitErrorKind::Encode).because(error)),
            Err(panic) => Err(Fault::new(EmitErrorKind::Faulted).because(panic_message(&*panic))),
        }
    }

    fn refuse(&self, fault: Fault) -> EmitError {
        self.own().refused.fetch_add(1, Ordering::Relaxed);
        EmitError::refused_by(fault).at(&self.info)
    }

    fn own(&self) -> &Own {
        self.own.get_or_init(Own::default)
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl Transport for Transform {
    fn info(&self) -> &TransportInfo {
        &self.info
    }

    fn state(&self) -> State {
        self.child.state()
    }

    fn stats(&self) -> Stats {
        let child = self.child.stats();
        let tally = with_refused(child.tally, self.own().refused.load(Ordering::Relaxed));
        Stats { tally, ..child.clone() }.with_children(vec![child])
    }

    async fn emit(&self, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        if self.child.state() >= State::Closing {
            // It refuses and counts the event, whatever the transformer would say.
            return self.child.emit(event, until).await;
        }
        match self.transformed(&event) {
            Ok(Some(event)) => self.child.emit(event, until).await,
            Ok(None) => Ok(Ack::Skipped("the transformer dropped the event".into())),
            Err(fault) => Err(self.refuse(fault)),
        }
    }

    async fn flush(&self, until: Deadline) -> FlushReport {
        self.child.flush(until).await
    }

    async fn close(&self, until: Deadline) -> CloseReport {
        let child = self.child.close(until).await;
        let own = self.own();
        // Every call tells of the same closing.
        let refused = *own.at_close.get_or_init(|| own.refused.load(Ordering::Relaxed));
        let tally = with_refused(child.tally, refused);
        CloseReport::new(self.info.clone(), child.ended, tally, child.took)
            .with_first_error(child.first_error.clone())
            .with_children(vec![child])
    }
}

impl fmt::Debug for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transform").field("info", &self.info).field("child", &self.child).finish_non_exhaustive()
    }
}

fn with_refused(tally: Tally, refused: u64) -> Tally {
    Tally { refused: tally.refused + refused, ..tally }
}

/// Is it the very event, not one that says the same?
fn is_same(one: &Event, other: &Event) -> bool {
    match (one, other) {
        (Event::Run(one), Event::Run(other)) => Arc::ptr_eq(one, other),
        (Event::Job(one), Event::Job(other)) => Arc::ptr_eq(one, other),
        (Event::Dataset(one), Event::Dataset(other)) => Arc::ptr_eq(one, other),
        _ => false,
    }
}
