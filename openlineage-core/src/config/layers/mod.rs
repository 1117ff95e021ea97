//! The layers that are merged, each of them one value.

mod file;
mod legacy;
mod merge;
mod variables;

pub(super) use file::read as file;
pub(super) use legacy::{is_untyped, read as legacy, untyped_section};
pub(super) use merge::merge;
pub(super) use variables::read as variables;
