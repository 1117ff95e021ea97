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
    text.and_then(|text| Skim { text, at: 0 }.pick(keys)).unwrap_or([None; N])
}

/// The same, and on the way the field `inner` of the object that is the field `outer`.
pub(crate) fn pick_through<'a, const N: usize>(
    text: Option<&'a str>,
    keys: [&str; N],
    [outer, inner]: [&str; 2],
) -> ([Option<&'a str>; N], Option<&'a str>) {
    text.and_then(|text| Skim { text, at: 0 }.pick_through(keys, outer, inner)).unwrap_or(([None; N], None))
}

/// A walk over a text that is JSON, which therefore has to tell values from each other and no more.
struct Skim<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Skim<'a> {
    fn pick<const N: usize>(&mut self, keys: [&str; N]) -> Option<[Option<&'a str>; N]> {
        let mut found = [None; N];
        self.fields(|skim, key| skim.field(key, &keys, &mut found))?;
        Some(found)
    }

    fn pick_through<const N: usize>(
        &mut self,
        keys: [&str; N],
        outer: &str,
        inner: &str,
    ) -> Option<([Option<&'a str>; N], Option<&'a str>)> {
        let (mut found, mut within) = ([None; N], [None]);
        self.fields(|skim, key| {
            if key != outer {
                return skim.field(key, &keys, &mut found);
            }
            within = [None];
            match skim.peek()? {
                b'{' => skim.fields(|skim, key| skim.field(key, &[inner], &mut within)),
                _ => skim.walk(after_value).map(drop),
            }
        })?;
        let [within] = within;
        Some((found, within))
    }

    /// Passes the value of a field, and keeps it if it is wanted.
    fn field<const N: usize>(&mut self, key: &str, keys: &[&str; N], found: &mut [Option<&'a str>; N]) -> Option<()> {
        let value = self.walk(after_value)?;
        if let Some(index) = keys.iter().position(|wanted| *wanted == key) {
            found[index] = Some(value).filter(|value| *value != "null");
        }
        Some(())
    }

    /// Passes an object. `field` gets each key and has to pass the value.
    fn fields(&mut self, mut field: impl FnMut(&mut Self, &str) -> Option<()>) -> Option<()> {
        self.token(b'{')?;
        if self.peek()? == b'}' {
            return self.token(b'}');
        }
        loop {
            self.peek()?;
            let key = self.walk(after_string)?;
            self.token(b':')?;
            self.peek()?;
            // Keys are short and mostly as they are meant.
            let key = match key.get(1..key.len() - 1)? {
                plain if !plain.as_bytes().contains(&b'\\') => Cow::Borrowed(plain),
                _ => string(key)?,
            };
            field(self, &key)?;
            if self.peek()? == b'}' {
                return self.token(b'}');
            }
            self.token(b',')?;
        }
    }

    /// The text from here to where `after` says.
    fn walk(&mut self, after: fn(&[u8], usize) -> Option<usize>) -> Option<&'a str> {
        let start = self.at;
        self.at = after(self.text.as_bytes(), start)?;
        self.text.get(start..self.at)
    }

    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match *self.text.as_bytes().get(self.at)? {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    fn token(&mut self, token: u8) -> Option<()> {
        (self.peek()? == token).then(|| self.at += 1)
    }
}

/// Where a value ends that begins at `at`.
fn after_value(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => after_string(bytes, at),
        b'{' | b'[' => after_nested(bytes, at),
        _ => {
            let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t');
            let left = bytes.get(at..)?;
            Some(at + left.iter().position(ends).unwrap_or(left.len()))
        }
    }
}

fn after_nested(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match bytes.get(at)? {
            b'"' => {
                at = after_string(bytes, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

fn after_string(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        // Eight bytes at a time, to the first that is special.
        while let Some(eight) = bytes.get(at..at + 8).and_then(|eight| eight.try_into().ok()) {
            let eight = u64::from_le_bytes(eight);
            let special = places(eight, b'"') | places(eight, b'\\');
            at += special.trailing_zeros() as usize / 8;
            if special != 0 {
                break;
            }
        }
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Marks the highest bit of those of the eight bytes that are this one. Above the lowest mark others may be wrong.
fn places(eight: u64, byte: u8) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    let differs = eight ^ (ONES * u64::from(byte));
    differs.wrapping_sub(ONES) & !differs & HIGH
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let text = "[a-c{}\\[\\]\",:\\\\ \u{e9}\u{1F600}]{0,6}";
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            text.prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::vec((text, inner), 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_known_to_be_json_is_read_as_what_is_not(
            fields in proptest::collection::vec(("[abc]{1}|a\"|\\\\b", value()), 0..6),
            pretty in any::<bool>(),
        ) {
            let all: Vec<_> = fields
                .iter()
                .map(|(key, value)| {
                    let value = if pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
                    format!("{}:{}", serde_json::to_string(key).unwrap(), value.unwrap())
                })
                .collect();
            // Keys may repeat.
            let text = format!("{{ {} }}", all.join(if pretty { " , " } else { "," }));
            let keys = ["a", "b", "a\"", "\\b"];
            prop_assert_eq!(pick_within(Some(&text), keys), pick(&text, keys).unwrap());
        }

        #[test]
        fn a_field_is_found_on_the_way_as_it_is_found_by_itself(outer in value(), inner in value()) {
            let text = format!(r#"{{"x": {inner}, "f": {outer}, "a": 1, "f": {{"b": 2, "a": {inner}}}}}"#);
            let (found, within) = pick_through(Some(&text), ["a", "x"], ["f", "a"]);
            let [f] = pick_within(Some(&text), ["f"]);
            prop_assert_eq!(found, pick_within(Some(&text), ["a", "x"]));
            prop_assert_eq!([within], pick_within(f, ["a"]));
            let replaced = format!(r#"{{"f": {{"a": 1}}, "f": {outer}}}"#);
            let [f] = pick_within(Some(&replaced), ["f"]);
            prop_assert_eq!([pick_through(Some(&replaced), [], ["f", "a"]).1], pick_within(f, ["a"]));
        }

        #[test]
        fn what_is_not_json_after_all_is_no_reason_to_panic(text in "[{}\\[\\]\",:a \\\\0\u{e9}]{0,24}") {
            let _ = pick_within(Some(&text), ["a", ""]);
        }
    }

    #[test]
    fn what_is_not_an_object_has_no_fields() {
        for text in ["", " ", "null", "[]", "\"{\"", "1", "{}", " { } "] {
            assert_eq!(pick_within(Some(text), ["a"]), [None], "{text}");
        }
    }
}
