use std::collections::BTreeMap;
use std::fmt;

use openlineage_core::config::{ConfigError, Secret};
use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaConfRes;

use crate::security;

/// What a producer is set up with: properties of librdkafka, ours where the user gave none.
#[derive(Clone)]
pub(crate) struct Properties {
    all: BTreeMap<String, Secret>,
    largest_record: usize,
    room: (usize, usize),
}

/// Properties that get another value than librdkafka's unless the user gives one, under any of their names.
const DEFAULTS: [(&[&str], &str); 6] = [
    (&["acks", "request.required.acks"], "all"),
    (&["client.id"], "openlineage"),
    (&["compression.type", "compression.codec"], "lz4"),
    // Batches form while requests are in flight; a linger only delays.
    (&["linger.ms", "queue.buffering.max.ms"], "0"),
    (&["message.timeout.ms", "delivery.timeout.ms"], "30000"),
    (&["queue.buffering.max.kbytes"], "65536"),
];

/// What librdkafka takes where nobody says otherwise.
const LARGEST_RECORD: usize = 1_000_000;
const EVENTS: usize = 100_000;

/// Values that do not go together with being told of each record, and why.
const IMPOSSIBLE: [(&str, &str, &str); 5] = [
    ("delivery.report.only.error", "true", "what arrives would not be known"),
    ("queue.buffering.max.messages", "0", "a queue has to be bounded"),
    ("queue.buffering.max.kbytes", "0", "a queue has to be bounded"),
    ("message.timeout.ms", "0", "every wait has to end"),
    ("delivery.timeout.ms", "0", "every wait has to end"),
];

impl Properties {
    /// Checks what was given under `path` and adds what was not. Starts nothing.
    pub(crate) fn new(path: &str, given: &BTreeMap<String, Secret>, has_tokens: bool) -> Result<Self, ConfigError> {
        let key = |name: &str| format!("{path}.{name}");
        security::check(path, given, has_tokens)?;
        for (name, value, why) in IMPOSSIBLE {
            if given.get(name).is_some_and(|given| given.expose() == value) {
                return Err(ConfigError::new(key(name), why).cure("leave it out or give another value"));
            }
        }
        if given.contains_key("transactional.id") {
            let error = ConfigError::new(key("transactional.id"), "events are not sent in transactions");
            return Err(error.cure("leave it out; copies are avoided by enable.idempotence"));
        }
        let knows_a_broker = ["bootstrap.servers", "metadata.broker.list", "test.mock.num.brokers"];
        if !knows_a_broker.iter().any(|name| given.get(*name).is_some_and(|value| !value.expose().is_empty())) {
            return Err(ConfigError::new(key("bootstrap.servers"), "missing").cure("write HOST:PORT, or several"));
        }
        let all = with_defaults(given);
        let mut config = ClientConfig::new();
        for (name, value) in &all {
            config.set(name, value.expose());
            let alone: ClientConfig = [(name.clone(), value.expose().to_owned())].into_iter().collect();
            alone.create_native_config().map_err(|error| unusable(&key(name), name, &error))?;
        }
        let number = |name: &str, default| match all.get(name) {
            None => Ok(default),
            Some(value) => value.expose().trim().parse().map_err(|_| ConfigError::new(key(name), "not a whole number")),
        };
        let kbytes: usize = number("queue.buffering.max.kbytes", 0)?;
        Ok(Self {
            largest_record: number("message.max.bytes", LARGEST_RECORD)?,
            room: (number("queue.buffering.max.messages", EVENTS)?, kbytes.saturating_mul(1024)),
            all,
        })
    }

    /// `message.max.bytes`.
    pub(crate) fn largest_record(&self) -> usize {
        self.largest_record
    }

    /// Events and bytes that librdkafka has room for.
    pub(crate) fn room(&self) -> (usize, usize) {
        self.room
    }

    pub(crate) fn client_config(&self) -> ClientConfig {
        self.all.iter().map(|(name, value)| (name.clone(), value.expose().to_owned())).collect()
    }

    /// What librdkafka says of a client that it cannot make, unless that shows a value.
    pub(crate) fn unsecret(&self, error: &KafkaError) -> String {
        let said = match error {
            KafkaError::ClientCreation(said) => said.clone(),
            KafkaError::ClientConfig(_, _, name, _) => format!("property {name} is not taken"),
            error => error.to_string(),
        };
        let shows = |value: &Secret| value.expose().len() > 3 && said.contains(value.expose());
        let secrets = self.all.iter().filter(|(name, _)| security::is_secret(name));
        if secrets.into_iter().any(|(_, value)| shows(value)) {
            "the properties are not taken".to_owned()
        } else {
            said
        }
    }
}

fn with_defaults(given: &BTreeMap<String, Secret>) -> BTreeMap<String, Secret> {
    let mut all = given.clone();
    for (names, value) in DEFAULTS {
        if !names.iter().any(|name| given.contains_key(*name)) {
            all.insert(names[0].to_owned(), value.into());
        }
    }
    if !given.contains_key("enable.idempotence") && may_be_idempotent(&all) {
        all.insert("enable.idempotence".to_owned(), "true".into());
    }
    all
}

/// Does nothing the user has asked for speak against it?
fn may_be_idempotent(all: &BTreeMap<String, Secret>) -> bool {
    let says = |names: [&str; 2], fits: fn(&str) -> bool| {
        names.iter().filter_map(|name| all.get(*name)).all(|value| fits(value.expose().trim()))
    };
    says(["acks", "request.required.acks"], |acks| matches!(acks, "all" | "-1"))
        && says(["retries", "message.send.max.retries"], |retries| retries != "0")
        && says(["max.in.flight", "max.in.flight.requests.per.connection"], |most| {
            most.parse::<u64>().is_ok_and(|most| most <= 5)
        })
        && says(["queuing.strategy", "queuing.strategy"], |strategy| strategy == "fifo")
}

/// Never shows the value, and not what librdkafka says of it either.
fn unusable(key: &str, name: &str, error: &KafkaError) -> ConfigError {
    match error {
        KafkaError::ClientConfig(RDKafkaConfRes::RD_KAFKA_CONF_UNKNOWN, ..) => {
            let dotted = name.replace('_', ".");
            let error = ConfigError::new(key, "librdkafka has no such property");
            if dotted == name { error } else { error.cure(format!("did you mean {dotted}?")) }
        }
        _ => ConfigError::new(key, "librdkafka does not take this value").cure("see its list of properties"),
    }
}

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.all.iter().map(|(name, value)| (name, security::shown(name, value)))).finish()
    }
}
