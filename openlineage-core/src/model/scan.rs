//! Picking fields out of a JSON object by their keys, without building anything from the rest.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The texts of the fields `keys` of one JSON object, each the last of its key; `None` for absent and for `null`.
///
/// Values are skipped without recursion and strings without being decoded, so depth and lone surrogates do not matter.
///
/// # Errors
/// Where `text` is anything but one JSON object.
pub(crate) fn pick<'a, const N: usize>(
    text: &'a str,
    keys: [&str; N],
) -> Result<[Option<&'a str>; N], serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let found = reader.deserialize_map(Pick(keys))?;
    reader.end()?;
    Ok(found)
}

/// Like [`pick`], of a text already known to be JSON: finds nothing in what is not an object.
pub(crate) fn pick_within<'a, const N: usize>(text: Option<&'a str>, keys: [&str; N]) -> [Option<&'a str>; N] {
    text.and_then(|text| pick(text, keys).ok()).unwrap_or([None; N])
}

/// A JSON string's value; `None` where `token` is another value. A lone surrogate becomes U+FFFD.
pub(crate) fn string(token: &str) -> Option<Cow<'_, str>> {
    let inner = token.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    let Unescaped(bytes) = serde_json::from_str(token).ok()?;
    Some(Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()))
}

struct Pick<'k, const N: usize>([&'k str; N]);

impl<'de, const N: usize> Visitor<'de> for Pick<'_, N> {
    type Value = [Option<&'de str>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = [None; N];
        // Keys are taken as raw text like values: that checks them, and lets lone surrogates pass.
        while let Some(key) = map.next_key::<&RawValue>()? {
            let Some(key) = string(key.get()) else { return Err(A::Error::custom("a key must be a string")) };
            let Some(index) = self.0.iter().position(|wanted| *wanted == key) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            found[index] = Some(map.next_value::<&RawValue>()?.get()).filter(|value| *value != "null");
        }
        Ok(found)
    }
}

/// A string with its escapes resolved, read as bytes because a lone surrogate has no place in a `str`.
struct Unescaped<'de>(Cow<'de, [u8]>);

impl<'de> Deserialize<'de> for Unescaped<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(Unescape)
    }
}

struct Unescape;

impl<'de> Visitor<'de> for Unescape {
    type Value = Unescaped<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<Unescaped<'de>, E> {
        Ok(Unescaped(Cow::Borrowed(bytes)))
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Unescaped<'de>, E> {
        Ok(Unescaped(Cow::Owned(bytes.to_vec())))
    }
}
