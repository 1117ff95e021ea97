//! Picking fields out of a JSON object by their keys, without building anything from the rest.

use std::borrow::Cow;
use std::{fmt, slice};

use memchr::memchr2;
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
    pick_paths(text, keys.each_ref().map(slice::from_ref))
}

/// The same, each along a path of keys through objects in objects, in one walk. No path may be empty.
pub(crate) fn pick_paths<'a, const N: usize>(text: Option<&'a str>, paths: [&[&str]; N]) -> [Option<&'a str>; N] {
    let Some(text) = text else { return [None; N] };
    let mut skim = Skim { text, at: 0, found: [None; N] };
    skim.object(paths.map(Some)).map_or([None; N], |()| skim.found)
}

/// A walk over a text that is JSON, which therefore has to tell values from each other and no more.
struct Skim<'a, const N: usize> {
    text: &'a str,
    at: usize,
    found: [Option<&'a str>; N],
}

impl<'a, const N: usize> Skim<'a, N> {
    /// Passes an object, in which these rests of paths begin.
    fn object(&mut self, paths: [Option<&[&str]>; N]) -> Option<()> {
        self.token(b'{')?;
        if self.peek()? == b'}' {
            return self.token(b'}');
        }
        loop {
            self.peek()?;
            let start = self.at;
            self.at = after_string(self.text.as_bytes(), start)?;
            let key = self.text.get(start + 1..self.at - 1)?;
            self.token(b':')?;
            self.peek()?;
            // Keys are short and mostly as they are meant.
            if key.as_bytes().contains(&b'\\') {
                let key = string(self.text.get(start..start + key.len() + 2)?)?;
                self.value(along(paths, &key))?;
            } else {
                self.value(along(paths, key))?;
            }
            if self.peek()? == b'}' {
                return self.token(b'}');
            }
            self.token(b',')?;
        }
    }

    /// Passes a value, at which these rests of paths begin: the last of its key so far.
    fn value(&mut self, paths: [Option<&[&str]>; N]) -> Option<()> {
        let start = self.at;
        let is_way = paths.iter().flatten().any(|rest| !rest.is_empty());
        if is_way && self.peek()? == b'{' {
            self.forget(paths);
            self.object(paths.map(|rest| rest.filter(|rest| !rest.is_empty())))?;
        } else {
            self.at = after_value(self.text.as_bytes(), start)?;
            self.forget(paths);
        }
        let value = self.text.get(start..self.at).filter(|value| *value != "null");
        for (found, rest) in self.found.iter_mut().zip(paths) {
            if rest.is_some_and(<[_]>::is_empty) {
                *found = value;
            }
        }
        Some(())
    }

    fn forget(&mut self, paths: [Option<&[&str]>; N]) {
        for (found, rest) in self.found.iter_mut().zip(paths) {
            if rest.is_some() {
                *found = None;
            }
        }
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

/// What is left of the paths that begin with this key.
fn along<'p, 'k, const N: usize>(paths: [Option<&'p [&'k str]>; N], key: &str) -> [Option<&'p [&'k str]>; N] {
    paths.map(|path| path?.split_first().filter(|(first, _)| **first == key).map(|(_, rest)| rest))
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
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at)? == &b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
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
        fn a_field_is_found_along_its_path_as_it_is_found_step_by_step(outer in value(), inner in value()) {
            let text = format!(r#"{{"x": {inner}, "f": {outer}, "a": 1, "f": {{"b": 2, "a": {inner}, "c": {{"a": {outer}}}}}}}"#);
            let replaced = format!(r#"{{"f": {{"a": 1, "c": {{"a": 2}}}}, "f": {outer}}}"#);
            let emptied = format!(r#"{{"f": {{"c": {{"a": {inner}}}, "c": {{"b": {inner}}}}}}}"#);
            for text in [text, replaced, emptied] {
                let [a, x, f] = pick_within(Some(&text), ["a", "x", "f"]);
                let ([f_a, f_c], [whole]) = (pick_within(f, ["a", "c"]), pick_within(Some(&text), ["f"]));
                let [f_c_a] = pick_within(f_c, ["a"]);
                let paths: [&[&str]; 6] = [&["a"], &["x"], &["f", "a"], &["f", "c"], &["f", "c", "a"], &["f"]];
                prop_assert_eq!(pick_paths(Some(&text), paths), [a, x, f_a, f_c, f_c_a, whole]);
            }
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
