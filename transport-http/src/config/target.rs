use openlineage_core::config::{ConfigError, Secret};
use url::Url;

const EXAMPLE: &str = "write it like https://lineage.example:5000";

/// The address to post to: `endpoint` joined to `url` by RFC 3986.
pub(super) fn join(path: &str, url: &str, endpoint: &str) -> Result<Url, ConfigError> {
    let base = parse(&format!("{path}.url"), url.trim())?;
    let key = format!("{path}.endpoint");
    let mut joined = base
        .join(endpoint.trim())
        .map_err(|error| ConfigError::new(&key, "cannot be joined to the url").because(error))?;
    check(&key, &joined)?;
    joined.set_fragment(None);
    Ok(joined)
}

/// What may be secret in the address, as it is sent and as it is meant.
pub(super) fn query_values(url: &Url) -> Vec<Secret> {
    let sent = url.query().unwrap_or_default().split(['&', '=']).map(Secret::new);
    sent.chain(url.query_pairs().map(|(_, value)| Secret::new(value))).collect()
}

fn parse(key: &str, url: &str) -> Result<Url, ConfigError> {
    let wrong = |problem: &str| ConfigError::new(key, problem).cure(EXAMPLE);
    if url.is_empty() {
        return Err(wrong("empty"));
    }
    // What the parser would quietly leave out or put right.
    if url.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err(wrong("contains white space or a backslash"));
    }
    let Some((_, rest)) = url.split_once("://") else { return Err(wrong("has no scheme")) };
    if rest.is_empty() || rest.starts_with(['/', '?', '#', ':']) {
        return Err(wrong("has no host"));
    }
    let parsed = Url::parse(url).map_err(|error| wrong("not an address").because(error))?;
    check(key, &parsed)?;
    Ok(parsed)
}

fn check(key: &str, url: &Url) -> Result<(), ConfigError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(ConfigError::new(key, "neither http nor https").cure(EXAMPLE));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let error = ConfigError::new(key, "contains a user or a password");
        return Err(error.cure("leave it out and use auth or custom_headers"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_joined_as_the_rfc_says() {
        for (url, endpoint, joined) in [
            ("http://h", "api/v1/lineage", "http://h/api/v1/lineage"),
            ("http://h/", "api/v1/lineage", "http://h/api/v1/lineage"),
            ("http://h:5000", "/api/v1/lineage", "http://h:5000/api/v1/lineage"),
            ("http://h/base", "api/v1/lineage", "http://h/api/v1/lineage"),
            ("http://h/base/", "api/v1/lineage", "http://h/base/api/v1/lineage"),
            ("http://h/a/b/", "../x", "http://h/a/x"),
            ("http://h/base/", "/x", "http://h/x"),
            ("http://h/base/", "", "http://h/base/"),
            ("http://h/?old=1", "x", "http://h/x"),
            ("http://h", "x?key=1#part", "http://h/x?key=1"),
            ("http://h", "https://other/x", "https://other/x"),
            ("  http://h  ", " x ", "http://h/x"),
            ("HTTP://H", "x", "http://h/x"),
            ("https://h:443/", "x", "https://h/x"),
            ("http://[::1]:80", "x", "http://[::1]/x"),
            ("http://127.0.0.1", "x", "http://127.0.0.1/x"),
            ("http://münchen.example", "x", "http://xn--mnchen-3ya.example/x"),
        ] {
            assert_eq!(join("transport", url, endpoint).unwrap().as_str(), joined, "{url} + {endpoint}");
        }
    }

    #[test]
    fn what_is_not_an_address_is_refused_by_key_and_without_its_text() {
        for (url, endpoint, message) in [
            ("", "x", "transport.url: empty"),
            ("   ", "x", "transport.url: empty"),
            ("canary", "x", "transport.url: has no scheme"),
            ("canary:5000", "x", "transport.url: has no scheme"),
            ("http:canary", "x", "transport.url: has no scheme"),
            ("http://", "x", "transport.url: has no host"),
            ("http:///canary", "x", "transport.url: has no host"),
            ("http://:80", "x", "transport.url: has no host"),
            ("http://?canary", "x", "transport.url: has no host"),
            ("ftp://canary", "x", "transport.url: neither http nor https"),
            ("file:///canary", "x", "transport.url: has no host"),
            ("http://canary:99999", "x", "transport.url: not an address"),
            ("http://ca nary", "x", "transport.url: contains white space"),
            ("http://ca\\nary", "x", "transport.url: contains white space or a backslash"),
            ("http://[::canary]", "x", "transport.url: not an address"),
            ("http://canary@h", "x", "transport.url: contains a user or a password"),
            ("http://:canary@h", "x", "transport.url: has no host"),
            ("http://u:canary@h", "x", "transport.url: contains a user or a password"),
            ("http://h", "ftp://canary", "transport.endpoint: neither http nor https"),
            ("http://h", "//u:canary@other/x", "transport.endpoint: contains a user or a password"),
            ("http://h", "http://", "transport.endpoint: cannot be joined to the url"),
        ] {
            let error = join("transport", url, endpoint).unwrap_err();
            assert!(error.to_string().starts_with(message), "{url} + {endpoint}: {error}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{url} + {endpoint}: {error:?}");
        }
    }
}
