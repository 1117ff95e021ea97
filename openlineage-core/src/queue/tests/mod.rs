//! The machine is held against a model of the same rules: scripts of everything that can be asked of both, with the
//! answers compared after each step, and time that is made up. Besides, each rule has a test of its own.

mod closing;
mod kit;
mod memory;
mod model;
mod op;
mod order;
mod pauses;
mod room;
mod run;
mod timers;
mod watch;

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::test_runner::{Config, TestRunner};

const SCRIPTS: u32 = 4_000;
const STEPS: usize = 1_000_000;

#[test]
fn a_million_random_steps_are_answered_as_by_the_model() {
    let asked = AtomicUsize::new(0);
    let mut runner = TestRunner::new(Config { cases: SCRIPTS, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&op::scripts(STEPS / SCRIPTS as usize), |script| {
        asked.fetch_add(run::run(&script), Ordering::Relaxed);
        Ok(())
    });
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
    assert!(asked.into_inner() >= STEPS);
}
