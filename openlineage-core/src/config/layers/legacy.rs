use crate::config::{ConfigError, ConfigValue, Environment, Node, Source, Warnings};

const URL: &str = "OPENLINEAGE_URL";
const ENDPOINT: &str = "OPENLINEAGE_ENDPOINT";
const API_KEY: &str = "OPENLINEAGE_API_KEY";

/// What `OPENLINEAGE_URL` and its kin come to, given what the layers `above` them say.
///
/// * Nothing above names a transport: an `http` transport. A `transport` section without `type` is dropped.
/// * The transport is a composite, or has a map of `transports`: one more leg there, `default_http`, in front.
/// * The variables make the transport `async_http`: its `url`, `endpoint` and `auth` where they are not set.
pub(in crate::config) fn read(
    environment: &Environment,
    variables: &ConfigValue,
    above: &mut ConfigValue,
    warnings: &Warnings,
) -> Result<Option<ConfigValue>, ConfigError> {
    let Some(url) = environment.filled(URL) else { return Ok(None) };
    let layer = |at: &str, typed: bool| http(environment, url, at, typed);
    if above.get("transport").is_none_or(|section| section.is_null() || is_untyped(section)) {
        if above.at("transport").is_some_and(|section| section.entries().is_some_and(|map| !map.is_empty())) {
            warnings.report(untyped_section(above))?;
        }
        drop(above.remove("transport"));
        return Ok(Some(layer("transport", true).below(["transport"].into_iter())));
    }
    if variables.at("transport.transports.default_http").is_some() {
        return Ok(None);
    }
    let legs = above.at("transport.transports").map(ConfigValue::node);
    if matches!(legs, Some(Node::Map(_))) || (legs.is_none() && kind(above) == Some("composite")) {
        let path = "transport.transports.default_http";
        return Ok(Some(layer(path, true).below(path.split('.'))));
    }
    let asynchronous = kind(variables) == Some("async_http");
    Ok(asynchronous.then(|| layer("transport", false).below(["transport"].into_iter())))
}

/// Is it a section that names no kind?
pub(in crate::config) fn is_untyped(section: &ConfigValue) -> bool {
    let is_blank = |kind: &ConfigValue| kind.is_null() || kind.text().is_some_and(|text| text.trim().is_empty());
    section.entries().is_some() && section.get("type").is_none_or(is_blank)
}

/// Says that a section without a kind is of no use.
pub(in crate::config) fn untyped_section(tree: &ConfigValue) -> ConfigError {
    let mistake = ConfigError::new("transport.type", "missing, so the section is not used");
    mistake.cure("name a kind, such as http").located("", tree)
}

fn kind(tree: &ConfigValue) -> Option<&str> {
    tree.at("transport.type").and_then(ConfigValue::text)
}

fn http(environment: &Environment, url: &str, at: &str, typed: bool) -> ConfigValue {
    let leaf = |variable: &str, key: &str, text: &str| {
        ConfigValue::plain(text, Source::Legacy { variable: variable.into(), key: format!("{at}.{key}").into() })
    };
    let mut entries = Vec::new();
    if typed {
        entries.push(("type", leaf(URL, "type", "http")));
    }
    entries.push(("url", leaf(URL, "url", url)));
    if let Some(endpoint) = environment.filled(ENDPOINT) {
        entries.push(("endpoint", leaf(ENDPOINT, "endpoint", endpoint)));
    }
    if let Some(key) = environment.filled(API_KEY) {
        let key = leaf(API_KEY, "auth.apiKey", key);
        let auth = [("type", leaf(API_KEY, "auth.type", "api_key")), ("apiKey", key.clone())];
        entries.push(("auth", ConfigValue::map(auth, key.source().clone())));
    }
    ConfigValue::map(entries, Source::Legacy { variable: URL.into(), key: at.into() })
}
