//! From options to a transport.

mod builder;
mod factory;
mod headers;
mod options;
mod proxy;
mod retry;
mod target;

pub use builder::{Compression, HttpBuilder};
pub use factory::{AsyncHttpFactory, HttpFactory};
