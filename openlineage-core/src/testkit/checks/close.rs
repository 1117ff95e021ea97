use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use crate::error::EmitErrorKind;
use crate::lifecycle::{CloseReport, Deadline, Ended, State, Tally};
use crate::testkit::callers::closing;
use crate::testkit::sink::Answer;
use crate::testkit::stage::{LONG, SHORT, SLACK, Stage, TOO_EARLY, block, close_within, same_report, sum_holds};
use crate::testkit::verdict::{Outcome, broken, ensure, same};
use crate::transport::Transport;

/// Clocks are read on two sides of a thread switch; a deadline may seem to be hit by so much too early.
pub(super) const EARLY: Duration = Duration::from_millis(20);

/// C1: closing a transport that has not started.
pub(in crate::testkit) fn from_new(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    let report = block("close of a new transport", SLACK, transport.close(Deadline::after(LONG)))?;
    same("counts", report.tally, Tally::default())?;
    same("end", report.ended, Ended::Drained)?;
    same("state", transport.state(), State::Closed)?;
    let log = stage.sink.log();
    same("starts and connections", (log.starts, log.open), (0, 0))
}

/// C2: what was accepted before close is delivered.
pub(in crate::testkit) fn drains(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    let callers = stage.held(&transport, 5)?;
    let close = closing(&transport, Deadline::after(LONG))?;
    ensure(!close.came_within(TOO_EARLY), || "close returned with every event held back".into())?;
    stage.script(&[], Answer::Accept)?;
    let (report, _) = close.join(LONG + SLACK)?;
    same("end", report.ended, Ended::Drained)?;
    same("delivered", report.tally.delivered, 5)?;
    sum_holds(report.tally)?;
    same("events the sink has", stage.arrived().len(), 5)?;
    let lost = callers.join()?.into_iter().filter(Result::is_err).count();
    same("emits that failed", lost, 0)
}

/// C3: close is back by its deadline, whatever the sink does.
pub(in crate::testkit) fn keeps_deadline(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    let callers = stage.held(&transport, 4)?;
    let began = Instant::now();
    let report = close_within(&transport, SHORT)?;
    ensure(began.elapsed() + EARLY >= SHORT, || format!("close gave up after {:?} of {SHORT:?}", began.elapsed()))?;
    same("end", report.ended, Ended::DeadlineReached)?;
    same("abandoned", report.tally.abandoned, 4)?;
    sum_holds(report.tally)?;
    same("state", transport.state(), State::Closed)?;
    callers.join().map(drop)
}

/// C4: the second close says what the first said, at once.
pub(in crate::testkit) fn twice(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    stage.deliver(&transport, 2)?;
    let first = close_within(&transport, LONG)?;
    let second = block("the second close", SLACK, transport.close(Deadline::never()))?;
    same_report(&first, &second)?;
    same("delivered", second.tally.delivered, 2)
}

/// C5: eight closes at once are one drain, and the earliest deadline rules.
pub(in crate::testkit) fn together(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    let callers = stage.held(&transport, 3)?;
    let limits = (1..=8_u32).rev().map(|times| SHORT * times);
    let began = Instant::now();
    let closes: Vec<_> =
        limits.map(|limit| closing(&transport, Deadline::at(began + limit))).collect::<Outcome<_>>()?;
    // On a loaded machine the last caller may come when its deadline has passed.
    let due = Instant::now().max(began + SHORT);
    let reports: Vec<(CloseReport, Instant)> =
        closes.into_iter().map(|close| close.join(SHORT * 8 + SLACK)).collect::<Outcome<_>>()?;
    for (report, ended) in &reports {
        same_report(&reports[0].0, report)?;
        let late = ended.saturating_duration_since(due);
        ensure(late <= SLACK, || format!("a close returned {late:?} after the earliest deadline"))?;
    }
    same("end", reports[0].0.ended, Ended::DeadlineReached)?;
    same("abandoned", reports[0].0.tally.abandoned, 3)?;
    callers.join().map(drop)
}

/// C7: no call brings a closed transport back.
pub(in crate::testkit) fn no_return(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    stage.deliver(&transport, 1)?;
    let report = close_within(&transport, LONG)?;
    let before = stage.sink.log();
    match block("emit after close", SLACK, transport.emit(stage.event()?, Deadline::after(LONG)))? {
        Ok(ack) => return broken(format!("emit after close: {ack:?}")),
        Err(error) => same("error of an emit after close", error.kind(), &EmitErrorKind::Closed)?,
    }
    let flush = block("flush after close", SLACK, transport.flush(Deadline::after(LONG)))?;
    ensure(flush.settled && flush.pending == 0, || {
        format!("nothing is pending after close, and flush says {flush:?}")
    })?;
    same_report(&report, &block("close after close", SLACK, transport.close(Deadline::after(LONG)))?)?;
    same("state", transport.state(), State::Closed)?;
    let after = stage.sink.log();
    same("attempts and starts", (after.attempts.len(), after.starts), (before.attempts.len(), before.starts))
}

/// C8: a dropped close goes on, and keeps the deadline it was given.
pub(in crate::testkit) fn dropped(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    let callers = stage.held(&transport, 3)?;
    let began = Instant::now();
    if !poll_close_once(&transport, Deadline::after(SHORT)) {
        return broken("close returned while the sink held events back");
    }
    ensure(transport.state() >= State::Closing, || format!("a dropped close left {:?}", transport.state()))?;
    let report = block("the second close", SHORT + SLACK, transport.close(Deadline::never()))?;
    ensure(began.elapsed() + EARLY >= SHORT, || "the drain ended before its deadline".into())?;
    same("end", report.ended, Ended::DeadlineReached)?;
    same("abandoned", report.tally.abandoned, 3)?;
    callers.join().map(drop)
}

/// Starts a close and drops it. `true` if it was still pending.
pub(super) fn poll_close_once(transport: &Arc<dyn Transport>, until: Deadline) -> bool {
    let mut close = transport.close(until);
    close.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending()
}

/// C9: close now does not wait.
pub(in crate::testkit) fn now(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    let callers = stage.held(&transport, 3)?;
    let report = block("close now", SLACK, transport.close(Deadline::now()))?;
    sum_holds(report.tally)?;
    same("accepted", report.tally.accepted, 3)?;
    same("state", transport.state(), State::Closed)?;
    callers.join().map(drop)
}
