use openlineage_core::config::{BuildContext, ConfigError, Secret, Section};
use openlineage_core::undelivered::UndeliveredFile;

use super::{Compression, HttpBuilder, retry};

/// What [`read`] takes.
pub(super) const KNOWN: [&str; 9] =
    ["url", "endpoint", "timeout", "auth", "custom_headers", "retry", "compression", "sslContext", "undelivered_file"];

/// Spellings of the key in `auth`, all of which the Python client takes.
const API_KEY: [&str; 3] = ["apiKey", "apikey", "api_key"];

/// Takes the options that say where to post and how.
pub(super) fn read(options: &mut Section, context: &BuildContext<'_>) -> Result<HttpBuilder, ConfigError> {
    let mut builder = HttpBuilder::new(options.required("url")?).read(options, context)?;
    if let Some(endpoint) = options.text("endpoint")? {
        builder = builder.endpoint(endpoint);
    }
    if let Some(auth) = options.section("auth")? {
        builder = builder.api_key(api_key(auth)?);
    }
    if let Some(headers) = options.section("custom_headers")? {
        builder = with_headers(builder, headers)?;
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
    Ok(builder)
}

impl HttpBuilder {
    /// The options that [`read`](Self::read) takes, for [`Section::finish`].
    pub const OPTIONS: [&str; 3] = ["timeout", "retry", "undelivered_file"];

    /// Takes the options `timeout`, `retry` and `undelivered_file` as kind `http` does, and the name and runtime that the
    /// configuration gives: for factories of other kinds that post to a server.
    ///
    /// # Errors
    ///
    /// An option that is there and cannot be used, by its key.
    pub fn read(self, options: &mut Section, context: &BuildContext<'_>) -> Result<Self, ConfigError> {
        let mut builder = self.runtime(context.runtime().clone());
        builder.info = context.info().clone();
        builder.path = options.path().to_owned();
        if let Some(limit) = options.seconds("timeout")? {
            builder = builder.timeout(limit);
        }
        if let Some(retry) = options.section("retry")? {
            let (policy, statuses) = retry::read(retry)?;
            builder = builder.retry(policy);
            if let Some(statuses) = statuses {
                builder = builder.status_forcelist(statuses);
            }
        }
        if let Some(hook) = UndeliveredFile::read(options)? {
            builder = builder.undelivered(hook);
        }
        Ok(builder)
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
