use std::sync::Arc;

use openlineage_core::config::{BuildContext, ConfigError, Factory, Reach, Section};
use openlineage_core::lifecycle::Deadline;
use openlineage_core::queue::Limits;
use openlineage_core::transport::Transport;

use super::options::{self, KNOWN};
use crate::AsyncHttpTransport;

/// Builds [`HttpTransport`](crate::HttpTransport)s from configuration: kind `http`, with the Python client's options and
/// one of ours.
///
/// | option | meaning | default |
/// | --- | --- | --- |
/// | `url` | the server | required |
/// | `endpoint` | joined to it, see [`HttpBuilder::endpoint`](crate::HttpBuilder::endpoint) | `api/v1/lineage` |
/// | `timeout` | of one attempt, in seconds | 5 |
/// | `auth` | `{type: api_key, apiKey: …}` | none |
/// | `custom_headers` | map of header to value; they win over `auth` | none |
/// | `compression` | `gzip` | none |
/// | `sslContext` | `{caCertPath: …}`, a PEM file to trust instead of the system's certificates | none |
/// | `retry` | `total`, `connect`, `read` (-1: no limit), `backoff_factor`, `backoff_max` (in seconds), `status_forcelist`, `respect_retry_after_header`, `on_timeout`, `jitter` | see [`RetryPolicy`] |
/// | `undelivered_file` | path of an [`UndeliveredFile`], which upstream does not have | none |
///
/// Other keys of urllib3's `Retry` are ignored with a warning; any other unknown key is an error.
///
/// ```
/// use openlineage_core::config::{Registry, TransportSpec};
/// use openlineage_core::transport::{Fresh, TransportSource};
/// use openlineage_transport_http::HttpFactory;
///
/// let registry = Registry::builtin().with("http", HttpFactory);
/// let spec = TransportSpec::from_json(r#"{"type": "http", "url": "https://lineage.example", "timeout": 2.5}"#)?;
/// let transport = Fresh.get(&spec, &registry)?;
/// assert_eq!(transport.info().kind, "http");
/// # Ok::<_, openlineage_core::config::ConfigError>(())
/// ```
///
/// [`UndeliveredFile`]: openlineage_core::undelivered::UndeliveredFile
/// [`RetryPolicy`]: openlineage_core::retry::RetryPolicy
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it is written as a value where a registry is made")]
pub struct HttpFactory;

impl Factory for HttpFactory {
    fn build(&self, mut options: Section, context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        let builder = options::read(&mut options, context)?;
        options.finish(&KNOWN)?;
        Ok(Arc::new(builder.build()?))
    }

    /// Posts nothing, which is no event, and looks at the answer.
    fn reach(
        &self,
        mut options: Section,
        context: &BuildContext<'_>,
        until: Deadline,
    ) -> Result<Vec<Reach>, ConfigError> {
        let found = options::read(&mut options, context)?.reach(until)?;
        Ok(vec![Reach::new(context.info().clone(), found)])
    }
}

/// Builds [`AsyncHttpTransport`](crate::AsyncHttpTransport)s from configuration: kind `async_http`, with every option of
/// [`HttpFactory`] and those of the queue.
///
/// | option | meaning | default |
/// | --- | --- | --- |
/// | `max_queue_size` | most events accepted and not settled, above zero | 10000 |
/// | `max_concurrent_requests` | most requests under way, above zero | 100 |
/// | `max_queue_bytes` | most bytes of the events accepted and not settled, above zero | 67108864 |
/// | `max_age` | how old an event may grow before it is given up, in seconds, above zero | any age |
/// | `drop_oldest` | when the queue is full, drop the oldest events instead of letting the caller wait | false |
///
/// The first two are the Python client's, which has no `sslContext` here; the last three are ours. With `compression`
/// the queue holds events compressed, and `max_queue_bytes` counts them so.
///
/// ```
/// use openlineage_core::config::{Registry, TransportSpec};
/// use openlineage_core::transport::{Fresh, TransportSource};
/// use openlineage_transport_http::AsyncHttpFactory;
///
/// let registry = Registry::builtin().with("async_http", AsyncHttpFactory);
/// let spec = r#"{"type": "async_http", "url": "https://lineage.example", "max_queue_size": 500, "max_age": 3600}"#;
/// let transport = Fresh.get(&TransportSpec::from_json(spec)?, &registry)?;
/// assert_eq!(transport.info().kind, "async_http");
/// # Ok::<_, openlineage_core::config::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it is written as a value where a registry is made")]
pub struct AsyncHttpFactory;

impl Factory for AsyncHttpFactory {
    fn build(&self, mut options: Section, context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        let builder = options::read(&mut options, context)?;
        let limits = Limits::read(&mut options)?;
        options.finish(&[&KNOWN[..], &Limits::OPTIONS].concat())?;
        let queued = builder.queued(context.info().clone())?.limits(limits);
        Ok(Arc::new(AsyncHttpTransport::over(queued.build())))
    }

    /// As for [`HttpFactory`].
    fn reach(&self, options: Section, context: &BuildContext<'_>, until: Deadline) -> Result<Vec<Reach>, ConfigError> {
        HttpFactory.reach(options, context, until)
    }
}
