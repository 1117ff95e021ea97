//! Events from files, one at a time, in bounded memory.
//!
//! The first byte that is not white space (nor a byte order mark) decides the form. `[` is a JSON array, streamed by element. Anything else is
//! one value a line; unless the first line opens an object and does not close it: then objects may take several lines.
//!
//! Damage stays where it is. A broken line is one bad item. Where objects take several lines, one that never closes ends
//! at a line break within a string, or where a line is an event by itself. Only an array cannot be picked up again
//! behind an element that does not close.

mod reader;
mod scan;
mod source;
mod values;

pub(crate) use reader::Reader;
pub(crate) use source::{Item, Source};

#[cfg(test)]
mod tests;
