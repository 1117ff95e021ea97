//! From one attempt to a whole transport: implement [`Deliver`], or [`Post`] for what has a queue of its own, hand it to
//! an engine, get a [`Transport`](crate::transport::Transport).

mod accepted;
mod bounded;
mod closer;
mod connect;
mod deliver;
mod direct;
mod fence;
mod post;
mod posted;
mod queued;
mod session;

#[cfg(feature = "testkit")]
pub(crate) use bounded::first;
pub use deliver::Deliver;
pub use direct::{Direct, DirectBuilder};
pub(crate) use fence::panic_message;
pub use post::{Post, Report, Reports};
pub use posted::{Posted, PostedBuilder};
pub use queued::{Queued, QueuedBuilder};
