use openlineage_core::config::{ConfigError, ConfigValue, Node, Section};
use openlineage_core::retry::RetryPolicy;

const KNOWN: [&str; 9] = [
    "total",
    "connect",
    "read",
    "backoff_factor",
    "backoff_max",
    "status_forcelist",
    "respect_retry_after_header",
    "on_timeout",
    "jitter",
];

/// Keys that the Python client hands to urllib3 and that have no counterpart here.
const IGNORED: [&str; 8] = [
    "allowed_methods",
    "backoff_jitter",
    "other",
    "raise_on_redirect",
    "raise_on_status",
    "redirect",
    "remove_headers_on_redirect",
    "status",
];

/// Reads the `retry` section: the policy, and the statuses to repeat where it names any.
pub(super) fn read(mut options: Section) -> Result<(RetryPolicy, Option<Vec<u16>>), ConfigError> {
    let mut policy = RetryPolicy::default();
    for (name, limit) in [("total", &mut policy.total), ("connect", &mut policy.connect), ("read", &mut policy.read)] {
        if let Some(count) = options.whole(name)? {
            *limit = times(&options.key(name), count)?;
        }
    }
    if let Some(pause) = options.seconds("backoff_factor")? {
        policy.backoff_factor = pause;
    }
    if let Some(pause) = options.seconds("backoff_max")? {
        policy.backoff_max = pause;
    }
    for (name, flag) in [
        ("respect_retry_after_header", &mut policy.respect_retry_after),
        ("on_timeout", &mut policy.on_timeout),
        ("jitter", &mut policy.jitter),
    ] {
        *flag = options.flag(name)?.unwrap_or(*flag);
    }
    let statuses = statuses(&mut options)?;
    for name in IGNORED {
        if let Some(value) = options.take(name) {
            let mistake = ConfigError::new(options.key(name), "is ignored, it has no meaning here").at(value.source());
            options.warn(mistake.cure("leave it out"))?;
        }
    }
    options.finish(&KNOWN)?;
    Ok((policy, statuses))
}

fn times(key: &str, count: i64) -> Result<Option<u32>, ConfigError> {
    match u32::try_from(count) {
        Ok(count) => Ok(Some(count)),
        Err(_) if count == -1 => Ok(None),
        Err(_) => Err(ConfigError::new(key, "not a number of repetitions").cure("write 0 or more, or -1 for no limit")),
    }
}

fn statuses(options: &mut Section) -> Result<Option<Vec<u16>>, ConfigError> {
    let Some(value) = options.take("status_forcelist") else { return Ok(None) };
    let status = |value: &ConfigValue| value.text()?.trim().parse().ok().filter(|code| (100..=999).contains(code));
    let statuses = match value.node() {
        Node::List(items) => items.iter().map(status).collect(),
        _ => None,
    };
    match statuses {
        Some(statuses) => Ok(Some(statuses)),
        None => {
            let error = ConfigError::new(options.key("status_forcelist"), "not a list of statuses");
            Err(error.cure("write it like [500, 502, 503, 504]"))
        }
    }
}
