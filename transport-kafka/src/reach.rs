use std::time::Duration;

use openlineage_core::lifecycle::Deadline;
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::producer::{BaseProducer, Producer};

use crate::context::Context;
use crate::post::KafkaPost;
use crate::tokens::Tokens;

/// Longest time for whoever sets no limit.
const LIMIT: Duration = Duration::from_secs(30);

/// How long librdkafka's own account of what went wrong may be behind.
const ACCOUNT: Duration = Duration::from_millis(50);

impl KafkaPost {
    /// Asks the cluster for the topic, and says what it answers. Waits; the producer for it is gone afterwards.
    pub(crate) fn reach(&self, tokens: Option<Tokens>, until: Deadline) -> Result<String, String> {
        let mut config = self.properties.client_config();
        // Looking must not make the topic.
        config.set("allow.auto.create.topics", "false");
        let made: KafkaResult<BaseProducer<Context>> =
            config.create_with_context(Context::new(self.info.clone(), tokens));
        let producer = made.map_err(|error| self.properties.unsecret(&error))?;
        // Hands out the first token, where there is one to hand out.
        producer.poll(Duration::ZERO);
        let left = until.remaining().unwrap_or(LIMIT).saturating_sub(ACCOUNT);
        let answer = producer.client().fetch_metadata(Some(&self.topic), left);
        producer.poll(ACCOUNT);
        match answer {
            Err(error) => Err(producer.context().trouble().unwrap_or_else(|| said(&error))),
            Ok(metadata) => match metadata.topics().iter().find(|topic| topic.name() == self.topic) {
                Some(topic) if topic.error().is_none() => Ok(format!(
                    "{} has topic {} with {}",
                    counted(metadata.brokers().len(), "broker"),
                    self.topic,
                    counted(topic.partitions().len(), "partition")
                )),
                _ => Ok(format!("{} and no topic {} yet", counted(metadata.brokers().len(), "broker"), self.topic)),
            },
        }
    }
}

fn said(error: &KafkaError) -> String {
    match error.rdkafka_error_code() {
        Some(code) => code.to_string(),
        None => error.to_string(),
    }
}

fn counted(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
