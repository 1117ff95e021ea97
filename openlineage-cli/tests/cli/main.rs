//! Runs the real command against a server that answers by script.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod check;
mod common;
mod connect;

mod emit_damage;
mod emit_datadog;
mod emit_enrich;
mod emit_files;
mod emit_forms;
mod emit_limits;
mod emit_modes;
mod emit_order;
mod emit_queueing;
mod emit_report;
mod emit_resume;
mod emit_signals;
mod emit_undelivered;
mod help;
mod run_events;
mod run_exit;
mod run_facets;
mod run_lineage;
mod run_parent;
mod run_signals;
mod secrets;
