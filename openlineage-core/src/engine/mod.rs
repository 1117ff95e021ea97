//! From one attempt to a whole transport: implement [`Deliver`], hand it to an engine, get a
//! [`Transport`](crate::transport::Transport).

mod accepted;
mod bounded;
mod closer;
mod deliver;
mod direct;
mod fence;
mod queued;
mod session;

#[cfg(feature = "testkit")]
pub(crate) use bounded::first;
pub use deliver::Deliver;
pub use direct::{Direct, DirectBuilder};
pub(crate) use fence::panic_message;
pub use queued::{Queued, QueuedBuilder};
