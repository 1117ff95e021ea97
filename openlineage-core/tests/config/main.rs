//! The loader: layers, sources, values, and what it never does.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod case;
mod code;
mod coercion;
mod document;
mod explain;
mod files;
mod legacy;
mod properties;
mod secrets;
mod settings;
mod specs;
mod transports;
mod variables;
mod yaml;
