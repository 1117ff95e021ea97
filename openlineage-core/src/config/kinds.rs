use super::section::closest;
use super::{ConfigError, TransportSpec};

/// Kinds of the Python client that a registry may lack, and what to do then.
const ELSEWHERE: [(&str, &str); 10] = [
    ("amazon_datazone_api", "use the Python client for it"),
    ("async_http", "switch on the feature http, or register its factory"),
    ("composite", "register its factory"),
    ("datadog", "switch on the feature datadog, or register its factory"),
    ("file", "register the builtin kinds"),
    ("gcplineage", "use the Python client for it"),
    ("http", "switch on the feature http, or register its factory"),
    ("kafka", "switch on the feature kafka, or register its factory"),
    ("msk-iam", "switch on the feature msk-iam, or register its factory"),
    ("transform", "register the builtin kinds"),
];

/// Why there is no transport of that kind.
pub(super) fn unknown(spec: &TransportSpec, known: &[&str]) -> ConfigError {
    let (kind, key) = (spec.kind(), format!("{}.type", spec.path()));
    let list = || format!("known are {}", known.join(", "));
    if let Some((_, cure)) = ELSEWHERE.iter().find(|(name, _)| *name == kind) {
        return ConfigError::new(key, format!("{kind} is not built")).cure(format!("{cure}; {}", list()));
    }
    if kind.contains('.') {
        let error = ConfigError::new(key, format!("{kind} is a Python class, which is not loaded here"));
        return error.cure(format!("register a factory of that name, or write a kind; {}", list()));
    }
    let error = ConfigError::new(key, format!("unknown kind {kind:?}"));
    match closest(kind, known) {
        Some(near) => error.cure(format!("did you mean {near}?")),
        None => error.cure(list()),
    }
}
