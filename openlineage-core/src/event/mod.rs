//! Stand-in until the model lands.
/// An event.
#[derive(Clone, Debug)]
pub struct EncodedEvent(bytes::Bytes);
/// An error.
#[derive(Debug, thiserror::Error)]
#[error("bad")]
pub struct ModelError;
impl EncodedEvent {
    /// Reads.
    pub fn from_json(bytes: impl Into<bytes::Bytes>) -> Result<Self, ModelError> {
        Ok(Self(bytes.into()))
    }
    /// Bytes.
    pub fn bytes(&self) -> &bytes::Bytes {
        &self.0
    }
    /// A line.
    pub fn to_ndjson(&self) -> std::borrow::Cow<'_, [u8]> {
        std::borrow::Cow::Borrowed(&self.0)
    }
}
