use std::any::TypeId;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{ConfigError, Fingerprint, Found, Reach, Section, TransportSpec};
use super::{fingerprint, kinds};
use crate::lifecycle::Deadline;
use crate::runtime::Runtime;
use crate::transport::{Transport, TransportInfo, TransportSource};

/// Builds transports of one kind from their options.
pub trait Factory: fmt::Debug + Send + Sync + 'static {
    /// Reads the options and builds the transport. Starts nothing: no thread, no file, no socket.
    ///
    /// # Errors
    ///
    /// Names the option that is missing, unknown or wrong, and the cure.
    fn build(&self, options: Section, context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError>;

    /// Reaches for what the options describe, by `until`, without an event and without a trace once it returns. One answer
    /// for each destination; default: there is nothing to be asked.
    ///
    /// For a person who wants to know whether a configuration works. It waits, so do not call it on a worker.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build), which succeeds before this is called.
    fn reach(&self, options: Section, context: &BuildContext<'_>, until: Deadline) -> Result<Vec<Reach>, ConfigError> {
        let _unread = (options, until);
        Ok(vec![Reach::new(context.info().clone(), Found::NotAsked)])
    }
}

/// What a factory may need beside its own options.
#[derive(Debug)]
pub struct BuildContext<'a> {
    info: TransportInfo,
    runtime: &'a Runtime,
    registry: &'a Registry,
    source: &'a dyn TransportSource,
}

impl BuildContext<'_> {
    /// Kind and name of the transport to be built.
    #[must_use]
    pub fn info(&self) -> &TransportInfo {
        &self.info
    }

    /// The runtime to run on.
    #[must_use]
    pub fn runtime(&self) -> &Runtime {
        self.runtime
    }

    /// Builds a child, through the same source and registry.
    ///
    /// # Errors
    ///
    /// As [`Registry::build`].
    pub fn child(&self, spec: &TransportSpec) -> Result<Arc<dyn Transport>, ConfigError> {
        self.source.get(spec, self.registry)
    }

    /// Reaches for a child.
    ///
    /// # Errors
    ///
    /// As [`Registry::reach`].
    pub fn reach_child(&self, spec: &TransportSpec, until: Deadline) -> Result<Vec<Reach>, ConfigError> {
        self.registry.reach(spec, self.source, until)
    }
}

/// Which kinds of transport there are. An explicit value: nothing registers itself.
///
/// ```
/// use openlineage_core::config::{Registry, TransportSpec};
/// use openlineage_core::transport::{Fresh, TransportSource};
///
/// let registry = Registry::builtin();
/// let transport = Fresh.get(&TransportSpec::new("noop"), &registry)?;
/// assert_eq!(transport.info().kind, "noop");
/// # Ok::<_, openlineage_core::config::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Registry {
    factories: BTreeMap<String, Registered>,
    /// The fingerprints of all kinds, one over the other.
    fingerprint: u128,
    runtime: Runtime,
}

#[derive(Clone, Debug)]
struct Registered {
    factory: Arc<dyn Factory>,
    fingerprint: u128,
}

impl Registry {
    /// Knows no kind.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Knows the kinds of this crate: `console`, `file`, `noop`, `transform`.
    #[must_use]
    pub fn builtin() -> Self {
        crate::builtin::register(Self::empty())
    }

    /// Adds a kind, or replaces the one of that name.
    #[must_use]
    pub fn with<F: Factory>(mut self, kind: impl Into<String>, factory: F) -> Self {
        static INSTANCES: AtomicU64 = AtomicU64::new(1);
        let kind = kind.into();
        let instance = if size_of::<F>() == 0 { 0 } else { INSTANCES.fetch_add(1, Ordering::Relaxed) };
        let fingerprint = fingerprint::of_kind(&kind, TypeId::of::<F>(), instance);
        let replaced = self.factories.insert(kind, Registered { factory: Arc::new(factory), fingerprint });
        self.fingerprint ^= fingerprint ^ replaced.map_or(0, |replaced| replaced.fingerprint);
        self
    }

    /// Runs what is built from now on elsewhere than on the shared worker.
    #[must_use]
    pub fn on(mut self, runtime: Runtime) -> Self {
        self.runtime = runtime;
        self
    }

    /// What is built works on this runtime.
    #[must_use]
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// What tells whether two descriptions mean the same transport, so that one can serve for both.
    ///
    /// Compared is what is written: kind and options in their order, without name and priority; for a reference to a
    /// secret also what it leads to. Two spellings of the same transport differ, and so do registries and runtimes; two
    /// registries are the same if their kinds have factories of the same types, of which those with a state of their own
    /// are clones.
    ///
    /// None for a description whose warnings are collected: it wants to be built.
    #[must_use]
    pub fn fingerprint(&self, spec: &TransportSpec) -> Option<Fingerprint> {
        let registry = fingerprint::of_registry(self.fingerprint, &self.runtime);
        spec.fingerprint().map(|spec| Fingerprint { spec, registry })
    }

    /// The kinds, in alphabetical order.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        self.factories.keys().map(String::as_str)
    }

    /// Builds what `spec` describes; children of it come from `source`.
    ///
    /// # Errors
    ///
    /// There is no such kind, or its factory refused the options; the error says where the option was written.
    pub fn build(&self, spec: &TransportSpec, source: &dyn TransportSource) -> Result<Arc<dyn Transport>, ConfigError> {
        self.with_factory(spec, source, |factory, context| factory.build(spec.section(), context))
    }

    /// Reaches for what `spec` describes, without an event: see [`Factory::reach`].
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn reach(
        &self,
        spec: &TransportSpec,
        source: &dyn TransportSource,
        until: Deadline,
    ) -> Result<Vec<Reach>, ConfigError> {
        self.with_factory(spec, source, |factory, context| factory.reach(spec.section(), context, until))
    }

    fn with_factory<T>(
        &self,
        spec: &TransportSpec,
        source: &dyn TransportSource,
        act: impl FnOnce(&dyn Factory, &BuildContext<'_>) -> Result<T, ConfigError>,
    ) -> Result<T, ConfigError> {
        let unknown = || kinds::unknown(spec, &self.kinds().collect::<Vec<_>>()).at(spec.source());
        let factory = &self.factories.get(spec.kind()).ok_or_else(unknown)?.factory;
        let mut info = TransportInfo::new(spec.kind().to_owned());
        if let Some(name) = spec.name() {
            info = info.named(name);
        }
        let context = BuildContext { info, runtime: &self.runtime, registry: self, source };
        act(&**factory, &context).map_err(|error| error.located(spec.path(), spec.options()))
    }
}
