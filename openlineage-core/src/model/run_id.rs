use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::{ContextV7, NoContext, Uuid};

thread_local! {
    // The clock sequence that the uuid crate shares between threads sits behind a lock, which a fork can leave held.
    static CLOCK: ContextV7 = const { ContextV7::new() };
}

/// The id of one run: a UUID that keeps the spelling it came in.
///
/// Two ids are equal when their values are, whatever their spelling.
///
/// ```
/// use openlineage_core::model::RunId;
///
/// let sent: RunId = "01890000-ABCD-7000-8000-00000000000A".parse()?;
/// assert_eq!(sent.to_string(), "01890000-ABCD-7000-8000-00000000000A");
/// assert_eq!(sent, "01890000-abcd-7000-8000-00000000000a".parse()?);
/// assert!(RunId::new() < RunId::new(), "new ids rise within a thread");
/// # Ok::<(), openlineage_core::model::RunIdError>(())
/// ```
#[derive(Clone)]
pub struct RunId {
    value: Uuid,
    spelling: Option<Box<str>>,
}

/// The text is not a UUID in any of its usual spellings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("run id is not a UUID: {0}")]
pub struct RunIdError(uuid::Error);

impl RunId {
    /// A new version 7 id: time ordered, from the clock and the system's random source. Takes no lock.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "two new ids are never equal, so none is a default")]
    pub fn new() -> Self {
        let value = CLOCK
            .try_with(|clock| Uuid::new_v7(uuid::Timestamp::now(clock)))
            .unwrap_or_else(|_| Uuid::new_v7(uuid::Timestamp::now(NoContext)));
        Self::from(value)
    }

    /// The value, without its spelling.
    #[must_use]
    pub const fn as_uuid(&self) -> &Uuid {
        &self.value
    }

    /// Hands the text, as it is sent, to `read`.
    pub(crate) fn with_str<T>(&self, read: impl FnOnce(&str) -> T) -> T {
        match &self.spelling {
            Some(text) => read(text),
            None => read(self.value.hyphenated().encode_lower(&mut Uuid::encode_buffer())),
        }
    }
}

impl From<Uuid> for RunId {
    fn from(value: Uuid) -> Self {
        Self { value, spelling: None }
    }
}

impl FromStr for RunId {
    type Err = RunIdError;

    fn from_str(text: &str) -> Result<Self, RunIdError> {
        let canonical = Self::from(Uuid::try_parse(text).map_err(RunIdError)?);
        let kept = canonical.with_str(|canonical| canonical != text);
        Ok(Self { spelling: kept.then(|| text.into()), ..canonical })
    }
}

impl PartialEq for RunId {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for RunId {}

impl PartialOrd for RunId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for RunId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.value.cmp(&other.value)
    }
}

impl Hash for RunId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_str(|text| f.write_str(text))
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_str(|text| write!(f, "RunId({text})"))
    }
}

impl Serialize for RunId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.with_str(|text| serializer.serialize_str(text))
    }
}

impl<'de> Deserialize<'de> for RunId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
