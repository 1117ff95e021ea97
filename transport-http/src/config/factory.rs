use std::sync::Arc;

use openlineage_core::config::{BuildContext, ConfigError, Factory, Secret, Section};
use openlineage_core::transport::Transport;
use openlineage_core::undelivered::UndeliveredFile;

use super::{Compression, HttpBuilder, retry};

const KNOWN: [&str; 9] =
    ["url", "endpoint", "timeout", "auth", "custom_headers", "retry", "compression", "sslContext", "undelivered_file"];

/// Spellings of the key in `auth`, all of which the Python client takes.
const API_KEY: [&str; 3] = ["apiKey", "apikey", "api_key"];

/// Builds [`HttpTransport`](crate::HttpTransport)s from configuration: kind `http`, with the Python client's options and
/// one of ours.
///
/// | option | meaning | default |
/// | --- | --- | --- |
/// | `url` | the server | required |
/// | `endpoint` | joined to it, see [`HttpBuilder::endpoint`] | `api/v1/lineage` |
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
        let mut builder = HttpBuilder::new(options.required("url")?).runtime(context.runtime().clone());
        builder.info = context.info().clone();
        builder.path = options.path().to_owned();
        if let Some(endpoint) = options.text("endpoint")? {
            builder = builder.endpoint(endpoint);
        }
        if let Some(limit) = retry::seconds(&mut options, "timeout")? {
            builder = builder.timeout(limit);
        }
        if let Some(auth) = options.section("auth")? {
            builder = builder.api_key(api_key(auth)?);
        }
        if let Some(headers) = options.section("custom_headers")? {
            builder = with_headers(builder, headers)?;
        }
        if let Some(retry) = options.section("retry")? {
            let (policy, statuses) = retry::read(retry)?;
            builder = builder.retry(policy);
            if let Some(statuses) = statuses {
                builder = builder.status_forcelist(statuses);
            }
        }
        match options.text("compression")?.as_deref() {
            None => {}
            Some("gzip") => builder = builder.compression(Compression::Gzip),
            Some(_) => return Err(ConfigError::new(options.key("compression"), "unknown").cure("write gzip")),
        }
        if let Some(mut tls) = options.section("sslContext")? {
            builder = builder.ca_file(tls.required("caCertPath")?);
            tls.finish(&["caCertPath"])?;
        }
        if let Some(path) = options.text("undelivered_file")? {
            if path.is_empty() {
                return Err(ConfigError::new(options.key("undelivered_file"), "empty").cure("write the path of a file"));
            }
            builder = builder.undelivered(Arc::new(UndeliveredFile::new(path)));
        }
        options.finish(&KNOWN)?;
        Ok(Arc::new(builder.build()?))
    }
}

fn api_key(mut auth: Section) -> Result<Secret, ConfigError> {
    let wrong = |auth: &Section, problem: &str| ConfigError::new(auth.key("type"), problem).cure("write api_key");
    match auth.text("type")?.as_deref() {
        Some("api_key") => {}
        Some(kind @ ("jwt" | "oauth2")) => return Err(wrong(&auth, &format!("{kind} is not built yet"))),
        Some(_) => return Err(wrong(&auth, "unknown")),
        None => return Err(wrong(&auth, "missing")),
    }
    let spelling = API_KEY.into_iter().find(|name| auth.names().any(|given| given == *name)).unwrap_or(API_KEY[0]);
    let Some(key) = auth.secret(spelling)? else {
        return Err(ConfigError::new(auth.key(spelling), "missing").cure("write the key, {env: NAME} or {file: PATH}"));
    };
    auth.finish(&["type", "apiKey"])?;
    Ok(key)
}

fn with_headers(mut builder: HttpBuilder, mut headers: Section) -> Result<HttpBuilder, ConfigError> {
    let names: Vec<String> = headers.names().map(str::to_owned).collect();
    for name in names {
        if let Some(value) = headers.secret(&name)? {
            builder = builder.header(name, value);
        }
    }
    Ok(builder)
}
