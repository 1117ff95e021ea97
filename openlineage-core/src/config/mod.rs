//! Configuration: where it comes from, what it says, and the way from the description of a transport to the transport.
//!
//! A [`Loader`] merges what there is, from the strongest to the weakest: a value in code, a file, variables
//! `OPENLINEAGE__A__B`, the older variables `OPENLINEAGE_URL`, `OPENLINEAGE_ENDPOINT` and `OPENLINEAGE_API_KEY`, and
//! defaults. Every value remembers its [`Source`]. A [`Registry`] then turns a [`TransportSpec`] into a transport.
//!
//! Loading starts nothing, and neither reads nor writes the environment of the process: it is given as a value.

mod coerce;
mod environment;
mod error;
mod explain;
mod fingerprint;
mod kinds;
mod layers;
mod loaded;
mod loader;
mod reach;
mod registry;
mod secret;
mod section;
mod settings;
mod source;
mod spec;
mod value;
mod warning;

pub use environment::Environment;
pub use error::ConfigError;
pub use explain::Line;
pub use fingerprint::Fingerprint;
pub use loaded::Loaded;
pub use loader::Loader;
pub use reach::{Found, Reach};
pub use registry::{BuildContext, Factory, Registry};
pub use secret::Secret;
pub use section::Section;
pub use settings::{DatasetSettings, FacetSettings, FilterKind, FilterSpec, Settings, SourceCodeLocation, TagSettings};
pub use source::Source;
pub use spec::TransportSpec;
pub use value::{ConfigValue, Node};
pub use warning::{ConfigWarning, Warnings};
