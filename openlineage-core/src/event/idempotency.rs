use std::fmt;

use twox_hash::XxHash3_128;

/// By this a destination recognises an event that it has got before: the 128 bits of XXH3 over the event's text.
///
/// Shown as 32 hexadecimal digits, the most significant first.
///
/// ```
/// use openlineage_core::event::EncodedEvent;
///
/// let event = EncodedEvent::from_json(r#"{"job": {"namespace": "warehouse", "name": "daily"}}"#)?;
/// assert_eq!(event.idempotency_key().to_string(), "500eb1b8cfd752d07ffae7f62ef676e1");
/// # Ok::<(), openlineage_core::model::ModelError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct IdempotencyKey(u128);

impl IdempotencyKey {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(XxHash3_128::oneshot(bytes))
    }

    /// The digits.
    #[must_use]
    pub fn to_hex(self) -> [u8; 32] {
        let (bytes, mut digits) = (self.0.to_be_bytes(), [0; 32]);
        for (pair, byte) in digits.as_chunks_mut().0.iter_mut().zip(bytes) {
            *pair = [byte >> 4, byte & 0xf].map(digit);
        }
        digits
    }
}

const fn digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'a' + value - 10 }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_are_those_that_are_shown() {
        for text in ["", "a", "an event", "another event that is longer than any block of the hash may be, so far"] {
            let key = IdempotencyKey::of(text.as_bytes());
            assert_eq!(key.to_hex(), key.to_string().as_bytes());
        }
    }
}
