//! The client: what it does to events, what it never does, and runs with their ends.
//!
//! Where the Python client surprises, the test says what ours does instead.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod case;
mod copies;
mod datasets;
mod deadlines;
mod disabled;
mod dropped;
mod filters;
mod forward;
mod guard;
mod location;
mod logs;
mod parents;
mod runs;
mod submit;
mod tags;
mod variables;
