//! One facet in its slot: the text that came, a typed value, or a tombstone.

use std::any::Any;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use serde::ser::Error as _;
use serde_json::value::RawValue;

use super::error::ModelError;
use super::place::Facet;
use super::uri::Uri;
use super::{scan, strip, write};

pub(crate) type AnyFacet = Arc<dyn Any + Send + Sync>;

/// Cloning copies no facet.
#[derive(Clone)]
pub(crate) enum Slot {
    Raw(Arc<RawSlot>),
    Typed { value: Arc<dyn Erased>, stamp: Stamp },
    Deleted(Stamp),
}

pub(crate) struct RawSlot {
    text: Box<RawValue>,
    decoded: OnceLock<AnyFacet>,
}

/// Who says what the facet says, and by which schema.
#[derive(Clone)]
pub(crate) struct Stamp {
    /// `None`: whoever produces the event.
    pub(crate) producer: Option<Uri>,
    pub(crate) schema_url: Uri,
}

/// A facet of any type.
pub(crate) trait Erased: Send + Sync {
    fn encode(&self, producer: &str, schema_url: &str, out: &mut Vec<u8>) -> Result<(), serde_json::Error>;
    fn value(self: Arc<Self>) -> AnyFacet;
}

impl<F: Facet> Erased for F {
    fn encode(&self, producer: &str, schema_url: &str, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        open(producer, schema_url, out);
        let start = out.len();
        serde_json::to_writer(&mut *out, self)?;
        // The type wrote an object of its own; its opening brace becomes the comma after the base fields.
        let Some(brace @ b'{') = out.get_mut(start) else {
            return Err(serde_json::Error::custom("a facet must serialise as a JSON object"));
        };
        *brace = b',';
        if out[start + 1..].trim_ascii_start() == b"}" {
            out.truncate(start);
            out.push(b'}');
        }
        Ok(())
    }

    fn value(self: Arc<Self>) -> AnyFacet {
        self
    }
}

impl Slot {
    pub(crate) fn raw(text: Box<RawValue>) -> Self {
        Self::Raw(Arc::new(RawSlot { text, decoded: OnceLock::new() }))
    }

    pub(crate) fn typed<F: Facet>(value: F, producer: Option<Uri>) -> Self {
        Self::Typed { value: Arc::new(value), stamp: Stamp { producer, schema_url: Uri::from_static(F::SCHEMA_URL) } }
    }

    /// Appends the facet's text.
    pub(crate) fn encode(&self, producer: &str, out: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        match self {
            Self::Raw(raw) => {
                out.extend_from_slice(raw.text.get().as_bytes());
                Ok(())
            }
            Self::Typed { value, stamp } => value.encode(stamp.producer_or(producer), stamp.schema_url.as_str(), out),
            Self::Deleted(stamp) => {
                open(stamp.producer_or(producer), stamp.schema_url.as_str(), out);
                out.extend_from_slice(b",\"_deleted\":true}");
                Ok(())
            }
        }
    }

    /// The facet's text, made where there is none yet.
    pub(crate) fn text(&self, producer: &str) -> Result<Cow<'_, RawValue>, serde_json::Error> {
        if let Self::Raw(raw) = self {
            return Ok(Cow::Borrowed(&raw.text));
        }
        let mut out = Vec::new();
        self.encode(producer, &mut out)?;
        let text = String::from_utf8(out).map_err(serde_json::Error::custom)?;
        RawValue::from_string(text).map(Cow::Owned)
    }

    /// The facet as a value of its type; `None` for a tombstone and for `null`.
    pub(crate) fn get<F: Facet>(&self) -> Result<Option<Arc<F>>, ModelError> {
        match self {
            Self::Deleted(_) => Ok(None),
            Self::Typed { value, .. } => match Arc::clone(value).value().downcast() {
                Ok(value) => Ok(Some(value)),
                Err(_) => self.reread().map(Arc::new).map(Some),
            },
            Self::Raw(raw) if raw.is_nothing() => Ok(None),
            Self::Raw(raw) => raw.get().map(Some),
        }
    }

    /// The facet as a value that nobody else holds; `None` as in [`get`](Self::get).
    pub(crate) fn take<F: Facet>(self) -> Result<Option<F>, ModelError> {
        match self {
            Self::Typed { value, stamp } => match value.value().downcast::<F>().map(Arc::try_unwrap) {
                Ok(Ok(value)) => Ok(Some(value)),
                Ok(Err(shared)) => Self::Typed { value: shared, stamp }.reread().map(Some),
                Err(_) => Err(ModelError::new(format!("/{}", F::KEY), "the facet is held as a value of another type")),
            },
            Self::Raw(raw) if !raw.is_nothing() => strip::decode(raw.text.get()).map(Some),
            Self::Raw(_) | Self::Deleted(_) => Ok(None),
        }
    }

    pub(crate) fn is_deleted(&self) -> bool {
        match self {
            Self::Raw(raw) => raw.is_deleted(),
            Self::Typed { .. } => false,
            Self::Deleted(_) => true,
        }
    }

    pub(crate) fn producer(&self) -> Option<Uri> {
        match self {
            Self::Raw(raw) => raw.base_text("_producer"),
            Self::Typed { stamp, .. } | Self::Deleted(stamp) => stamp.producer.clone(),
        }
    }

    pub(crate) fn schema_url(&self) -> Option<Uri> {
        match self {
            Self::Raw(raw) => raw.base_text("_schemaURL"),
            Self::Typed { stamp, .. } | Self::Deleted(stamp) => Some(stamp.schema_url.clone()),
        }
    }

    fn reread<F: Facet>(&self) -> Result<F, ModelError> {
        let text = self.text("").map_err(|error| ModelError::new(format!("/{}", F::KEY), error.to_string()))?;
        strip::decode(text.get())
    }
}

impl RawSlot {
    fn get<F: Facet>(&self) -> Result<Arc<F>, ModelError> {
        if let Some(Ok(value)) = self.decoded.get().map(|value| Arc::clone(value).downcast()) {
            return Ok(value);
        }
        let value = Arc::new(strip::decode::<F>(self.text.get())?);
        // Where two threads or two types race, the one cached first stays; both are right.
        let _ = self.decoded.set(Arc::clone(&value) as AnyFacet);
        Ok(value)
    }

    fn is_nothing(&self) -> bool {
        self.text.get() == "null" || self.is_deleted()
    }

    fn is_deleted(&self) -> bool {
        scan::pick_within(Some(self.text.get()), ["_deleted"]) == [Some("true")]
    }

    fn base_text(&self, key: &str) -> Option<Uri> {
        let [text] = scan::pick_within(Some(self.text.get()), [key]);
        scan::string(text?).map(|text| Uri::from(&*text))
    }
}

impl Stamp {
    fn producer_or<'a>(&'a self, event: &'a str) -> &'a str {
        self.producer.as_ref().map_or(event, Uri::as_str)
    }
}

fn open(producer: &str, schema_url: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"_producer\":");
    write::string(out, producer);
    out.extend_from_slice(b",\"_schemaURL\":");
    write::string(out, schema_url);
}
