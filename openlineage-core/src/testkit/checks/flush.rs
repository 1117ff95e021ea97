use std::time::{Duration, Instant};

use super::super::callers::flushing;
use super::super::sink::Answer;
use super::super::stage::{LONG, SHORT, SLACK, Stage, block};
use super::super::verdict::{Outcome, ensure, same};
use crate::lifecycle::{Deadline, State};

/// How long a flush gets to return too early.
const TOO_EARLY: Duration = Duration::from_millis(60);

/// F1: flush returns when the last event accepted before it is settled, and not before.
pub(in super::super) fn barrier(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    stage.deliver(&transport, 1)?;
    let callers = stage.held(&transport, 4)?;
    let flush = flushing(&transport, Deadline::after(LONG))?;
    stage.script(&[Answer::Accept, Answer::Accept, Answer::Accept], Answer::Stall)?;
    stage.arrives(4)?;
    ensure(!flush.came_within(TOO_EARLY), || "flush returned with one event still held back".into())?;
    stage.script(&[], Answer::Accept)?;
    let (report, _) = flush.join(LONG)?;
    ensure(report.settled, || "everything was delivered, and flush says that it is not settled".into())?;
    same("events the sink has when flush returns", stage.arrived().len(), 5)?;
    callers.join().map(drop)
}

/// F2: flush leaves the transport as it is.
pub(in super::super) fn keeps_state(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    for round in 1..=10 {
        stage.deliver(&transport, 1)?;
        let report = block("flush", LONG + SLACK, transport.flush(Deadline::after(LONG)))?;
        ensure(report.settled && report.pending == 0, || format!("round {round}: flush says {report:?}"))?;
        same("state after flush", transport.state(), State::Active)?;
        same("accepted", transport.stats().tally.accepted, round)?;
    }
    stage.arrives(10)
}

/// F3: two flushes at once are both right.
pub(in super::super) fn overlapping(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    let callers = stage.held(&transport, 3)?;
    let flushes = [flushing(&transport, Deadline::after(LONG))?, flushing(&transport, Deadline::after(LONG))?];
    for flush in &flushes {
        ensure(!flush.came_within(TOO_EARLY), || "a flush returned with every event held back".into())?;
    }
    stage.script(&[], Answer::Accept)?;
    for flush in flushes {
        let (report, _) = flush.join(LONG)?;
        ensure(report.settled && report.pending == 0, || format!("a flush says {report:?}"))?;
    }
    callers.join().map(drop)
}

/// F4: flush is back by its deadline and says what is pending.
pub(in super::super) fn keeps_deadline(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    let callers = stage.held(&transport, 3)?;
    let began = Instant::now();
    let report = block("flush", SHORT + SLACK, transport.flush(Deadline::after(SHORT)))?;
    ensure(!report.settled, || format!("after {:?} flush says that held events are settled", began.elapsed()))?;
    same("pending", report.pending, 3)?;
    same("state", transport.state(), State::Active)?;
    stage.script(&[], Answer::Accept)?;
    callers.join().map(drop)
}
