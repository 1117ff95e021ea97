use std::time::{Duration, Instant};

use crate::error::{Disposition, EmitError, EmitErrorKind, Sent};
use crate::lifecycle::{Deadline, Ended, State};
use crate::testkit::sink::Answer;
use crate::testkit::stage::{LONG, SHORT, SLACK, Stage, close_within};
use crate::testkit::verdict::{Outcome, broken, ensure, same};
use crate::transport::Receipt;

/// T1: what may succeed when repeated is repeated.
pub(in crate::testkit) fn transient(stage: &Stage) -> Outcome {
    stage.need(stage.can.retries, "retries")?;
    let transport = stage.transport();
    stage.script(&[Answer::Transient, Answer::Transient], Answer::Accept)?;
    match stage.emit(&transport)? {
        Ok(Some(receipt)) => same("attempts, as the receipt says", receipt.attempts, 3)?,
        Ok(None) => return broken("the event was skipped"),
        Err(error) => return broken(format!("the third attempt would have been accepted: {error}")),
    }
    same("attempts", stage.sink.log().attempts.len(), 3)?;
    same("delivered", transport.stats().tally.delivered, 1)
}

/// T2: what was refused for good is not.
pub(in crate::testkit) fn permanent(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    stage.script(&[Answer::Permanent], Answer::Accept)?;
    let error = failed(stage.emit(&transport)?)?;
    same("disposition", error.disposition(), Disposition::Permanent)?;
    same("attempts", stage.sink.log().attempts.len(), 1)?;
    same("failed", transport.stats().tally.failed, 1)?;
    stage.deliver(&transport, 1)
}

/// T3: when the repetitions are used up, the error says so.
pub(in crate::testkit) fn exhausted(stage: &Stage) -> Outcome {
    stage.need(stage.can.retries, "retries")?;
    let transport = stage.transport();
    stage.script(&[], Answer::Transient)?;
    let began = Instant::now();
    let error = failed(stage.emit(&transport)?)?;
    // The setup allows three repetitions, after 0, 20 and 40 ms.
    let took = began.elapsed();
    same("disposition", error.disposition(), Disposition::Exhausted)?;
    same("attempts, as the error says", error.attempts(), 4)?;
    same("attempts", stage.sink.log().attempts.len(), 4)?;
    ensure(took <= Duration::from_millis(60) + SLACK, || format!("60 ms of pauses took {took:?}"))
}

/// T4: a pause that the destination asks for is kept, but not past the deadline.
pub(in crate::testkit) fn slow_down(stage: &Stage) -> Outcome {
    stage.need(stage.can.honours_retry_after, "honours_retry_after")?;
    let transport = stage.transport();
    // Whole seconds, because that is all that some protocols can say.
    let asked = Duration::from_secs(1);
    stage.script(&[Answer::Throttle(asked)], Answer::Accept)?;
    if let Err(error) = stage.emit(&transport)? {
        return broken(format!("the event would have been accepted after the pause: {error}"));
    }
    let log = stage.sink.log();
    same("attempts", log.attempts.len(), 2)?;
    let paused = log.attempts[1].at.saturating_duration_since(log.attempts[0].at);
    ensure(paused >= asked, || format!("the sink asked for {asked:?} and got {paused:?}"))?;
    if !stage.can.confirms_each {
        // A queueing transport goes on after its caller's deadline.
        return Ok(());
    }
    stage.script(&[Answer::Throttle(LONG)], Answer::Accept)?;
    let began = Instant::now();
    let error = failed(stage.emit_until(&transport, Deadline::after(SHORT))?)?;
    let took = began.elapsed();
    ensure(took <= SHORT + SLACK, || format!("the deadline was {SHORT:?}, emit took {took:?}"))?;
    let throttled = matches!(error.kind(), EmitErrorKind::Throttled { .. });
    ensure(throttled, || format!("the sink asked for a pause, and the error is: {error}"))
}

/// T5: a panic in the transport's own code fails that event and nothing else.
pub(in crate::testkit) fn panic_inside(stage: &Stage) -> Outcome {
    stage.need(stage.can.can_panic, "can_panic")?;
    let transport = stage.transport();
    stage.deliver(&transport, 1)?;
    stage.script(&[Answer::Panic], Answer::Accept)?;
    let error = failed(stage.emit(&transport)?)?;
    same("kind", error.kind(), &EmitErrorKind::Faulted)?;
    same("can it have been sent", error.sent(), Sent::Maybe)?;
    same("attempts", stage.sink.log().attempts.len(), 2)?;
    same("state", transport.state(), State::Active)?;
    stage.deliver(&transport, 1)?;
    let report = close_within(&transport, LONG)?;
    same("end", report.ended, Ended::Drained)?;
    same("delivered and failed", (report.tally.delivered, report.tally.failed), (2, 1))
}

/// The error of an event that was accepted and then failed.
fn failed(fate: Result<Option<Receipt>, EmitError>) -> Outcome<EmitError> {
    match fate {
        Err(error) if error.accepted() => Ok(error),
        Err(error) => broken(format!("the event was sent, and the error says that it was not accepted: {error}")),
        Ok(_) => broken("the sink did not accept the event, and emit says Ok"),
    }
}
