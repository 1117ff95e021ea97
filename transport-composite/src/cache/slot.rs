use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use async_trait::async_trait;
use openlineage_core::config::{ConfigError, Fingerprint, Registry, TransportSpec};
use openlineage_core::error::{EmitError, EmitErrorKind, Fault};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Deadline, FlushReport, State, Stats};
use openlineage_core::runtime::ForkCell;
use openlineage_core::transport::{Ack, Transport, TransportInfo, TransportSource};

use super::{Inner, Retain, TransportCache};

/// Users of a slot that nobody may enter any more.
const OVER: usize = usize::MAX;

/// A transport that is built when it is first asked for, and again after it has died.
pub(crate) struct Slot {
    info: TransportInfo,
    cache: Weak<Inner>,
    retain: Retain,
    fingerprint: Fingerprint,
    spec: TransportSpec,
    registry: Registry,
    /// Held while it is built: who comes meanwhile waits, and finds it done.
    building: ForkCell<Mutex<()>>,
    /// Read without a lock, in a forked child as well.
    first: OnceLock<Arc<dyn Transport>>,
    /// What took its place after it died, in this process.
    successor: ForkCell<Mutex<Option<Arc<dyn Transport>>>>,
    users: AtomicUsize,
    depth: AtomicUsize,
}

impl Slot {
    pub(super) fn new(
        cache: &TransportCache,
        fingerprint: Fingerprint,
        spec: &TransportSpec,
        registry: &Registry,
    ) -> Self {
        Self {
            info: TransportInfo::new(spec.kind().to_owned()),
            cache: Arc::downgrade(&cache.0),
            retain: cache.0.retain,
            fingerprint,
            spec: spec.clone().unnamed(),
            registry: registry.clone(),
            building: ForkCell::new(),
            first: OnceLock::new(),
            successor: ForkCell::new(),
            users: AtomicUsize::new(0),
            depth: AtomicUsize::new(0),
        }
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// 0 for a transport without legs, else one more than its deepest leg.
    pub(super) fn depth(&self) -> usize {
        self.depth.load(Ordering::Relaxed)
    }

    /// Makes sure that there is a transport which is not dead.
    pub(super) fn ready(&self) -> Result<Arc<dyn Transport>, ConfigError> {
        match self.alive() {
            Some(transport) => Ok(transport),
            None => self.build(),
        }
    }

    pub(super) fn is_dead(&self) -> bool {
        self.newest().is_some_and(|transport| transport.state() == State::Closed)
    }

    /// One more user. `false` if it is over with this slot.
    pub(super) fn attach(&self) -> bool {
        let enter = |users| if users == OVER { None } else { Some(users + 1) };
        self.users.fetch_update(Ordering::AcqRel, Ordering::Acquire, enter).is_ok()
    }

    /// A user leaves, once. `true` for the last one, if the transport ends with it.
    pub(crate) fn detach(self: &Arc<Self>, left: &AtomicBool) -> bool {
        if left.swap(true, Ordering::AcqRel) {
            return false;
        }
        let ends = self.retain == Retain::LastShare;
        let leave = |users| match users {
            OVER => None,
            1 if ends => Some(OVER),
            users => Some(users.saturating_sub(1)),
        };
        let was_last = self.users.fetch_update(Ordering::AcqRel, Ordering::Acquire, leave) == Ok(1) && ends;
        if was_last && let Some(cache) = self.cache.upgrade() {
            cache.shelf().remove(self);
        }
        was_last
    }

    /// A share of it has queued an event.
    pub(crate) fn has_queued(&self) {
        if let Some(cache) = self.cache.upgrade() {
            cache.has_queued();
        }
    }

    /// From now on nobody enters, and nothing takes the transport's place when it has ended.
    pub(super) fn end(&self) {
        self.users.store(OVER, Ordering::Release);
    }

    fn newest(&self) -> Option<Arc<dyn Transport>> {
        let successor = self.successor.get().and_then(|successor| lock(successor).clone());
        successor.or_else(|| self.first.get().cloned())
    }

    fn alive(&self) -> Option<Arc<dyn Transport>> {
        let is_over = self.users.load(Ordering::Acquire) == OVER;
        self.newest().filter(|transport| is_over || transport.state() < State::Closed)
    }

    fn build(&self) -> Result<Arc<dyn Transport>, ConfigError> {
        let _alone = lock(self.building.get_or_init(Mutex::default));
        if let Some(transport) = self.alive() {
            return Ok(transport);
        }
        let legs = match self.cache.upgrade() {
            Some(cache) => Arc::new(Legs { cache: TransportCache(cache), deepest: AtomicUsize::new(0) }),
            None => return Err(ConfigError::new(self.spec.path(), "the cache it came from is gone")),
        };
        let built = self.registry.build(&self.spec, &*legs)?;
        self.depth.store(legs.deepest.load(Ordering::Relaxed), Ordering::Relaxed);
        if self.first.set(Arc::clone(&built)).is_err() {
            *lock(self.successor.get_or_init(Mutex::default)) = Some(Arc::clone(&built));
        }
        Ok(built)
    }
}

/// What a transport gets its legs from while it is built.
#[derive(Debug)]
struct Legs {
    cache: TransportCache,
    deepest: AtomicUsize,
}

impl TransportSource for Legs {
    fn get(&self, spec: &TransportSpec, registry: &Registry) -> Result<Arc<dyn Transport>, ConfigError> {
        let (leg, depth) = self.cache.share(spec, registry)?;
        self.deepest.fetch_max(depth + 1, Ordering::Relaxed);
        Ok(leg)
    }
}

/// As a leg of its shares: whatever is in it at the moment.
#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl Transport for Slot {
    fn info(&self) -> &TransportInfo {
        &self.info
    }

    fn state(&self) -> State {
        self.newest().map_or(State::New, |transport| transport.state())
    }

    fn stats(&self) -> Stats {
        self.newest().map_or_else(Stats::default, |transport| transport.stats())
    }

    async fn emit(&self, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        match self.ready() {
            Ok(transport) => transport.emit(event, until).await,
            Err(error) => Err(EmitError::refused_by(Fault::new(EmitErrorKind::Start).because(error)).at(&self.info)),
        }
    }

    async fn flush(&self, until: Deadline) -> FlushReport {
        match self.newest() {
            Some(transport) => transport.flush(until).await,
            None => FlushReport::new(true, 0),
        }
    }

    async fn close(&self, until: Deadline) -> CloseReport {
        self.end();
        match self.newest() {
            Some(transport) => transport.close(until).await,
            None => CloseReport::new(
                self.info.clone(),
                openlineage_core::lifecycle::Ended::Drained,
                openlineage_core::lifecycle::Tally::default(),
                std::time::Duration::ZERO,
            ),
        }
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").field("transport", &self.newest()).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
