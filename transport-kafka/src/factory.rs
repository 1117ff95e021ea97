use std::sync::Arc;

use openlineage_core::auth::TokenProvider;
use openlineage_core::config::{BuildContext, ConfigError, Factory, Reach, Section};
use openlineage_core::lifecycle::Deadline;
use openlineage_core::transport::Transport;
use openlineage_core::undelivered::UndeliveredFile;

use crate::{KafkaBuilder, KafkaTransport};

/// What [`read`] takes.
pub(crate) const KNOWN: [&str; 6] = ["config", "topic", "messageKey", "message_key", "flush", "undelivered_file"];

/// Builds [`KafkaTransport`]s from configuration: kind `kafka`, with the Python client's options and one of ours.
///
/// | option | meaning | default |
/// | --- | --- | --- |
/// | `config` | map of properties of librdkafka, see [`KafkaBuilder::config`]; a value may be a reference, `{env: NAME}` or `{file: PATH}` | required |
/// | `topic` | where records go | required |
/// | `messageKey`, `message_key` | the key of every record; the former counts if both are given | see the [crate] |
/// | `flush` | whether `emit` waits for the broker's acknowledgement | true |
/// | `undelivered_file` | path of an [`UndeliveredFile`], which upstream does not have | none |
///
/// ```
/// use openlineage_core::config::{Registry, TransportSpec};
/// use openlineage_core::transport::{Fresh, TransportSource};
/// use openlineage_transport_kafka::KafkaFactory;
///
/// let registry = Registry::builtin().with("kafka", KafkaFactory);
/// let spec = r#"{"type": "kafka", "topic": "lineage", "config": {"bootstrap.servers": "localhost:9092"}}"#;
/// let transport = Fresh.get(&TransportSpec::from_json(spec)?, &registry)?;
/// assert_eq!(transport.info().kind, "kafka");
/// # Ok::<_, openlineage_core::config::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it is written as a value where a registry is made")]
pub struct KafkaFactory;

impl KafkaFactory {
    /// Gives every transport that it builds this provider, for `sasl.mechanisms` `OAUTHBEARER`.
    ///
    /// Register one such factory for the whole program: transports of two of them are not shared.
    #[must_use]
    pub fn tokens(self, provider: Arc<dyn TokenProvider>) -> KafkaTokenFactory {
        KafkaTokenFactory { provider }
    }
}

/// [`KafkaFactory`] with a provider of tokens.
#[derive(Clone, Debug)]
pub struct KafkaTokenFactory {
    provider: Arc<dyn TokenProvider>,
}

impl Factory for KafkaFactory {
    fn build(&self, mut options: Section, context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        let builder = read(&mut options, context)?;
        build(builder, options, &KNOWN)
    }

    /// Asks the cluster for the topic, and does not make it.
    fn reach(
        &self,
        mut options: Section,
        context: &BuildContext<'_>,
        until: Deadline,
    ) -> Result<Vec<Reach>, ConfigError> {
        reach(read(&mut options, context)?, until)
    }
}

impl Factory for KafkaTokenFactory {
    fn build(&self, mut options: Section, context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        let builder = read(&mut options, context)?.tokens(Arc::clone(&self.provider));
        build(builder, options, &KNOWN)
    }

    /// As for [`KafkaFactory`].
    fn reach(
        &self,
        mut options: Section,
        context: &BuildContext<'_>,
        until: Deadline,
    ) -> Result<Vec<Reach>, ConfigError> {
        reach(read(&mut options, context)?.tokens(Arc::clone(&self.provider)), until)
    }
}

/// Builds what was read from options that may hold nothing but these.
pub(crate) fn build(
    builder: KafkaBuilder,
    options: Section,
    known: &[&str],
) -> Result<Arc<dyn Transport>, ConfigError> {
    options.finish(known)?;
    Ok(Arc::new(builder.build()?))
}

pub(crate) fn reach(builder: KafkaBuilder, until: Deadline) -> Result<Vec<Reach>, ConfigError> {
    let info = builder.info.clone();
    Ok(vec![Reach::new(info, builder.reach(until)?)])
}

/// Takes the options that say where to send and how.
pub(crate) fn read(options: &mut Section, context: &BuildContext<'_>) -> Result<KafkaBuilder, ConfigError> {
    let Some(mut config) = options.section("config")? else {
        let cure = "write a map, such as {bootstrap.servers: HOST:PORT}";
        return Err(ConfigError::new(options.key("config"), "missing").cure(cure));
    };
    let mut builder = KafkaTransport::builder(options.required("topic")?).runtime(context.runtime().clone());
    (builder.path, builder.info) = (options.path().to_owned(), context.info().clone());
    let names: Vec<String> = config.names().map(str::to_owned).collect();
    for name in names {
        if let Some(value) = config.secret(&name)? {
            builder = builder.config(name, value);
        }
    }
    for spelling in ["message_key", "messageKey"] {
        if let Some(key) = options.text(spelling)?.filter(|key| !key.is_empty()) {
            builder = builder.message_key(key);
        }
    }
    if let Some(flush) = options.flag("flush")? {
        builder = builder.flush(flush);
    }
    if let Some(hook) = UndeliveredFile::read(options)? {
        builder = builder.undelivered(hook);
    }
    Ok(builder)
}
