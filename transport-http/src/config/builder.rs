use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use openlineage_core::config::{ConfigError, Found, Secret};
use openlineage_core::engine::{Direct, Queued, QueuedBuilder};
use openlineage_core::lifecycle::Deadline;
use openlineage_core::queue::Limits;
use openlineage_core::retry::RetryPolicy;
use openlineage_core::runtime::Runtime;
use openlineage_core::transport::TransportInfo;
use openlineage_core::undelivered::Undelivered;
use url::Url;

use super::{headers, proxy, target};
use crate::answer::{Answers, Shown};
use crate::deliver::HttpDeliver;
use crate::secret::Mask;
use crate::wire::{Known, Plan};
use crate::{AsyncHttpTransport, HttpTransport};

const KIND: &str = "http";
const ASYNC_KIND: &str = "async_http";
const ENDPOINT: &str = "api/v1/lineage";
const TIMEOUT: Duration = Duration::from_secs(5);
const FORCELIST: [u16; 4] = [500, 502, 503, 504];

/// How bodies are made smaller.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Compression {
    /// `Content-Encoding: gzip`, level 3. Bodies above 256 KiB are compressed off the worker's thread.
    Gzip,
}

/// Sets up an [`HttpTransport`] or an [`AsyncHttpTransport`]. Nothing is looked at before it is built.
pub struct HttpBuilder {
    pub(super) path: String,
    pub(super) info: TransportInfo,
    url: String,
    endpoint: String,
    timeout: Option<Duration>,
    api_key: Option<Secret>,
    headers: Vec<(String, Secret)>,
    retry: RetryPolicy,
    forcelist: Vec<u16>,
    compression: Option<Compression>,
    ca_file: Option<PathBuf>,
    undelivered: Option<Arc<dyn Undelivered>>,
    runtime: Runtime,
}

impl HttpBuilder {
    pub(crate) fn new(url: String) -> Self {
        Self {
            path: "transport".to_owned(),
            info: TransportInfo::new(KIND),
            url,
            endpoint: ENDPOINT.to_owned(),
            timeout: None,
            api_key: None,
            headers: Vec::new(),
            retry: RetryPolicy::default(),
            forcelist: FORCELIST.to_vec(),
            compression: None,
            ca_file: None,
            undelivered: None,
            runtime: Runtime::shared(),
        }
    }

    /// Posts to this server instead.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = url.into();
        self
    }

    /// Where to post, joined to the URL as RFC 3986 says. Default `api/v1/lineage`.
    ///
    /// So `http://h/base` loses `base` and `http://h/base/` keeps it; an endpoint with a leading slash replaces the
    /// whole path, and an address replaces everything. The Python client does the same.
    #[must_use]
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = endpoint.into();
        self
    }

    /// Longest time for one attempt, from connecting to the answer. Default 5 s, or the policy's `attempt_timeout`.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Sends `Authorization: Bearer` with this key.
    #[must_use]
    pub fn api_key(mut self, key: impl Into<Secret>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// Sends this header with each event. It wins over the ones that are sent anyway, `Authorization` included.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Repeats failed attempts by this policy.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Statuses that are worth another attempt, besides 408, 425 and 429. Default 500, 502, 503, 504.
    #[must_use]
    pub fn status_forcelist(mut self, statuses: impl IntoIterator<Item = u16>) -> Self {
        self.forcelist = statuses.into_iter().collect();
        self
    }

    /// Compresses bodies. Default: sent as they are.
    #[must_use]
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = Some(compression);
        self
    }

    /// Trusts the certificates in this PEM file instead of the system's. Read with the first event.
    #[must_use]
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(path.into());
        self
    }

    /// Passes to this hook every accepted event that fails or is abandoned. Default: none.
    #[must_use]
    pub fn undelivered(mut self, hook: Arc<dyn Undelivered>) -> Self {
        self.undelivered = Some(hook);
        self
    }

    /// Works on this runtime.
    #[must_use]
    pub fn runtime(mut self, runtime: Runtime) -> Self {
        self.runtime = runtime;
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
    /// The URL is not `http` or `https` with a host, or has a user in it; a header or the key cannot be sent; the time
    /// limit is zero; the proxy variable that applies is not an address.
    pub fn build(mut self) -> Result<HttpTransport, ConfigError> {
        let (info, hook) = (self.info.clone(), self.undelivered.take());
        let (deliver, retry, runtime) = self.destination()?;
        let mut engine = Direct::builder(info, deliver).retry(retry).runtime(runtime);
        if let Some(hook) = hook {
            engine = engine.undelivered(hook);
        }
        Ok(HttpTransport::over(engine.build()))
    }

    /// The transport that queues, within these limits. Starts nothing; reads the proxy variables of the environment.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn build_async(self, limits: Limits) -> Result<AsyncHttpTransport, ConfigError> {
        let mut info = self.info.clone();
        info.kind = ASYNC_KIND.into();
        Ok(AsyncHttpTransport::over(self.queued(info)?.limits(limits).build()))
    }

    /// The queue before this destination, for a transport of another kind that is made of it. With
    /// [`compression`](Self::compression) it keeps events compressed.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn queued(mut self, info: TransportInfo) -> Result<QueuedBuilder<HttpDeliver>, ConfigError> {
        let (hook, gzip) = (self.undelivered.take(), self.compression == Some(Compression::Gzip));
        let (deliver, retry, runtime) = self.destination()?;
        let queued = Queued::builder(info, deliver).retry(retry).runtime(runtime).keep_compressed(gzip);
        Ok(match hook {
            Some(hook) => queued.undelivered(hook),
            None => queued,
        })
    }

    /// Posts an empty body by `until`, which no server takes for an event, and says what it answers. Waits for it.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn reach(mut self, until: Deadline) -> Result<Found, ConfigError> {
        self.undelivered = None;
        let (deliver, _, runtime) = self.destination()?;
        let asking = async move { Found::of(deliver.ask(until).await.as_ref().map_err(|fault| fault as _).cloned()) };
        let found = runtime.lease().ok().and_then(|lease| lease.wait_for(until, asking));
        Ok(found.unwrap_or_else(|| Found::NotReached("no answer in time".to_owned())))
    }

    fn destination(self) -> Result<(HttpDeliver, RetryPolicy, Runtime), ConfigError> {
        let gzip = self.compression == Some(Compression::Gzip);
        let url = target::join(&self.path, &self.url, &self.endpoint)?;
        let headers = headers::build(&self.path, self.api_key.as_ref(), &self.headers, gzip)?;
        let timeout = self.timeout.or(self.retry.attempt_timeout).unwrap_or(TIMEOUT);
        if timeout.is_zero() {
            return Err(ConfigError::new(format!("{}.timeout", self.path), "zero").cure("give seconds, such as 5"));
        }
        let proxy = proxy::from_env(url.scheme())?;
        let tls = url.scheme() == "https" || proxy.as_ref().is_some_and(|proxy| proxy.tls);
        let queries = target::query_values(&url);
        let secrets = self.api_key.iter().chain(self.headers.iter().map(|(_, value)| value)).chain(&queries);
        let deliver = HttpDeliver {
            answers: Answers { mask: Mask::new(secrets), forcelist: self.forcelist },
            plan: Arc::new(Plan { url, headers, proxy: proxy.map(|proxy| proxy.proxy), tls }),
            ca_file: self.ca_file,
            known: Arc::new(Known::default()),
            gzip,
        };
        let mut retry = self.retry;
        retry.attempt_timeout = Some(timeout);
        Ok((deliver, retry, self.runtime))
    }
}

/// Shows the address without user and query, and of headers the names.
impl fmt::Debug for HttpBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = Url::parse(&self.url).ok();
        f.debug_struct("HttpBuilder")
            .field("info", &self.info)
            .field("url", &url.as_ref().map(Shown))
            .field("timeout", &self.timeout)
            .field("api_key", &self.api_key)
            .field("headers", &self.headers)
            .field("retry", &self.retry)
            .field("status_forcelist", &self.forcelist)
            .field("compression", &self.compression)
            .field("ca_file", &self.ca_file)
            .field("undelivered", &self.undelivered)
            .field("runtime", &self.runtime)
            .finish_non_exhaustive()
    }
}
