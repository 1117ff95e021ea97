//! From a description of a transport to the transport: kinds, options, and errors that name the key.

mod error;
mod registry;
mod section;

pub use error::ConfigError;
pub use registry::{BuildContext, Factory, Registry};
pub use section::{Section, TransportSpec};
