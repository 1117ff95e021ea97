use crate::config::section::closest;

/// Words that make a key secret wherever they stand in it, in lower case and without `_`, `-` and `.`.
const WORDS: [&str; 9] =
    ["apikey", "authorization", "credential", "jaas", "passphrase", "passwd", "password", "secret", "token"];

/// The same words as whole keys, to catch slips of them.
const KEYS: [&str; 8] =
    ["apikey", "authorization", "clientsecret", "credentials", "passphrase", "password", "secret", "token"];

/// Ends of keys that say where something is, not what it is.
const PLACES: [&str; 8] = ["endpoint", "field", "fields", "file", "location", "path", "type", "url"];

/// Maps whose values are all taken for secrets, whatever their keys.
const MAPS: [&str; 2] = ["customheaders", "headers"];

/// May the scalar below these keys be a secret? Rather once too often: a slip of a secret key counts as one.
pub(in crate::config) fn is_secret<'a>(keys: impl IntoIterator<Item = &'a str>) -> bool {
    keys.into_iter().any(|key| {
        let key: String = key.to_lowercase().chars().filter(|c| !matches!(c, '_' | '-' | '.' | ' ')).collect();
        let place = PLACES.iter().any(|end| key.ends_with(end));
        let word = key == "key" || key == "auth" || WORDS.iter().any(|word| key.contains(word));
        MAPS.contains(&key.as_str()) || (!place && (word || closest(&key, &KEYS).is_some()))
    })
}

/// A text that is not secret by its key, without the parts of an address that may be: user, password, query.
pub(in crate::config) fn shown(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, tail) = rest.split_at(authority);
    let host = host.rsplit_once('@').map_or(host.to_owned(), |(_, host)| format!("***@{host}"));
    match tail.find(['?', '#']) {
        Some(end) => format!("{scheme}://{host}{}***", &tail[..=end]),
        None => format!("{scheme}://{host}{tail}"),
    }
}
