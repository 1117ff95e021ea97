use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use serde::de::{MapAccess, Visitor};
use serde::ser::{Error as _, SerializeMap};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::error::ModelError;
use super::place::{Deletable, In, Place};
use super::shared::Shared;
use super::slot::{Slot, Stamp};
use super::uri::Uri;
use super::{path, private, producer, version, write};

/// The facets of one [`Place`], in their order, each kept as the text that came until somebody asks for its type.
///
/// An unknown facet passes through to the digit, a malformed one fails only where it is read, and a typed one is encoded
/// when the event is. `_producer` and `_schemaURL` belong to the slot, not to the facet's type: a facet put in here is
/// sent under the event's producer and the type's schema, one that came keeps its own; written outside of an event, it is
/// sent under [`DEFAULT_PRODUCER`](super::DEFAULT_PRODUCER). Where a key repeats, both stay and
/// the last is read. Cloning copies no facet.
///
/// ```
/// use openlineage_core::facets::SqlJobFacet;
/// use openlineage_core::model::{Facets, JobPlace};
///
/// let came = r#"{"acme_cost":{"eur":0.10},"sql":{"_producer":"p","_schemaURL":"s","query":"select 1"}}"#;
/// let mut facets: Facets<JobPlace> = serde_json::from_str(came)?;
/// assert_eq!(facets.get::<SqlJobFacet>()?.map(|sql| sql.query.clone()), Some("select 1".to_owned()));
///
/// facets.edit::<SqlJobFacet>(|sql| sql.query.push_str(", 2"))?;
/// assert_eq!(serde_json::to_string(&facets)?, came.replace("select 1", "select 1, 2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Facets<P: Place> {
    entries: Vec<(Cow<'static, str>, Slot)>,
    came: bool,
    place: PhantomData<fn() -> P>,
}

impl<P: Place> Facets<P> {
    /// No facets; left out of the event.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new(), came: false, place: PhantomData }
    }

    /// Puts a facet in, in place of one with its key; it is sent under the event's producer.
    pub fn insert<F: In<P>>(&mut self, facet: F) {
        self.put(F::KEY, Slot::typed(facet, None));
    }

    /// Like [`insert`](Self::insert), under a producer other than the event's: for who adds to another's event.
    pub fn insert_by<F: In<P>>(&mut self, facet: F, producer: &Uri) {
        self.put(F::KEY, Slot::typed(facet, Some(producer.clone())));
    }

    /// Like [`insert`](Self::insert), of a facet that stands in many places and is encoded once.
    pub fn insert_shared<F: In<P>>(&mut self, facet: &Shared<F>) {
        let stamp = Stamp { producer: None, schema_url: Uri::from_static(F::SCHEMA_URL) };
        self.put(F::KEY, Slot::Typed { value: facet.erased(), stamp });
    }

    /// Puts in a facet as its whole text, `_producer` and `_schemaURL` included.
    pub fn insert_raw(&mut self, key: impl Into<String>, text: Box<RawValue>) {
        self.put(key.into(), Slot::raw(text));
    }

    /// The facet `F`, decoded on the first call; `None` where there is none, or `null`, or a tombstone.
    ///
    /// # Errors
    /// Where the text that came does not fit the type; the pointer begins with the facet's key.
    pub fn get<F: In<P>>(&self) -> Result<Option<Arc<F>>, ModelError> {
        self.find::<F>().map_or(Ok(None), |index| self.entries[index].1.get())
    }

    /// Changes the facet `F` in its place, and tells whether there was one; its producer and schema stay as they came.
    ///
    /// # Errors
    /// Where the facet that came does not fit the type, or names another major version of its schema. It is unchanged
    /// then.
    pub fn edit<F: In<P>>(&mut self, change: impl FnOnce(&mut F)) -> Result<bool, ModelError> {
        let Some(index) = self.find::<F>() else { return Ok(false) };
        let slot = &mut self.entries[index].1;
        let stamp = Stamp {
            producer: slot.producer(),
            schema_url: slot.schema_url().unwrap_or(const { Uri::from_static(F::SCHEMA_URL) }),
        };
        version::check_same_major(stamp.schema_url.as_str(), F::SCHEMA_URL)
            .map_err(|message| ModelError::new(format!("/{}/_schemaURL", F::KEY), message))?;
        let Some(mut facet) = slot.clone().take::<F>()? else { return Ok(false) };
        change(&mut facet);
        *slot = Slot::Typed { value: Arc::new(facet), stamp };
        Ok(true)
    }

    /// Puts a tombstone where the facet is or would be: whoever keeps the metadata forgets the facet.
    pub fn delete<F: In<P>>(&mut self)
    where
        P: Deletable,
    {
        let stamp = Stamp { producer: None, schema_url: Uri::from_static(F::SCHEMA_URL) };
        self.put(F::KEY, Slot::Deleted(stamp));
    }

    /// Whether a tombstone stands for the facet `F`.
    #[must_use]
    pub fn is_deleted<F: In<P>>(&self) -> bool {
        self.find::<F>().is_some_and(|index| self.entries[index].1.is_deleted())
    }

    /// Takes out every facet with the key, and tells whether there was one.
    pub fn remove(&mut self, key: &str) -> bool {
        let before = self.entries.len();
        self.entries.retain(|(name, _)| name != key);
        self.entries.len() < before
    }

    /// Whether there is a facet with the key, be it a tombstone.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.slot(key).is_some()
    }

    /// All keys in their order, repeated ones too.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(key, _)| &**key)
    }

    /// The facet's own producer; `None` where there is no such facet, or where it is sent under the event's.
    #[must_use]
    pub fn producer(&self, key: &str) -> Option<Uri> {
        self.slot(key)?.producer()
    }

    /// The schema that the facet names.
    #[must_use]
    pub fn schema_url(&self, key: &str) -> Option<Uri> {
        self.slot(key)?.schema_url()
    }

    /// How many facets there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the event has the object that holds them, be it empty.
    #[must_use]
    pub fn is_present(&self) -> bool {
        self.came || !self.is_empty()
    }

    /// Appends the object with all facets, and says where the last one of this key stands, if one does.
    pub(crate) fn encode(
        &self,
        producer: &str,
        out: &mut Vec<u8>,
        noted: &str,
    ) -> Result<Option<Range<usize>>, ModelError> {
        let mut place = None;
        out.push(b'{');
        for (index, (key, slot)) in self.entries.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            write::string(out, key);
            out.push(b':');
            let start = out.len();
            slot.encode(producer, out).map_err(|error| ModelError::new("", error.to_string()).within(key))?;
            if key == noted {
                place = Some(start..out.len());
            }
        }
        out.push(b'}');
        Ok(place)
    }

    fn put(&mut self, key: impl Into<Cow<'static, str>>, slot: Slot) {
        let key = key.into();
        match self.entries.iter_mut().rfind(|(name, _)| *name == key) {
            Some((_, old)) => *old = slot,
            None => self.entries.push((key, slot)),
        }
    }

    fn slot(&self, key: &str) -> Option<&Slot> {
        self.entries.iter().rfind(|(name, _)| name == key).map(|(_, slot)| slot)
    }

    fn find<F: In<P>>(&self) -> Option<usize> {
        let at = |key: &str| self.entries.iter().rposition(|(name, _)| name == key);
        at(F::KEY).or_else(|| F::ALIASES.iter().find_map(|alias| at(alias)))
    }
}

impl<P: Place> Default for Facets<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Place> Clone for Facets<P> {
    fn clone(&self) -> Self {
        Self { entries: self.entries.clone(), came: self.came, place: PhantomData }
    }
}

/// Equal when they encode alike.
impl<P: Place> PartialEq for Facets<P> {
    fn eq(&self, other: &Self) -> bool {
        let encoded = |facets: &Self| {
            let mut out = Vec::new();
            facets.encode("", &mut out, "").map(|_| out).ok()
        };
        self.is_present() == other.is_present() && encoded(self) == encoded(other)
    }
}

impl<P: Place> fmt::Debug for Facets<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Keys only: what facets hold may be secret or long.
        f.debug_list().entries(self.keys()).finish()
    }
}

impl<P: Place> Serialize for Facets<P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let producer = producer::current();
        let mut map = serializer.serialize_map(None)?;
        for (key, slot) in &self.entries {
            map.serialize_entry(key, &*slot.text(producer.as_str()).map_err(S::Error::custom)?)?;
        }
        map.end()
    }
}

impl<'de, P: Place> Deserialize<'de> for Facets<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader(PhantomData))
    }
}

struct Reader<P>(PhantomData<P>);

impl<'de, P: Place> Visitor<'de> for Reader<P> {
    type Value = Facets<P>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of facets")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Facets<P>, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = private::next_key(&mut map)? {
            let text = map.next_value().map_err(|error| path::at_key(key.clone().into_owned(), error))?;
            entries.push((Cow::Owned(key.into_owned()), Slot::raw(text)));
        }
        Ok(Facets { entries, came: true, place: PhantomData })
    }
}
