use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ColumnSources;
use crate::model::path;
use crate::model::private::{MapAccess, Visitor, next_key};

/// Columns by name, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns(Vec<(String, ColumnSources)>);

impl<N: Into<String>> FromIterator<(N, ColumnSources)> for Columns {
    fn from_iter<I: IntoIterator<Item = (N, ColumnSources)>>(columns: I) -> Self {
        Self(columns.into_iter().map(|(name, sources)| (name.into(), sources)).collect())
    }
}

impl Deref for Columns {
    type Target = Vec<(String, ColumnSources)>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Columns {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl Serialize for Columns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, sources) in &self.0 {
            map.serialize_entry(name, sources)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Columns;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of columns")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Columns, A::Error> {
        let mut columns = Vec::new();
        while let Some(name) = next_key(&mut map)? {
            let name = name.into_owned();
            let sources = map.next_value().map_err(|error| path::at_key(name.clone(), error))?;
            columns.push((name, sources));
        }
        Ok(Columns(columns))
    }
}
