//! What an answer means.

mod body;
mod redirect;
mod status;

pub(crate) use body::drain;
pub(crate) use redirect::{Shown, redirected};
pub(crate) use status::Answers;
