use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use openlineage_core::config::{BuildContext, ConfigError, Found, Secret, Section};
use openlineage_core::lifecycle::Deadline;
use openlineage_core::queue::Limits;
use openlineage_core::retry::RetryPolicy;
use openlineage_core::runtime::Runtime;
use openlineage_core::transport::TransportInfo;
use openlineage_core::undelivered::Undelivered;
use openlineage_transport_http::{Compression, HttpBuilder, HttpTransport};

use crate::{DatadogTransport, Rules, site};

const KIND: &str = "datadog";

/// Sets up a [`DatadogTransport`]. Nothing is looked at before [`build`](Self::build).
pub struct DatadogBuilder {
    path: String,
    info: TransportInfo,
    site: String,
    http: HttpBuilder,
    limits: Limits,
    rules: Rules,
}

impl DatadogBuilder {
    pub(crate) fn new(api_key: Secret) -> Self {
        Self {
            path: "transport".to_owned(),
            info: TransportInfo::new(KIND),
            site: site::DEFAULT.to_owned(),
            http: HttpTransport::builder("").api_key(api_key).compression(Compression::Gzip),
            limits: Limits::default(),
            rules: Rules::default(),
        }
    }

    /// Takes the options that every kind over HTTP has.
    pub(crate) fn read(mut self, options: &mut Section, context: &BuildContext<'_>) -> Result<Self, ConfigError> {
        self.path = options.path().to_owned();
        self.info = context.info().clone();
        self.http = self.http.read(options, context)?;
        Ok(self)
    }

    /// One of Datadog's sites, or the `http` or `https` address of another intake. Default `datadoghq.com`.
    ///
    /// Sites: `datadoghq.com`, `us3.datadoghq.com`, `us5.datadoghq.com`, `datadoghq.eu`, `ddog-gov.com`,
    /// `us2.ddog-gov.com`, `ap1.datadoghq.com`, `ap2.datadoghq.com`, `uk1.datadoghq.com`, `datad0g.com`.
    #[must_use]
    pub fn site(mut self, site: impl Into<String>) -> Self {
        self.site = site.into();
        self
    }

    /// Longest time for one attempt, from connecting to the answer. Default 5 s.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.http = self.http.timeout(limit);
        self
    }

    /// Repeats failed attempts by this policy, on both routes.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.http = self.http.retry(policy);
        self
    }

    /// Takes on so much; events of both routes count.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Decides by these rules which events are queued. Default: what dbt reports.
    #[must_use]
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// Passes to this hook every accepted event that fails or is abandoned. Default: none.
    #[must_use]
    pub fn undelivered(mut self, hook: Arc<dyn Undelivered>) -> Self {
        self.http = self.http.undelivered(hook);
        self
    }

    /// Works on this runtime.
    #[must_use]
    pub fn runtime(mut self, runtime: Runtime) -> Self {
        self.http = self.http.runtime(runtime);
        self
    }

    /// Names the transport in errors and reports.
    #[must_use]
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.info = self.info.named(name);
        self
    }

    /// The transport. Starts nothing; reads the proxy variables of the environment.
    ///
    /// # Errors
    ///
    /// The site is neither one of Datadog's nor an address; the key cannot be sent in a header; the time limit is zero;
    /// the proxy variable that applies is not an address.
    pub fn build(self) -> Result<DatadogTransport, ConfigError> {
        let url = self.intake()?;
        let queue = self.http.url(url).queued(self.info).map_err(|error| by_own_key(&self.path, error))?;
        Ok(DatadogTransport::over(queue.limits(self.limits).build(), self.rules))
    }

    /// Posts an empty body to the intake by `until`, and says what it answers. Waits for it.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn reach(self, until: Deadline) -> Result<Found, ConfigError> {
        let url = self.intake()?;
        self.http.url(url).reach(until).map_err(|error| by_own_key(&self.path, error))
    }

    fn intake(&self) -> Result<String, ConfigError> {
        site::intake(&format!("{}.site", self.path), &self.site)
    }
}

/// Names the option as this kind spells it.
fn by_own_key(path: &str, error: ConfigError) -> ConfigError {
    match error.key().strip_prefix(path) {
        Some(".url" | ".endpoint") => error.keyed(format!("{path}.site")).cure(site::cure()),
        Some(".auth.apiKey") => error.keyed(format!("{path}.apiKey")),
        _ => error,
    }
}

impl fmt::Debug for DatadogBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("DatadogBuilder");
        out.field("info", &self.info).field("http", &self.http).field("limits", &self.limits);
        // The site may be an address with a user in it.
        out.field("rules", &self.rules).finish_non_exhaustive()
    }
}
