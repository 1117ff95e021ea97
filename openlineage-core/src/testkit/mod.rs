//! The contract kit: every promise that [`Transport`](crate::transport::Transport) makes, as a test for yours.
//!
//! Write a [`Harness`], then one line:
//!
//! ```
//! use std::sync::Arc;
//!
//! use openlineage_core::engine::Direct;
//! use openlineage_core::testkit::{Capabilities, Harness, ScriptedSink, Setup};
//! use openlineage_core::transport::{Transport, TransportInfo};
//!
//! struct MyHarness;
//!
//! impl Harness for MyHarness {
//!     type Sink = ScriptedSink;
//!
//!     fn sink(&self) -> ScriptedSink {
//!         ScriptedSink::new()
//!     }
//!
//!     fn transport(&self, sink: &ScriptedSink, setup: Setup) -> Arc<dyn Transport> {
//!         let builder = Direct::builder(TransportInfo::new("mine"), sink.deliver(setup.secret));
//!         Arc::new(builder.retry(setup.retry).runtime(setup.runtime).build())
//!     }
//!
//!     fn capabilities(&self) -> Capabilities {
//!         Capabilities::new().answers().confirms_each().retries().takes_runtime().holds_secret()
//!     }
//! }
//!
//! openlineage_core::contract!(MyHarness);
//! ```
//!
//! makes one `#[test]` of each [`Check`]. A check that needs a capability which the harness does not declare passes and
//! prints `not applicable` with the reason. Checks that count threads, files or context switches, and those that fork,
//! run in a process of their own: the test binary calls itself for that one test, so the tests must run under the
//! standard test harness. Counting needs Linux.
//!
//! Not covered by semantic versioning: the kit may get stricter.

mod callers;
mod census;
mod check;
mod checks;
#[cfg(target_os = "linux")]
pub mod drills;
mod events;
#[cfg(target_os = "linux")]
pub mod fork;
mod harness;
mod isolate;
mod logs;
mod scripted;
pub mod server;
mod sink;
mod socket;
mod stage;
mod verdict;

use std::time::Duration;

pub use check::Check;
pub use harness::{Capabilities, Harness, Setup};
pub use scripted::{Arrival, Connected, ScriptedDeliver, ScriptedSink};
pub use sink::{Answer, Attempt, Log, Sink};
pub use socket::{LineSink, Lines, Protocol, SocketSink};
pub use verdict::Verdict;

/// Longest time one check may take.
const LIMIT: Duration = Duration::from_secs(30);

/// Makes a `#[test]` of every check of the contract, for the harness that the expression makes.
///
/// Use it once a module. The tests are called by the code and the name of the check: `c2_close_drains`.
#[macro_export]
macro_rules! contract {
    ($harness:expr) => {
        $crate::__openlineage_checks!($crate::__openlineage_tests, { $harness });
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __openlineage_tests {
    ($harness:block $(($code:ident, $name:ident, $place:ident, $check:path))+) => {
        $(
            #[test]
            fn $name() {
                let test = concat!(module_path!(), "::", stringify!($name));
                match $crate::testkit::verdict($crate::testkit::Check::$code, test, $harness) {
                    $crate::testkit::Verdict::Holds => {}
                    $crate::testkit::Verdict::Broken(why) => panic!("{} is broken: {why}", stringify!($name)),
                    missing => println!("{missing}"),
                }
            }
        )+
    };
}

/// Runs one check. `test` is the path of the calling test, with the crate in front as `module_path!` has it: a check
/// that needs its own process runs that test again there.
#[must_use]
pub fn verdict(check: Check, test: &str, harness: impl Harness) -> Verdict {
    if check.is_isolated() && !isolate::is_child_for(check) {
        return isolate::verdict(check, test).into();
    }
    let work = move || check.run(&stage::Stage::new(harness));
    let verdict = callers::checked_apart("the check", LIMIT, work).into();
    if check.is_isolated() {
        isolate::tell(&verdict);
    }
    verdict
}
