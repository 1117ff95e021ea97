//! One module for each command.

pub(crate) mod emit;
pub(crate) mod parent;
pub(crate) mod run;
