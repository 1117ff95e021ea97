//! Drills: programs that end, or fork, while their transport's queue is busy. For transports that queue and post to a
//! server over HTTP.
//!
//! ```
//! use std::sync::Arc;
//!
//! use openlineage_core::queue::Limits;
//! use openlineage_core::testkit::drills::Destination;
//! use openlineage_core::transport::Transport;
//! # struct MyTransport;
//! # impl MyTransport { fn to(url: &str, limits: Limits) -> Arc<dyn Transport> { unimplemented!() } }
//!
//! struct Mine;
//!
//! impl Destination for Mine {
//!     fn transport(&self, url: &str, limits: Limits) -> Arc<dyn Transport> {
//!         MyTransport::to(url, limits)
//!     }
//! }
//!
//! openlineage_core::drills!(Mine);
//! ```
//!
//! makes one `#[test]` of each drill. A drill has two sides. The test starts a scripted [`Server`] and runs itself again
//! as a program of its own, which uses the transport and then ends or forks as the drill says; the test looks at how the
//! program ended, what it said, and what the server got. The server's threads are not in the program: a thread that
//! starts or ends while another one forks is a danger of its own.

mod ends;
mod forks;
mod inherited;
mod ledger;
mod program;
mod said;

use std::sync::Arc;

use super::server::Server;
use super::verdict::{Outcome, Verdict, broken};
use crate::queue::Limits;
use crate::transport::Transport;
use program::Program;

/// How to build the transport that is drilled.
pub trait Destination: Send + Sync + 'static {
    /// A new one, to the server at `url`, with these limits. Its retry policy may be any.
    fn transport(&self, url: &str, limits: Limits) -> Arc<dyn Transport>;
}

/// One drill: what the program does, and what the test demands of it.
struct Drill {
    name: &'static str,
    /// Before the program starts.
    script: fn(&Server),
    act: fn(&Site<'_>) -> Outcome,
    judge: fn(&mut Program, &Server) -> Outcome,
}

/// What the program has to work with.
struct Site<'a> {
    destination: &'a dyn Destination,
    url: String,
}

impl Site<'_> {
    fn transport(&self, events: usize, concurrent: usize) -> Arc<dyn Transport> {
        self.destination.transport(&self.url, Limits { events, concurrent, ..Limits::default() })
    }
}

/// Makes a `#[test]` of every drill, for the [`Destination`] that the expression makes. Use it once a module.
#[macro_export]
macro_rules! drills {
    ($destination:expr) => {
        $crate::__openlineage_drills!(
            { $destination }
            a_return_through_a_guard_delivers
            a_return_through_a_guard_keeps_its_limit
            a_return_without_a_guard_says_what_is_lost
            a_return_that_drops_nothing
            a_panic_through_a_guard_delivers
            an_exit_while_callers_wait
            an_exit_by_another_thread
            a_busy_parent
            a_parent_that_starts_and_ends_workers
            a_parent_with_a_full_queue
            a_parent_that_closes
            a_child_of_a_child
        );
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __openlineage_drills {
    ($destination:block $($name:ident)+) => {
        $(
            #[test]
            fn $name() {
                let test = concat!(module_path!(), "::", stringify!($name));
                match $crate::testkit::drills::verdict(stringify!($name), test, &$destination) {
                    $crate::testkit::Verdict::Holds => {}
                    $crate::testkit::Verdict::Broken(why) => panic!("{}: {why}", stringify!($name)),
                    missing => println!("{missing}"),
                }
            }
        )+
    };
}

/// Runs one drill, or in the program that it starts, that program's side of it. `test` is the path of the calling test,
/// with the crate in front.
#[must_use]
pub fn verdict(drill: &str, test: &str, destination: &dyn Destination) -> Verdict {
    let mut known = [ends::DRILLS, forks::DRILLS, inherited::DRILLS].into_iter().flatten();
    let Some(drill) = known.find(|known| known.name == drill) else {
        return broken::<()>(format!("there is no drill {drill}")).into();
    };
    match program::url() {
        Some(url) => program::act(drill, &Site { destination, url }),
        None => run(drill, test).into(),
    }
}

fn run(drill: &Drill, test: &str) -> Outcome {
    let server = Server::start().or_else(|error| broken(format!("no server: {error}")))?;
    (drill.script)(&server);
    let name = test.split_once("::").map_or(test, |(_crate, name)| name);
    let mut program = Program::start(name, &server.url())?;
    (drill.judge)(&mut program, &server)
}
