use std::time::Duration;

use crate::lifecycle::State;
use crate::testkit::census::Census;
use crate::testkit::stage::{LONG, SLACK, Stage, close_within};
use crate::testkit::verdict::{Outcome, same};

/// What the system may need to end threads and connections after a close.
const GRACE: Duration = Duration::from_millis(100);

/// The same after a drop, which asks but does not wait.
const AFTER_DROP: Duration = Duration::from_secs(1);

/// C6: after close there are no more threads, files and connections than before the transport.
pub(in crate::testkit) fn close_releases(stage: &Stage) -> Outcome {
    stage.need_an_end()?;
    let before = Census::take(&*stage.sink)?;
    let transport = stage.transport();
    stage.deliver(&transport, 3)?;
    let report = close_within(&transport, LONG)?;
    same("delivered", report.tally.delivered, 3)?;
    same("state", transport.state(), State::Closed)?;
    before.restored(&*stage.sink, GRACE + SLACK)
}

/// D3: the same holds after a drop without close.
pub(in crate::testkit) fn drop_releases(stage: &Stage) -> Outcome {
    stage.need_an_end()?;
    let before = Census::take(&*stage.sink)?;
    let transport = stage.transport();
    stage.deliver(&transport, 3)?;
    if stage.can.answers {
        stage.held(&transport, 3)?.give_up()?;
    }
    drop(transport);
    before.restored(&*stage.sink, AFTER_DROP + SLACK)
}
