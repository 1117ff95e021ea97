use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use openlineage_core::auth::TokenProvider;
use openlineage_core::config::{ConfigError, Found, Secret};
use openlineage_core::engine::Posted;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::runtime::Runtime;
use openlineage_core::transport::TransportInfo;
use openlineage_core::undelivered::Undelivered;

use crate::KafkaTransport;
use crate::key::Keys;
use crate::post::KafkaPost;
use crate::properties::Properties;
use crate::tokens::Tokens;

const KIND: &str = "kafka";

/// Longest name of a topic, in characters.
const LONGEST_TOPIC: usize = 249;

/// Sets up a [`KafkaTransport`]. Nothing is looked at before [`build`](Self::build).
#[derive(Clone)]
pub struct KafkaBuilder {
    pub(crate) path: String,
    pub(crate) info: TransportInfo,
    topic: String,
    config: BTreeMap<String, Secret>,
    key: Option<String>,
    flush: bool,
    tokens: Option<Arc<dyn TokenProvider>>,
    runtime: Runtime,
    undelivered: Option<Arc<dyn Undelivered>>,
}

impl KafkaBuilder {
    pub(crate) fn new(topic: String) -> Self {
        Self {
            path: "transport".to_owned(),
            info: TransportInfo::new(KIND),
            topic,
            config: BTreeMap::new(),
            key: None,
            flush: true,
            tokens: None,
            runtime: Runtime::shared(),
            undelivered: None,
        }
    }

    /// A property of librdkafka, as its list of properties spells it; the last value counts.
    ///
    /// `bootstrap.servers` is required. These have other defaults than librdkafka's:
    ///
    /// | property | default |
    /// | --- | --- |
    /// | `acks` | `all` |
    /// | `client.id` | `openlineage` |
    /// | `compression.type` | `lz4` |
    /// | `enable.idempotence` | `true`, unless another property speaks against it |
    /// | `linger.ms` | 0 |
    /// | `message.timeout.ms` | 30000 |
    /// | `queue.buffering.max.kbytes` | 65536 |
    ///
    /// Most events and bytes that are accepted and not settled are `queue.buffering.max.messages`, 100,000, and
    /// `queue.buffering.max.kbytes`.
    #[must_use]
    pub fn config(mut self, property: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.config.insert(property.into(), value.into());
        self
    }

    /// The key of every record, in place of the one that each event has by itself. Empty counts as none.
    #[must_use]
    pub fn message_key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into()).filter(|key| !key.is_empty());
        self
    }

    /// Lets `emit` wait for the broker's acknowledgement, or answer with a ticket for it. Default: it waits.
    #[must_use]
    pub fn flush(mut self, flush: bool) -> Self {
        self.flush = flush;
        self
    }

    /// Where the tokens for `sasl.mechanisms` `OAUTHBEARER` come from.
    ///
    /// The first is asked for before there is a producer, the next one while the last is still good.
    #[must_use]
    pub fn tokens(mut self, provider: Arc<dyn TokenProvider>) -> Self {
        self.tokens = Some(provider);
        self
    }

    /// Works on this runtime.
    #[must_use]
    pub fn runtime(mut self, runtime: Runtime) -> Self {
        self.runtime = runtime;
        self
    }

    /// Passes to this hook every accepted event that fails or is abandoned. Default: none.
    #[must_use]
    pub fn undelivered(mut self, hook: Arc<dyn Undelivered>) -> Self {
        self.undelivered = Some(hook);
        self
    }

    /// Names the transport in errors and reports.
    #[must_use]
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.info = self.info.named(name);
        self
    }

    /// The transport. Starts nothing.
    ///
    /// # Errors
    ///
    /// The topic is no name that Kafka takes; a property is unknown, has no value that librdkafka takes, or asks for what
    /// is not in this build; `bootstrap.servers` is missing.
    pub fn build(mut self) -> Result<KafkaTransport, ConfigError> {
        let (info, flush, runtime) = (self.info.clone(), self.flush, self.runtime.clone());
        let hook = self.undelivered.take();
        let post = self.post()?;
        let (events, bytes) = post.properties.room();
        let mut posted = Posted::builder(info, post).room(events, bytes).confirm(flush).runtime(runtime);
        if let Some(hook) = hook {
            posted = posted.undelivered(hook);
        }
        Ok(KafkaTransport::over(posted.build()))
    }

    fn post(self) -> Result<KafkaPost, ConfigError> {
        check_topic(&format!("{}.topic", self.path), &self.topic)?;
        let properties = Properties::new(&format!("{}.config", self.path), &self.config, self.tokens.is_some())?;
        Ok(KafkaPost { info: self.info, topic: self.topic, keys: Keys::new(self.key), properties, tokens: self.tokens })
    }

    /// Asks the cluster for the topic by `until`, and says what it answers. Waits.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn reach(self, until: Deadline) -> Result<Found, ConfigError> {
        let runtime = self.runtime.clone();
        let post = self.post()?;
        let tokens = match post.tokens.clone().map(Tokens::new) {
            None => None,
            Some(tokens) => {
                let fetching = async move { tokens.fetch(until).await.map(|()| tokens) };
                match runtime.lease().ok().and_then(|lease| lease.wait_for(until, fetching)) {
                    Some(Ok(tokens)) => Some(tokens),
                    Some(Err(error)) => return Ok(Found::NotReached(format!("no token: {error}"))),
                    None => return Ok(Found::NotReached("no token in time".to_owned())),
                }
            }
        };
        Ok(post.reach(tokens, until).map_or_else(Found::NotReached, Found::Reached))
    }
}

/// Source of the rule: Kafka's class `Topic`.
fn check_topic(key: &str, topic: &str) -> Result<(), ConfigError> {
    let is_legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let problem = match topic {
        "" => "empty",
        "." | ".." => "not a name that a topic may have",
        _ if topic.len() > LONGEST_TOPIC => "longer than 249 characters",
        _ if !topic.chars().all(is_legal) => "not a name that a topic may have",
        _ => return Ok(()),
    };
    Err(ConfigError::new(key, problem).cure("write letters, digits, `.`, `_` and `-`"))
}

impl fmt::Debug for KafkaBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("KafkaBuilder");
        out.field("info", &self.info).field("topic", &self.topic);
        out.field("config", &self.config).field("flush", &self.flush).finish_non_exhaustive()
    }
}
