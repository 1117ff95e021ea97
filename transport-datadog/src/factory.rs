use std::sync::Arc;

use openlineage_core::config::{BuildContext, ConfigError, Factory, Reach, Secret, Section, Source};
use openlineage_core::lifecycle::Deadline;
use openlineage_core::queue::Limits;
use openlineage_core::transport::Transport;
use openlineage_transport_http::HttpBuilder;

use crate::{DatadogBuilder, DatadogTransport, Rules};

const KNOWN: [&str; 3] = ["apiKey", "site", "async_transport_rules"];

/// Builds [`DatadogTransport`]s from configuration: kind `datadog`, with the Python client's options.
///
/// | option | meaning | default |
/// | --- | --- | --- |
/// | `apiKey` | the API key, or a reference to it | the variable `DD_API_KEY`; one of them is required |
/// | `site` | a site of Datadog or an address, see [`DatadogBuilder::site`](crate::DatadogBuilder::site) | the variable `DD_SITE`, or `datadoghq.com` |
/// | `async_transport_rules` | which events are queued, see [`Rules`] | `{dbt: {"*": true}}` |
/// | `timeout`, `retry`, `undelivered_file` | as for [`http`](openlineage_transport_http::HttpFactory) | |
/// | `max_queue_size`, `max_concurrent_requests`, `max_queue_bytes`, `max_age`, `drop_oldest` | see [`Limits::read`] | |
///
/// `undelivered_file` and the last three options are ours. Rules keep the order in which they are written; where each is
/// a variable of its own they stand in alphabetical order, `*` first, so write them as one JSON value there:
/// `OPENLINEAGE__TRANSPORT__ASYNC_TRANSPORT_RULES={"dbt": {"*": true}}`. Where a file and variables both have rules, those
/// from variables stand first.
///
/// ```
/// use openlineage_core::config::{Registry, TransportSpec};
/// use openlineage_core::transport::{Fresh, TransportSource};
/// use openlineage_transport_datadog::DatadogFactory;
///
/// let registry = Registry::builtin().with("datadog", DatadogFactory);
/// let spec = TransportSpec::from_json(r#"{"type": "datadog", "apiKey": "s3cret", "site": "us5.datadoghq.com"}"#)?;
/// let transport = Fresh.get(&spec, &registry)?;
/// assert_eq!(transport.info().kind, "datadog");
/// # Ok::<_, openlineage_core::config::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it is written as a value where a registry is made")]
pub struct DatadogFactory;

impl Factory for DatadogFactory {
    fn build(&self, mut options: Section, context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        let mut variables = Variables::default();
        let builder = read(&mut options, context, &mut variables)?;
        options.finish(&[&KNOWN[..], &HttpBuilder::OPTIONS, &Limits::OPTIONS].concat())?;
        Ok(Arc::new(builder.build().map_err(|error| variables.locate(error))?))
    }

    /// Posts nothing to the intake, which is no event, and looks at the answer.
    fn reach(
        &self,
        mut options: Section,
        context: &BuildContext<'_>,
        until: Deadline,
    ) -> Result<Vec<Reach>, ConfigError> {
        let found = read(&mut options, context, &mut Variables::default())?.reach(until)?;
        Ok(vec![Reach::new(context.info().clone(), found)])
    }
}

fn read(
    options: &mut Section,
    context: &BuildContext<'_>,
    variables: &mut Variables,
) -> Result<DatadogBuilder, ConfigError> {
    let key = api_key(options, variables)?;
    let mut builder = DatadogTransport::builder(key).read(options, context)?;
    if let Some(site) = site(options, variables)? {
        builder = builder.site(site);
    }
    if let Some(rules) = options.take("async_transport_rules") {
        builder = builder.rules(Rules::read(&options.key("async_transport_rules"), &rules)?);
    }
    Ok(builder.limits(Limits::read(options)?))
}

/// Which options were taken from which variables, so that an error says where to look.
#[derive(Default)]
struct Variables(Vec<(String, &'static str)>);

impl Variables {
    fn take(&mut self, options: &Section, option: &str, variable: &'static str) -> Option<String> {
        let value = options.variable(variable)?;
        self.0.push((options.key(option), variable));
        Some(value)
    }

    fn locate(&self, error: ConfigError) -> ConfigError {
        match self.0.iter().find(|(key, _)| key == error.key()) {
            Some((_, variable)) => error.at(&Source::env(variable)),
            None => error,
        }
    }
}

/// An empty key counts as none, as in the Python client.
fn api_key(options: &mut Section, variables: &mut Variables) -> Result<Secret, ConfigError> {
    for spelling in ["apiKey", "apikey"] {
        if let Some(key) = options.secret(spelling)?.filter(|key| !key.expose().is_empty()) {
            return Ok(key);
        }
    }
    match variables.take(options, "apiKey", "DD_API_KEY") {
        Some(key) => Ok(Secret::from(key)),
        None => {
            let cure = "write the key, {env: NAME} or {file: PATH}, or set the variable DD_API_KEY";
            Err(ConfigError::new(options.key("apiKey"), "missing").cure(cure))
        }
    }
}

fn site(options: &mut Section, variables: &mut Variables) -> Result<Option<String>, ConfigError> {
    let written = options.text("site")?.filter(|site| !site.is_empty());
    Ok(written.or_else(|| variables.take(options, "site", "DD_SITE")))
}
