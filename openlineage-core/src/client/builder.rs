use std::fmt;
use std::sync::Arc;

use super::pipeline::Pipeline;
use super::run::inherited;
use super::{Client, Inner, Road};
use crate::builtin::Noop;
use crate::config::{ConfigError, Environment, Loader, Registry, Settings};
use crate::transport::{Fresh, Transport, TransportSource};

/// Sets up a [`Client`].
#[must_use]
pub struct ClientBuilder {
    transport: Option<Arc<dyn Transport>>,
    settings: Settings,
    registry: Registry,
    source: Arc<dyn TransportSource>,
    environment: Option<Environment>,
}

impl Client {
    /// A client from parts: by default nothing is configured, so that events go to the console.
    pub fn builder() -> ClientBuilder {
        ClientBuilder {
            transport: None,
            settings: Settings::default(),
            registry: Registry::builtin(),
            source: Arc::new(Fresh),
            environment: None,
        }
    }

    /// A client as files and variables of this process configure it, with the kinds of transport in `registry`.
    ///
    /// What looks like a mistake and can be used all the same is logged.
    ///
    /// # Errors
    ///
    /// As [`Loader::load`] and [`ClientBuilder::build`].
    pub fn from_env(registry: Registry) -> Result<Self, ConfigError> {
        Self::builder().registry(registry).from_env()
    }

    /// The same for programs that must not fail over their lineage: where the configuration cannot be used, it logs why
    /// and gives a client that sends nothing.
    #[must_use]
    pub fn from_env_or_noop(registry: Registry) -> Self {
        Self::builder().registry(registry).from_env_or_noop()
    }
}

impl ClientBuilder {
    /// Sends events here, whatever transport the settings name.
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// What is configured; see [`Loader`].
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// The kinds of transport from which the settings may choose; those of this crate unless said otherwise.
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = registry;
        self
    }

    /// Gets the transport that the settings describe from here; a new one unless said otherwise.
    pub fn source(mut self, source: Arc<dyn TransportSource>) -> Self {
        self.source = source;
        self
    }

    /// Shares the transport with no other client: a new one is built for this one alone.
    ///
    /// The default here. It undoes a [`source`](Self::source), such as the one of the facade.
    pub fn private(self) -> Self {
        self.source(Arc::new(Fresh))
    }

    /// Where facets and the parents of runs are looked for; the process's environment unless said otherwise.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// The client as files and variables configure it, whatever settings were given. The environment is the process's
    /// unless said otherwise. What looks like a mistake and can be used all the same is logged.
    ///
    /// # Errors
    ///
    /// As [`Loader::load`] and [`build`](Self::build).
    pub fn from_env(self) -> Result<Client, ConfigError> {
        let environment = self.environment.clone().unwrap_or_else(Environment::of_process);
        let loaded = Loader::new(environment.clone()).load()?;
        loaded.log_warnings();
        self.settings(loaded.settings).environment(environment).build()
    }

    /// The same for programs that must not fail over their lineage: where the configuration cannot be used, it logs why
    /// and gives a client that sends nothing.
    #[must_use]
    pub fn from_env_or_noop(self) -> Client {
        self.from_env().unwrap_or_else(|error| {
            let cause = std::error::Error::source(&error);
            tracing::error!(%error, cause, "no lineage is sent, its configuration cannot be used");
            Client(Arc::new(Inner { road: Road::Disabled(Noop::new()), namespace: None, parent: None }))
        })
    }

    /// The client. Starts nothing: no thread, no file, no socket.
    ///
    /// Settings that say disabled win over everything, a given transport included, and nothing else is looked at then.
    ///
    /// # Errors
    ///
    /// The transport cannot be built, or a filter is no regular expression; the error names key and place.
    pub fn build(self) -> Result<Client, ConfigError> {
        let namespace = self.settings.namespace.clone();
        if self.settings.disabled {
            return Ok(Client(Arc::new(Inner { road: Road::Disabled(Noop::new()), namespace, parent: None })));
        }
        let environment = self.environment.unwrap_or_else(Environment::of_process);
        let pipeline = Pipeline::new(&self.settings, &environment)?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => self.source.get(&self.settings.transport_or_console(), &self.registry)?,
        };
        let parent = inherited::parent(&environment);
        Ok(Client(Arc::new(Inner { road: Road::Open { pipeline, transport }, namespace, parent })))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("transport", &self.transport.as_ref().map(|transport| transport.info()))
            .field("settings", &self.settings.transport)
            .finish_non_exhaustive()
    }
}
