use super::MASK;
use crate::config::section::closest;

/// Words that make a key secret wherever they stand in it, in lower case and without `_`, `-` and `.`.
const WORDS: [&str; 9] =
    ["apikey", "authorization", "credential", "jaas", "passphrase", "passwd", "password", "secret", "token"];

/// Whole keys of which a slip is secret, too.
const KEYS: [&str; 8] =
    ["apikey", "authorization", "clientsecret", "credentials", "passphrase", "password", "secret", "token"];

/// Ends of keys that say where something is, not what it is.
const PLACES: [&str; 8] = ["endpoint", "field", "fields", "file", "location", "path", "type", "url"];

/// May the scalar at the end of this path be a secret? Rather once too often.
pub(in crate::config) fn is_secret(path: &[String]) -> bool {
    let path: Vec<_> = path.iter().map(|key| bare(key)).collect();
    let last = path.last().is_some_and(|key| matches!(key.as_str(), "auth" | "key"));
    last || path.iter().any(|key| {
        // All values of these maps are sent as headers, and any of them may be a credential.
        let headers = matches!(key.as_str(), "customheaders" | "headers");
        let place = PLACES.iter().any(|end| key.ends_with(end));
        headers || (!place && (WORDS.iter().any(|word| key.contains(word)) || closest(key, &KEYS).is_some()))
    })
}

/// A text whose key is not secret, without the parts that may be: user, password and query of an address, and whatever
/// should have been JSON and is not.
pub(in crate::config) fn shown(text: &str) -> String {
    if text.trim_start().starts_with(['{', '[', '"']) {
        return MASK.to_owned();
    }
    let (address, query) = match text.find('?') {
        Some(start) if text.contains("//") || text[start..].contains('=') => (&text[..start], format!("?{MASK}")),
        _ => (text, String::new()),
    };
    let address = match (address.find("//"), address.rfind('@')) {
        (Some(slashes), Some(at)) if slashes < at => format!("{}//{MASK}{}", &address[..slashes], &address[at..]),
        _ => address.to_owned(),
    };
    (address + &query).escape_debug().to_string()
}

fn bare(key: &str) -> String {
    key.to_lowercase().chars().filter(|c| !matches!(c, '_' | '-' | '.' | ' ')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_secret_and_keys_that_are_not() {
        let secret = |path: &str| is_secret(&path.split('/').map(str::to_owned).collect::<Vec<_>>());
        for path in [
            "transport/auth/apiKey",
            "transport/auth/apikey",
            "transport/auth/api_key",
            "transport/auth/apiKye",
            "transport/auth/pasword",
            "transport/auth",
            "transport/auth/client_secret",
            "transport/auth/token",
            "transport/custom_headers/X-Team",
            "transport/config/sasl.password",
            "transport/config/sasl.jaas.config",
            "transport/transports/a/auth/apiKey/0",
        ] {
            assert!(secret(path), "{path}");
        }
        for path in [
            "transport/auth/type",
            "transport/auth/tokenEndpoint",
            "transport/retry/total",
            "transport/config/ssl.key.location",
            "tags/run/team",
            "transport/url",
            "transport/timeout",
            "facets/source_code_location/tag",
        ] {
            assert!(!secret(path), "{path}");
        }
    }

    #[test]
    fn addresses_lose_what_may_be_secret() {
        for (text, as_shown) in [
            ("http://h:5000/a", "http://h:5000/a"),
            ("http://user:canary@h/a?key=canary#x", "http://***@h/a?***"),
            ("//user:canary@h", "//***@h"),
            ("v1?token=canary", "v1?***"),
            ("{\"apiKey\": \"canary\"", "***"),
            ("a.?b", "a.?b"),
            ("a\nb", "a\\nb"),
        ] {
            assert_eq!(shown(text), as_shown);
        }
    }
}
