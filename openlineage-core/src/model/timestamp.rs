use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::rfc3339;

/// A point in time as the text that was sent, whatever its form.
///
/// The format asks for RFC 3339 with an offset; real clients leave the offset out or send a date only. Such texts pass
/// through unchanged, and only [`to_unix_nanos`](Self::to_unix_nanos) is strict.
///
/// ```
/// use openlineage_core::model::Timestamp;
///
/// let time = Timestamp::from(std::time::UNIX_EPOCH);
/// assert_eq!(time.as_str(), "1970-01-01T00:00:00.000000Z");
/// assert_eq!(Timestamp::from("1970-01-01T01:00:00.5+01:00").to_unix_nanos(), Ok(500_000_000));
/// assert!(!Timestamp::from("2024-05-01T12:00:00").has_offset());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Timestamp(Box<str>);

/// Why a [`Timestamp`] is not a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// Date and time are there, the offset from UTC is not.
    #[error("time has no offset from UTC, end it with `Z` or `+01:00`")]
    NoOffset,
    /// Another form than `2024-05-01T12:00:00.123Z`, or a field out of its range.
    #[error("time is not RFC 3339, write it as `2024-05-01T12:00:00.123Z`")]
    Malformed,
}

impl Timestamp {
    /// The system's time in UTC with microseconds: `2024-05-01T12:00:00.123456Z`.
    #[must_use]
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// The text as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z, negative before it. Digits beyond the ninth of a second are cut off; a
    /// leap second counts as the second after it.
    ///
    /// # Errors
    /// [`TimestampError`] where the text is not strict RFC 3339, section 5.6: `T` (or `t`) between date and time,
    /// seconds present, and an offset of `Z`, `z` or `±hh:mm`.
    pub fn to_unix_nanos(&self) -> Result<i128, TimestampError> {
        rfc3339_nanos(&self.0)
    }

    /// Whether the text is a date and time with an offset from UTC.
    #[must_use]
    pub fn has_offset(&self) -> bool {
        self.to_unix_nanos().is_ok()
    }
}

/// The same for a text that is no value of its own.
pub(crate) fn unix_nanos(text: &str) -> Option<i128> {
    rfc3339_nanos(text).ok()
}

fn rfc3339_nanos(text: &str) -> Result<i128, TimestampError> {
    match rfc3339::parse(text) {
        Some((local, Some(offset))) => Ok(local - offset),
        Some((_, None)) => Err(TimestampError::NoOffset),
        None => Err(TimestampError::Malformed),
    }
}

impl From<SystemTime> for Timestamp {
    /// Cut to whole microseconds, and held within the years 0000 to 9999.
    fn from(time: SystemTime) -> Self {
        let micros = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_micros()).unwrap_or(i64::MAX),
            Err(before) => {
                i64::try_from(before.duration().as_nanos().div_ceil(1000)).map_or(i64::MIN, |micros| -micros)
            }
        };
        Self(rfc3339::from_unix_micros(micros).into())
    }
}

impl From<&str> for Timestamp {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Timestamp {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({})", self.0)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}
