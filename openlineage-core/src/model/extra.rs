use std::fmt;

use serde::de::MapAccess;
use serde::ser::SerializeMap;
use serde_json::value::{RawValue, to_raw_value};

use super::path;

/// Fields of an object that its type does not know, in their order and to the digit.
#[derive(Clone, Default)]
pub struct Extra(Vec<(Box<str>, Box<RawValue>)>);

impl Extra {
    /// No fields.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The text of the field `key`, the last one where the key repeats.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&RawValue> {
        self.0.iter().rev().find(|(name, _)| &**name == key).map(|(_, value)| &**value)
    }

    /// Sets a field, in place of one that has the key already.
    ///
    /// # Errors
    /// Where serde cannot write `value` as JSON.
    pub fn insert<T: serde::Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), serde_json::Error> {
        let text = to_raw_value(value)?;
        match self.0.iter_mut().rev().find(|(name, _)| &**name == key) {
            Some((_, old)) => *old = text,
            None => self.0.push((key.into(), text)),
        }
        Ok(())
    }

    /// All fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the value of the unknown field `key` from a map that is being read.
    ///
    /// # Errors
    /// Where the value is not JSON.
    #[doc(hidden)]
    pub fn read<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let value = map.next_value().map_err(|error| path::at_key(key.to_owned(), error))?;
        self.0.push((key.into(), value));
        Ok(())
    }

    /// Writes the fields into a map that is being written.
    ///
    /// # Errors
    /// Where the writer has one.
    #[doc(hidden)]
    pub fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.0.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))
    }
}

impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        let texts = |extra: &Self| {
            extra.iter().map(|(key, value)| (key.to_owned(), value.get().to_owned())).collect::<Vec<_>>()
        };
        self.0.len() == other.0.len() && texts(self) == texts(other)
    }
}

impl Eq for Extra {}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Keys only: the values come from strangers and may be secret or long.
        f.debug_list().entries(self.0.iter().map(|(key, _)| key)).finish()
    }
}
