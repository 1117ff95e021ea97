//! One module for each command, and what they share.

pub(crate) mod check;
pub(crate) mod emit;
pub(crate) mod run;
mod signals;
