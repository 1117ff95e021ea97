use openlineage_core::config::{ConfigError, Secret};
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};

const AGENT: &str = concat!("openlineage-rust/", env!("CARGO_PKG_VERSION"));

/// Headers that say how the request is framed; a wrong one would lose events.
const FRAMING: [&str; 5] = ["connection", "content-encoding", "content-length", "te", "transfer-encoding"];

/// The headers of every request. Custom ones win over the rest.
pub(super) fn build(
    path: &str,
    api_key: Option<&Secret>,
    custom: &[(String, Secret)],
    gzip: bool,
) -> Result<HeaderMap, ConfigError> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    if let Some(key) = api_key {
        headers.insert(AUTHORIZATION, bearer(&format!("{path}.auth.apiKey"), key)?);
    }
    for (name, value) in custom {
        let key = format!("{path}.custom_headers.{name}");
        let Ok(name) = HeaderName::try_from(name.as_str()) else {
            return Err(ConfigError::new(key, "not a header name"));
        };
        if FRAMING.contains(&name.as_str()) {
            return Err(ConfigError::new(key, "is set by the transport").cure("leave it out"));
        }
        headers.insert(name, sendable(&key, value.expose())?);
    }
    if gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(headers)
}

fn bearer(key: &str, secret: &Secret) -> Result<HeaderValue, ConfigError> {
    if secret.expose().trim().is_empty() {
        return Err(ConfigError::new(key, "empty"));
    }
    sendable(key, &format!("Bearer {}", secret.expose().trim()))
}

fn sendable(key: &str, text: &str) -> Result<HeaderValue, ConfigError> {
    let wrong = |_| ConfigError::new(key, "cannot be sent in a header").cure("use printable ASCII on one line");
    let mut value = HeaderValue::from_str(text).map_err(wrong)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build_with(custom: &[(&str, &str)]) -> Result<HeaderMap, ConfigError> {
        let custom: Vec<_> = custom.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect();
        build("transport", Some(&Secret::new("key")), &custom, true)
    }

    #[test]
    fn custom_headers_win_over_auth() {
        let headers = build_with(&[("authorization", "Basic abc"), ("X-Team", "a")]).unwrap();
        assert_eq!(headers["authorization"], "Basic abc");
        assert_eq!(headers["x-team"], "a");
        assert_eq!(headers["content-encoding"], "gzip");
        assert_eq!(build_with(&[]).unwrap()["authorization"], "Bearer key");
    }

    #[test]
    fn a_header_that_cannot_be_sent_is_refused_without_its_value() {
        for (name, value) in [("X-A", "canary\r\nX-B: 1"), ("X A", "canary"), ("", "canary"), ("Content-Length", "3")] {
            let error = build_with(&[(name, value)]).unwrap_err();
            assert_eq!(error.key(), format!("transport.custom_headers.{name}"));
            assert!(!format!("{error} {error:?}").contains("canary"));
        }
    }
}
