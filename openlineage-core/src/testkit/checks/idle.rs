use std::time::Duration;

use crate::lifecycle::Deadline;
use crate::testkit::callers::Callers;
use crate::testkit::census::{Census, activity, pause};
use crate::testkit::stage::{LONG, SLACK, Stage, block};
use crate::testkit::verdict::{Outcome, ensure, same};

/// What threads for blocking work may outlive their last task by, and more.
const SETTLING: Duration = Duration::from_millis(200);

/// How long nothing may happen.
const IDLE: Duration = Duration::from_secs(2);

/// Voluntary switches that are forgiven in that time.
const SWITCHES: u64 = 2;

/// I1: an Active transport that has nothing to do does nothing. What the threads of a library below it do is its own affair.
pub(in crate::testkit) fn idle(stage: &Stage) -> Outcome {
    let before = Census::take(&*stage.sink)?;
    let transport = stage.transport();
    stage.deliver(&transport, 5)?;
    let _ = block("flush", LONG, transport.flush(Deadline::after(LONG)))?;
    pause(SETTLING);
    let threads = before.new_threads(stage.can.foreign)?;
    let (switches, ticks) = activity(&threads)?;
    pause(IDLE);
    let (switches_later, ticks_later) = activity(&threads)?;
    let (switches, ticks) = (switches_later - switches, ticks_later - ticks);
    ensure(switches <= SWITCHES && ticks == 0, || {
        format!("{switches} voluntary switches and {ticks} clock ticks in {IDLE:?} of nothing to do")
    })
}

/// I2: a hundred Active transports share the threads that were declared.
pub(in crate::testkit) fn many_share_one(stage: &Stage) -> Outcome {
    let before = Census::take(&*stage.sink)?;
    let transports: Vec<_> = (0..100).map(|_| stage.transport()).collect();
    let call = |transport| Callers::start(transport, stage.events(1)?, Deadline::after(LONG));
    let calls: Vec<_> = transports.iter().map(call).collect::<Outcome<_>>()?;
    for call in calls {
        let lost = call.join()?.iter().filter(|fate| fate.is_err()).count();
        same("events of a healthy sink that were lost", lost, 0)?;
    }
    pause(SETTLING + SLACK / 2);
    let (threads, allowed) = (before.new_threads(stage.can.foreign)?.len(), stage.can.own_threads);
    ensure(threads <= allowed, || format!("100 transports have {threads} threads, {allowed} are declared"))
}
