use openlineage_core::config::{ConfigError, ConfigValue, Node};
use openlineage_core::event::EncodedEvent;

/// Which events are queued and which are confirmed: by the integration and the job type of the facet `jobType`.
///
/// In the order in which they stand, and the first that fits decides:
///
/// 1. If the rule for `*` and `*` says yes, every event is queued, with or without the facet, wherever that rule stands.
/// 2. An event without the facet, or with an empty integration in it, is confirmed. So are all dataset events.
/// 3. Of the integrations that fit, which `*` does as well, the first whose job types have one that fits decides. A
///    missing job type is an empty one, which only `*` and an empty name fit.
/// 4. If none does, the event is confirmed.
///
/// Names fit in any case. The rules are those of the Python client; as there the order decides, not the precision:
/// `{"dbt": {"*": true, "model": false}}` queues models. Unlike there, what is not yes or no is refused when the
/// transport is built, and the facet is seen in events that began as text.
///
/// ```
/// use openlineage_core::event::EncodedEvent;
/// use openlineage_transport_datadog::Rules;
///
/// let rules = Rules::default();
/// let event = |integration: &str| {
///     let facet = format!(r#"{{"jobType":{{"integration":"{integration}","jobType":"MODEL"}}}}"#);
///     EncodedEvent::from_json(format!(r#"{{"job":{{"namespace":"n","name":"j","facets":{facet}}}}}"#)).unwrap()
/// };
/// assert!(rules.queues(&event("DBT")));
/// assert!(!rules.queues(&event("SPARK")));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rules(Vec<(String, Vec<(String, bool)>)>);

const ANY: &str = "*";

impl Default for Rules {
    /// What dbt reports is queued: `{"dbt": {"*": true}}`.
    fn default() -> Self {
        Self::none().with("dbt", ANY, true)
    }
}

impl Rules {
    /// Every event is confirmed.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Every event is queued.
    #[must_use]
    pub fn all() -> Self {
        Self::none().with(ANY, ANY, true)
    }

    /// Adds a rule behind the others; job types of one integration stand together, where its first one was added.
    #[must_use]
    pub fn with(mut self, integration: impl Into<String>, job_type: impl Into<String>, queued: bool) -> Self {
        let (integration, rule) = (integration.into(), (job_type.into(), queued));
        match self.0.iter_mut().find(|(name, _)| *name == integration) {
            Some((_, rules)) => rules.push(rule),
            None => self.0.push((integration, vec![rule])),
        }
        self
    }

    /// Is this event queued?
    #[must_use]
    pub fn queues(&self, event: &EncodedEvent) -> bool {
        if self.queue_everything() {
            return true;
        }
        let Some(job) = event.job_type().filter(|job| !job.integration.is_empty()) else { return false };
        let job_type = job.job_type.as_deref().unwrap_or_default();
        let mut fitting = self.0.iter().filter(|(name, _)| fits(name, &job.integration));
        let decision = fitting.find_map(|(_, rules)| rules.iter().find(|(name, _)| fits(name, job_type)));
        decision.is_some_and(|(_, queued)| *queued)
    }

    /// Reads `{INTEGRATION: {JOB TYPE: yes or no}}`; `key` is its place.
    pub(crate) fn read(key: &str, value: &ConfigValue) -> Result<Self, ConfigError> {
        let mut rules = Self::none();
        for (integration, job_types) in entries(key, value)? {
            let key = format!("{key}.{integration}");
            for (job_type, queued) in entries(&key, job_types)? {
                rules = rules.with(integration, job_type, yes_or_no(&format!("{key}.{job_type}"), queued)?);
            }
        }
        Ok(rules)
    }

    fn queue_everything(&self) -> bool {
        let mut any = self.0.iter().filter(|(name, _)| name == ANY).flat_map(|(_, rules)| rules);
        any.any(|(name, queued)| name == ANY && *queued)
    }
}

fn fits(name: &str, text: &str) -> bool {
    name == ANY || name.to_lowercase() == text.to_lowercase()
}

fn entries<'a>(key: &str, value: &'a ConfigValue) -> Result<&'a [(String, ConfigValue)], ConfigError> {
    match value.node() {
        Node::Map(entries) => Ok(entries),
        _ => {
            let error = ConfigError::new(key, "not an object").at(value.source());
            Err(error.cure(r#"write rules like {"dbt": {"*": true}}"#))
        }
    }
}

/// A text in quotes is no yes: to the Python client `"false"` says queue it.
fn yes_or_no(key: &str, value: &ConfigValue) -> Result<bool, ConfigError> {
    match value.node() {
        Node::Scalar { text, quoted: false } if text.eq_ignore_ascii_case("true") => Ok(true),
        Node::Scalar { text, quoted: false } if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => {
            let error = ConfigError::new(key, "neither true nor false").at(value.source());
            Err(error.cure("write true or false, without quotes"))
        }
    }
}
