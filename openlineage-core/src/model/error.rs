use std::fmt;

use serde::Deserialize;

use super::path;

/// What is wrong with a piece of JSON, or with a value that cannot become JSON, and where.
///
/// Displays as `/inputs/1/name: invalid type: integer `5`, expected a string, at line 3 column 17`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelError(Box<Fault>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Fault {
    pointer: String,
    message: String,
    position: Option<(usize, usize)>,
}

impl ModelError {
    /// The place as a JSON pointer (RFC 6901); empty for the whole document.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.0.pointer
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The line, from 1, in the text that was read. `None` for a fault inside a facet, whose text is read on its own.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.0.position.map(|(line, _)| line)
    }

    /// The column in bytes, from 1; `None` where [`line`](Self::line) is.
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        self.0.position.map(|(_, column)| column)
    }

    pub(crate) fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self(Box::new(Fault { pointer: pointer.into(), message: message.into(), position: None }))
    }

    /// The error of a read that has just failed on this thread, with the place its visitors noted.
    pub(crate) fn from_read(error: &serde_json::Error) -> Self {
        let mut message = error.to_string();
        let position = (error.line() > 0).then(|| (error.line(), error.column()));
        if let Some((line, column)) = position {
            let suffix = format!(" at line {line} column {column}");
            message.truncate(message.strip_suffix(suffix.as_str()).map_or(message.len(), str::len));
        }
        Self(Box::new(Fault { pointer: path::take_pointer(), message, position }))
    }

    /// The error of a scan, which is always one of the whole document.
    pub(crate) fn from_scan(error: &serde_json::Error) -> Self {
        path::clear();
        Self::from_read(error)
    }

    /// The same fault, seen from outside the field `key` whose text was read on its own.
    pub(crate) fn within(mut self, key: &str) -> Self {
        self.0.pointer.insert_str(0, &format!("/{}", key.replace('~', "~0").replace('/', "~1")));
        self.0.position = None;
        self
    }
}

/// Reads one JSON document and nothing after it.
pub(crate) fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, ModelError> {
    path::clear();
    serde_json::from_str(text).map_err(|error| ModelError::from_read(&error))
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault { pointer, message, position } = &*self.0;
        if !pointer.is_empty() {
            write!(f, "{pointer}: ")?;
        }
        f.write_str(message)?;
        position.map_or(Ok(()), |(line, column)| write!(f, ", at line {line} column {column}"))
    }
}

impl std::error::Error for ModelError {}
