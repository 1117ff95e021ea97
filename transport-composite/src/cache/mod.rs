//! One transport for all clients of one configuration.

mod share;
mod shelf;
mod shutdown;
mod slot;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use openlineage_core::config::{ConfigError, Registry, TransportSpec};
use openlineage_core::lifecycle::{CloseReport, Deadline};
use openlineage_core::runtime::ForkCell;
use openlineage_core::transport::{Transport, TransportSource};

use self::share::Share;
use self::shelf::Shelf;
pub(crate) use self::slot::Slot;

/// How long a transport is kept that clients share.
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Retain {
    /// As long as anybody has a share of it: the last share to be closed closes it, and the last one to be dropped ends it.
    LastShare,
    /// Until [`TransportCache::shutdown`], so that a host which builds a client for each event keeps its connections.
    Process,
}

/// Builds each transport once, and gives everybody who asks for it a share.
///
/// A share is a transport of its own to its holder: own state, own counts, own close. Closing one settles the events that
/// were handed to it and refuses new ones; the others go on. Dropping one detaches it: what it has handed over stays with
/// the transport, which delivers it, and its tickets tell. [`Retain`] says when the transport itself ends.
///
/// What makes two descriptions the same is said at [`Registry::fingerprint`]; names are the share's. Legs of a composite
/// are kept one by one, so that two composites with a leg in common share it. A transport that has died is replaced when
/// the next event or client comes for it. One that cannot be built is not remembered.
///
/// Clones are the same cache. A forked child begins with an empty one; shares from before the fork go on in it.
///
/// ```
/// use openlineage_core::config::{Registry, TransportSpec};
/// use openlineage_core::transport::TransportSource;
/// use openlineage_transport_composite::{Retain, TransportCache};
///
/// let cache = TransportCache::new(Retain::LastShare);
/// let spec = TransportSpec::from_json(r#"{"type": "console", "name": "mine"}"#)?;
/// let (one, other) = (cache.get(&spec, &Registry::builtin())?, cache.get(&spec, &Registry::builtin())?);
/// assert_eq!(cache.len(), 1);
/// # let _ = (one, other);
/// # Ok::<_, openlineage_core::config::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct TransportCache(Arc<Inner>);

pub(crate) struct Inner {
    retain: Retain,
    shelf: ForkCell<Shelf>,
    /// Someone has taken it on to shut the cache down, or nobody needs to be told.
    is_guarded: AtomicBool,
}

impl TransportCache {
    /// An empty cache.
    #[must_use]
    pub fn new(retain: Retain) -> Self {
        Self::with(retain, true)
    }

    /// The cache of this process, which retains until it is shut down.
    ///
    /// Whoever uses it shuts it down before the process ends: see [`expect_shutdown`](Self::expect_shutdown). Without
    /// that, events that are queued then are lost, and the first event to be queued logs a warning.
    #[must_use]
    pub fn process() -> &'static Self {
        static PROCESS: OnceLock<TransportCache> = OnceLock::new();
        PROCESS.get_or_init(|| Self::with(Retain::Process, false))
    }

    fn with(retain: Retain, is_guarded: bool) -> Self {
        let is_guarded = AtomicBool::new(is_guarded);
        Self(Arc::new(Inner { retain, shelf: ForkCell::new(), is_guarded }))
    }

    /// Says that [`shutdown`](TransportSource::shutdown) will be called, so that nobody has to be warned.
    pub fn expect_shutdown(&self) {
        self.0.is_guarded.store(true, Ordering::Relaxed);
    }

    /// How many transports are kept, legs included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.shelf().len()
    }

    /// Is none kept?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The share, and how deep the transport is in others.
    fn share(&self, spec: &TransportSpec, registry: &Registry) -> Result<(Arc<dyn Transport>, usize), ConfigError> {
        let Some(fingerprint) = registry.fingerprint(spec) else {
            // Nobody else can have it, but its legs are as good as any.
            return Ok((registry.build(spec, self)?, 0));
        };
        let slot = self.0.shelf().slot(self, fingerprint, spec, registry)?;
        let depth = slot.depth();
        Ok((Arc::new(Share::of(slot, spec, registry)), depth))
    }
}

#[async_trait]
impl TransportSource for TransportCache {
    fn get(&self, spec: &TransportSpec, registry: &Registry) -> Result<Arc<dyn Transport>, ConfigError> {
        self.share(spec, registry).map(|(share, _)| share)
    }

    /// Closes all transports that are kept, whoever has shares of them, and reports on each: composites before their legs,
    /// so that what they still have to do finds those open. One deadline is for all of them.
    ///
    /// The shares are of no use afterwards. The cache is: it builds anew what is asked for.
    async fn shutdown(&self, until: Deadline) -> Vec<CloseReport> {
        shutdown::shutdown(self.0.shelf().clear(), until).await
    }
}

impl Inner {
    fn shelf(&self) -> &Shelf {
        self.shelf.get_or_init(Shelf::default)
    }

    /// A share has queued an event.
    fn has_queued(&self) {
        if !self.is_guarded.load(Ordering::Relaxed) && !self.is_guarded.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "events are queued, and nothing will wait for them when the process ends; \
                 keep the guard of openlineage::init in main, or shut the cache down"
            );
        }
    }
}

impl fmt::Debug for TransportCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportCache").field("retain", &self.0.retain).finish_non_exhaustive()
    }
}
