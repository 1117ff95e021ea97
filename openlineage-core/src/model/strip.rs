//! Decoding of a facet's text for its type, with the fields that the slot owns hidden from it.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, CowStrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::error::ModelError;
use super::place::Facet;
use super::{path, private};

/// The fields that every facet has, whatever its type.
pub(crate) const BASE_FIELDS: [&str; 3] = ["_producer", "_schemaURL", "_deleted"];

/// Reads one facet from its whole text.
pub(crate) fn decode<F: Facet>(text: &str) -> Result<F, ModelError> {
    path::clear();
    F::deserialize(Strip(&mut serde_json::Deserializer::from_str(text)))
        .map_err(|error| ModelError::from_read(&error).within(F::KEY))
}

struct Strip<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strip<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Strip(visitor))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Strip<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Strip(map))
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Strip<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = private::next_key(&mut self.0)? {
            if BASE_FIELDS.contains(&&*key) {
                self.0.next_value::<IgnoredAny>()?;
                continue;
            }
            return match key {
                Cow::Borrowed(key) => seed.deserialize(BorrowedStrDeserializer::new(key)),
                Cow::Owned(key) => seed.deserialize(CowStrDeserializer::new(Cow::Owned(key))),
            }
            .map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(seed)
    }
}
