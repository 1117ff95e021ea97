use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::error::{EmitError, EmitErrorKind};
use crate::lifecycle::{Deadline, State};
use crate::testkit::census::Census;
use crate::testkit::sink::Answer;
use crate::testkit::stage::{LONG, SHORT, SLACK, Stage, block, close_within};
use crate::testkit::verdict::{Outcome, broken, ensure, same};
use crate::transport::{Ack, Transport};

/// L1: building 64 transports starts no thread and opens nothing.
pub(in crate::testkit) fn quiet_birth(stage: &Stage) -> Outcome {
    let before = Census::take(&*stage.sink)?;
    let transports: Vec<_> = (0..64).map(|_| stage.transport()).collect();
    before.unchanged(&*stage.sink)?;
    same("starts", stage.sink.log().starts, 0)?;
    for transport in &transports {
        same("state of a new transport", transport.state(), State::New)?;
    }
    Ok(())
}

/// L2: New before the first event, Active after it, started once.
pub(in crate::testkit) fn first_event_starts(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    same("state before the first event", transport.state(), State::New)?;
    stage.deliver(&transport, 1)?;
    same("state after the first event", transport.state(), State::Active)?;
    stage.deliver(&transport, 2)?;
    same("accepted", transport.stats().tally.accepted, 3)?;
    if stage.can.can_fail_start {
        same("starts", stage.sink.log().starts, 1)?;
    }
    Ok(())
}

/// L3: a failed start refuses its event and leaves New, and the next event may succeed. Where an event is taken on
/// before there is a connection, a later start delivers it.
pub(in crate::testkit) fn failed_start(stage: &Stage) -> Outcome {
    stage.need(stage.can.can_fail_start, "can_fail_start")?;
    let transport = stage.transport();
    stage.sink.fail_start();
    let ack = block("emit", LONG + SLACK, transport.emit(stage.event()?, Deadline::after(LONG)))?;
    match ack {
        Err(error) if !(stage.can.queues && error.accepted()) => start_refused(&transport, &error)?,
        Ok(Ack::Delivered(_)) if !stage.can.queues => return broken("the start failed, and emit says Ok"),
        Ok(Ack::Skipped(_)) => return broken("the event was skipped"),
        taken => start_outlived(stage, &transport, taken)?,
    }
    stage.deliver(&transport, 1)?;
    same("state after the next event", transport.state(), State::Active)?;
    same("starts", stage.sink.log().starts, 1)
}

fn start_refused(transport: &Arc<dyn Transport>, error: &EmitError) -> Outcome {
    same("kind of the error", error.kind(), &EmitErrorKind::Start)?;
    ensure(!error.accepted(), || "an event that could not start the transport counts as accepted".into())?;
    same("state after a failed start", transport.state(), State::New)?;
    same("refused", transport.stats().tally.refused, 1)
}

fn start_outlived(stage: &Stage, transport: &Arc<dyn Transport>, taken: Result<Ack, EmitError>) -> Outcome {
    same("state with an event taken on", transport.state(), State::Active)?;
    let fate = async { taken?.fate().await };
    let fate = block("the fate of the event that came with a failed start", LONG, fate)?;
    let tally = transport.stats().tally;
    match fate {
        Ok(_) => {
            same("accepted, delivered and arrived", (tally.accepted, tally.delivered, stage.arrived().len()), (1, 1, 1))
        }
        // Nothing is tried again, and then a start is not either.
        Err(_) if !stage.can.retries => same("accepted and failed", (tally.accepted, tally.failed), (1, 1)),
        Err(error) => broken(format!("a later start would have delivered the event: {error}")),
    }
}

/// L4: flush on New returns at once and starts nothing.
pub(in crate::testkit) fn flush_on_new(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    let report = block("flush of a new transport", SLACK, transport.flush(Deadline::after(LONG)))?;
    ensure(report.settled && report.pending == 0, || format!("nothing was accepted, and flush says {report:?}"))?;
    same("state after flush", transport.state(), State::New)?;
    let log = stage.sink.log();
    same("starts and connections", (log.starts, log.open), (0, 0))
}

/// L5: the state, sampled all the time from another thread, never goes back.
pub(in crate::testkit) fn one_direction(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    let watch = Watch::start(&transport);
    let lived = live(stage, &transport);
    let seen = watch.stop()?;
    lived?;
    ensure(seen.is_sorted(), || format!("the state went {seen:?}"))?;
    same("the last state", seen.last(), Some(&State::Closed))
}

fn live(stage: &Stage, transport: &Arc<dyn Transport>) -> Outcome {
    stage.deliver(transport, 3)?;
    let _ = block("flush", LONG, transport.flush(Deadline::after(LONG)))?;
    if stage.can.answers {
        let callers = stage.held(transport, 2)?;
        let _report = close_within(transport, SHORT)?;
        stage.script(&[], Answer::Accept)?;
        callers.join()?;
    }
    let _report = close_within(transport, LONG)?;
    let _refused = stage.emit(transport)?;
    let _ = block("flush", LONG, transport.flush(Deadline::after(LONG)))?;
    let _report = close_within(transport, LONG)?;
    Ok(())
}

/// The states that a thread sees which looks as often as it can.
struct Watch {
    done: Arc<AtomicBool>,
    thread: thread::JoinHandle<Vec<State>>,
}

impl Watch {
    fn start(transport: &Arc<dyn Transport>) -> Self {
        let (transport, done) = (Arc::clone(transport), Arc::new(AtomicBool::new(false)));
        let seen = Arc::clone(&done);
        let thread = thread::spawn(move || {
            let mut states = vec![transport.state()];
            while !seen.load(Ordering::Acquire) {
                states.push(transport.state());
                states.dedup();
                thread::yield_now();
            }
            states.push(transport.state());
            states.dedup();
            states
        });
        Self { done, thread }
    }

    fn stop(self) -> Outcome<Vec<State>> {
        self.done.store(true, Ordering::Release);
        self.thread.join().or_else(|_| broken("asking for the state panicked"))
    }
}
