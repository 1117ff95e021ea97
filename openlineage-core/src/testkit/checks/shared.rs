use crate::error::EmitErrorKind;
use crate::lifecycle::{Ended, State};
use crate::testkit::harness::Setup;
use crate::testkit::stage::{LONG, Stage, close_within, sum_holds};
use crate::testkit::verdict::{Outcome, Stop, broken, ensure, same};

/// W2: of two who share a transport, closing one leaves the other as it is; the transport ends with the last.
pub(in crate::testkit) fn child(stage: &Stage) -> Outcome {
    let Some([one, other]) = (stage.sharers)(Setup::default()) else {
        return Err(Stop::Missing("the transport is not shared".to_owned()));
    };
    stage.deliver(&one, 1)?;
    stage.deliver(&other, 2)?;
    if stage.can.can_fail_start {
        same("starts of what two share", stage.sink.log().starts, 1)?;
    }
    let report = close_within(&one, LONG)?;
    same("end", report.ended, Ended::Drained)?;
    same("accepted and delivered by the first", (report.tally.accepted, report.tally.delivered), (1, 1))?;
    match stage.emit(&one)? {
        Ok(_) => return broken("a closed share accepts an event"),
        Err(error) => same("error of a closed share", error.kind(), &EmitErrorKind::Closed)?,
    }
    same("state of the other", other.state(), State::Active)?;
    stage.deliver(&other, 1)?;
    let report = close_within(&other, LONG)?;
    sum_holds(report.tally)?;
    same("delivered by the other", report.tally.delivered, 3)?;
    stage.arrives(4)?;
    if !stage.can.outlived {
        stage.wait("the shared transport to end with the last share", |log| log.open == 0)?;
    }
    ensure(stage.arrived().len() == 4, || "an event arrived twice".to_owned())
}
