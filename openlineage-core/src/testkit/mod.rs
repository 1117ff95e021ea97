//! Help for the tests of transports. Not covered by semantic versioning.

pub mod server;
