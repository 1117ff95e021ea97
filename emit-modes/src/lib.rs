//! Where events are emitted, and how long their host waits for that.
//!
//! An [`Emitter`] stands before a [`Client`](openlineage_core::client::Client). Its [`Mode`] decides what a call costs
//! the host; one `execution_timeout` (10 s unless said otherwise) bounds it, and the transport hears what is left of it.
//!
//! | mode | runs | a host waits for | use it |
//! | --- | --- | --- | --- |
//! | [`Inline`](Mode::Inline) | on the calling thread | the event's fate, as long as the transport keeps its deadline | in programs that end with their last event, and in tests |
//! | [`Thread`](Mode::Thread) | on a thread for each call | at most `execution_timeout`, whatever the work does | where code that extracts lineage, or a transport, may hang |
//! | [`Task`](Mode::Task) | as a task on the worker | nothing after [`submit`](Emitter::submit); as `Inline` otherwise | in hosts that go on at once |
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use openlineage_core::builtin::Memory;
//! use openlineage_core::client::Client;
//! use openlineage_core::model::{JobRef, RunEvent, RunId, Uri};
//! use openlineage_emit_modes::{Emitter, Mode};
//!
//! let memory = Memory::new();
//! let client = Client::builder().transport(Arc::new(memory.transport())).build()?;
//! let emitter = Emitter::new(client, Mode::thread());
//!
//! // What looks the lineage up runs under the limit too.
//! let delivered = emitter.run(|scope| {
//!     let job = JobRef::new("warehouse", "daily_orders");
//!     let event = RunEvent::start(RunId::new(), job).build(&Uri::from_static("https://acme.example/scheduler"));
//!     scope.emit(event)
//! })??;
//! assert_eq!(delivered.map(|receipt| receipt.attempts), Some(1));
//! assert!(emitter.shutdown(Duration::from_secs(5))?.is_clean());
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! Making an emitter starts nothing. In a forked child it starts anew, as transports do.
#![forbid(unsafe_code)]

mod account;
mod airflow;
mod call;
mod closing;
mod emitter;
mod here;
mod lanes;
mod mode;
mod payload;
mod room;
mod scope;
mod session;
mod slots;
mod stats;
mod taken;
mod task;
mod thread;
mod wait;

pub use airflow::AirflowModes;
pub use emitter::Emitter;
pub use mode::{FenceExpiry, InlineOptions, Mode, Overflow, TaskOptions, ThreadOptions};
pub use payload::Payload;
pub use scope::Scope;
pub use stats::EmitterStats;
