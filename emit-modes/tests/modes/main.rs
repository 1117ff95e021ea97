//! What each mode promises its host, and what becomes of the events: their fates are summed at the end of each test.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(target_os = "linux")]
mod alone;
mod case;
mod closing;
mod every;
#[cfg(target_os = "linux")]
mod fork;
mod held;
#[cfg(target_os = "linux")]
mod idle;
#[cfg(target_os = "linux")]
mod pace;
mod queue;
mod runtimes;
mod scopes;
mod task;
mod thread;
