//! What the declaration macros expand to; no part of the public API.

use std::borrow::Cow;
use std::fmt;

use serde::de::Error;
pub use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
pub use serde::ser::{Serialize, SerializeMap, Serializer};

use super::path;

/// The next key of the map, borrowed from the text where it has no escapes.
///
/// # Errors
/// Where the text is not JSON.
pub fn next_key<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<Cow<'de, str>>, A::Error> {
    Ok(map.next_key::<Key<'de>>()?.map(|Key(key)| key))
}

/// Reads the value of the field `key` into its slot.
///
/// # Errors
/// Where the key repeats, or the value is not of its type.
pub fn field<'de, A, T>(map: &mut A, key: &'static str, slot: &mut Option<T>) -> Result<(), A::Error>
where
    A: MapAccess<'de>,
    T: Deserialize<'de>,
{
    if slot.is_some() {
        return Err(path::at_key(key, A::Error::custom("the field stands twice")));
    }
    *slot = Some(map.next_value().map_err(|error| path::at_key(key, error))?);
    Ok(())
}

/// The value of a required field.
///
/// # Errors
/// Where it is missing.
pub fn required<T, E: Error>(value: Option<T>, key: &'static str) -> Result<T, E> {
    value.ok_or_else(|| E::missing_field(key))
}

struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Owned(text.to_owned())))
    }
}
