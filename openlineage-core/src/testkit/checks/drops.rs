use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tracing::Level;

use super::close::poll_close_once;
use crate::lifecycle::Deadline;
use crate::testkit::callers::apart;
use crate::testkit::logs::Logs;
use crate::testkit::sink::Answer;
use crate::testkit::stage::{LONG, SLACK, Stage};
use crate::testkit::verdict::{Outcome, broken, ensure, same};
use crate::transport::Transport;

/// Longest time that a drop may take.
const AT_ONCE: Duration = Duration::from_millis(50);

/// D1: a drop without close does not wait, and one warning says how many events are lost.
pub(in crate::testkit) fn without_close(stage: &Stage) -> Outcome {
    stage.need_an_end()?;
    let logs = Logs::capture()?;
    let transport = stage.transport();
    stage.held(&transport, 3)?.give_up()?;
    timed_drop(transport)?;
    stage.script(&[], Answer::Accept)?;
    let warnings = logs.at(Level::WARN);
    same("warnings", warnings.len(), 1)?;
    ensure(warnings[0].contains('3'), || format!("three events are lost, and the warning says: {}", warnings[0]))
}

/// D2: a drop inside a task does not panic.
pub(in crate::testkit) fn in_async_code(stage: &Stage) -> Outcome {
    let current = Builder::new_current_thread().enable_all().build();
    let multi = Builder::new_multi_thread().worker_threads(1).enable_all().build();
    for runtime in [current, multi] {
        let runtime = runtime.or_else(|error| broken(format!("no runtime: {error}")))?;
        let transport = stage.transport();
        if stage.can.answers {
            stage.held(&transport, 2)?.give_up()?;
        } else {
            stage.deliver(&transport, 2)?;
        }
        apart("a drop in a task", LONG, move || drop_in(&runtime, transport))??;
        stage.sink.script(&[], Answer::Accept);
    }
    Ok(())
}

fn drop_in(runtime: &Runtime, transport: Arc<dyn Transport>) -> Outcome {
    runtime.block_on(async {
        let dropped = tokio::spawn(async move { timed_drop(transport) }).await;
        dropped.unwrap_or_else(|_| broken("a drop in a task panicked"))
    })
}

/// D4: dropping the last handle while a close is under way neither waits nor panics.
pub(in crate::testkit) fn while_closing(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    let callers = stage.held(&transport, 3)?;
    if !poll_close_once(&transport, Deadline::after(LONG)) {
        return broken("close returned while the sink held events back");
    }
    callers.give_up()?;
    apart("the drop", LONG, move || timed_drop(transport))??;
    stage.script(&[], Answer::Accept)
}

fn timed_drop(transport: Arc<dyn Transport>) -> Outcome {
    let clones = Arc::strong_count(&transport) - 1;
    same("clones that the harness keeps", clones, 0)?;
    let began = Instant::now();
    drop(transport);
    let took = began.elapsed();
    ensure(took <= AT_ONCE + SLACK, || format!("the drop took {took:?}"))
}
