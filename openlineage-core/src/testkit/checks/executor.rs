use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime as Tokio};

use crate::blocking;
use crate::error::{EmitError, EmitErrorKind};
use crate::event::EncodedEvent;
use crate::lifecycle::{CloseReport, Deadline, Ended, State};
use crate::runtime::Runtime;
use crate::testkit::callers::{Callers, Going, apart};
use crate::testkit::harness::Setup;
use crate::testkit::sink::Answer;
use crate::testkit::stage::{LONG, SLACK, Stage, block, close_within, sum_holds};
use crate::testkit::verdict::{Outcome, broken, ensure, same};
use crate::transport::{Transport, TransportExt};

/// How long the sink stalls, and how long one poll may take while it does.
const STALL: Duration = Duration::from_millis(600);
const ONE_POLL: Duration = Duration::from_millis(100);

/// E1: a full life on an executor that only parks and unparks.
pub(in crate::testkit) fn bare(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    let life = Going::start("a life outside any runtime", live(transport, stage.events(3)?))?;
    clean(life.join(LONG)?)
}

/// E2: a full life on a current-thread runtime of the caller.
pub(in crate::testkit) fn current_thread(stage: &Stage) -> Outcome {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.or_else(|error| broken(format!("no runtime: {error}")))?;
    let (transport, events) = (stage.transport(), stage.events(3)?);
    clean(apart("a life on a current-thread runtime", LONG, move || runtime.block_on(live(transport, events)))?)
}

/// E3: a full life on a runtime with one worker, the blocking facade called from a task included.
pub(in crate::testkit) fn one_worker(stage: &Stage) -> Outcome {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.or_else(|error| broken(format!("no runtime: {error}")))?;
    let (transport, events, facade) = (stage.transport(), stage.events(3)?, stage.event()?);
    let called = Arc::clone(&transport);
    let (first, report) = apart("a life on a runtime with one worker", LONG, move || {
        runtime.block_on(async move {
            let first = tokio::spawn(async move { blocking::deliver(&called, facade, Deadline::after(LONG / 4)) });
            (first.await, tokio::spawn(live(transport, events)).await)
        })
    })?;
    match first {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => return broken(format!("the facade, called from a task: {error}")),
        Err(_) => return broken("the facade panicked in a task"),
    }
    clean(report.or_else(|_| broken("a call panicked in a task"))?)
}

async fn live(transport: Arc<dyn Transport>, events: Vec<EncodedEvent>) -> Result<CloseReport, EmitError> {
    for event in events {
        transport.deliver(event, Deadline::after(LONG)).await?;
    }
    let _report = transport.flush(Deadline::after(LONG)).await;
    Ok(transport.close(Deadline::after(LONG)).await)
}

fn clean(report: Result<CloseReport, EmitError>) -> Outcome {
    match report {
        Ok(report) => ensure(report.is_clean() && report.tally.delivered >= 3, || format!("not clean: {report:?}")),
        Err(error) => broken(format!("a healthy sink, and emit says: {error}")),
    }
}

/// E4: the lent runtime ends first; close ends all the same and says what was lost.
pub(in crate::testkit) fn lent_runtime_gone(stage: &Stage) -> Outcome {
    stage.need(stage.can.takes_runtime, "takes_runtime")?;
    for waited_for in [true, false] {
        let (runtime, transport) = on_lent(stage)?;
        stage.deliver(&transport, 1)?;
        let callers = stage.held(&transport, 3)?;
        let waiting = if waited_for { Some(callers) } else { callers.give_up().map(|()| None)? };
        runtime.shutdown_background();
        let report = close_within(&transport, LONG)?;
        same("end", report.ended, Ended::Faulted)?;
        same("delivered and abandoned", (report.tally.delivered, report.tally.abandoned), (1, 3))?;
        sum_holds(report.tally)?;
        same("state", transport.state(), State::Closed)?;
        if let Some(callers) = waiting {
            ensure(callers.join()?.iter().all(Result::is_err), || "an emit whose runtime ended is Ok".into())?;
        }
        let _ = block("flush", SLACK, transport.flush(Deadline::never()))?;
        stage.script(&[], Answer::Accept)?;
    }
    Ok(())
}

fn on_lent(stage: &Stage) -> Outcome<(Tokio, Arc<dyn Transport>)> {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.or_else(|error| broken(format!("no runtime: {error}")))?;
    let transport = stage.build(Setup { runtime: Runtime::on(runtime.handle().clone()), ..Setup::default() });
    Ok((runtime, transport))
}

/// E5: polling a call never takes long, however long the call itself takes.
pub(in crate::testkit) fn does_not_block(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    stage.script(&[], Answer::Stall)?;
    longest_poll("emit", transport.deliver(stage.event()?, Deadline::after(STALL)))?;
    let callers = stage.pending(&transport, 1)?;
    longest_poll("flush", transport.flush(Deadline::after(STALL)))?;
    longest_poll("close", transport.close(Deadline::after(STALL)))?;
    callers.join().map(drop)
}

fn longest_poll(what: &str, call: impl Future) -> Outcome {
    let (mut call, mut longest) = (pin!(call), Duration::ZERO);
    let timed = poll_fn(|cx| {
        let began = Instant::now();
        let polled = call.as_mut().poll(cx).map(drop);
        longest = longest.max(began.elapsed());
        polled
    });
    // A queueing transport may not end an event at its caller's deadline; what counts here is the polls.
    let _ = crate::runtime::park_until(timed, Deadline::after(STALL + SLACK));
    ensure(longest <= ONE_POLL + SLACK, || format!("one poll of {what} took {longest:?}"))
}

/// E6: on the thread that must do the work, the facade refuses to wait.
pub(in crate::testkit) fn facade_on_the_worker(stage: &Stage) -> Outcome {
    stage.need(stage.can.takes_runtime, "takes_runtime")?;
    let runtime = Runtime::dedicated("openlineage-kit");
    let transport = stage.build(Setup { runtime: runtime.clone(), ..Setup::default() });
    let lease = runtime.lease().or_else(|error| broken(format!("no worker: {error}")))?;
    let until = || Deadline::after(LONG / 10);
    let (first, second) = (stage.event()?, stage.event()?);
    let on_new = Arc::clone(&transport);
    let refused = lease.spawn(async move { blocking::emit(&on_new, first, until()).map(drop) });
    let refused = block("emit on the worker", LONG, refused)?.ok();
    // Where events are queued, an emit waits for nothing.
    if stage.can.confirms_each {
        would_deadlock("emit on New", refused)?;
    }
    stage.deliver(&transport, 1)?;
    let callers = if stage.can.answers { Some(stage.held(&transport, 1)?) } else { None };
    let active = Arc::clone(&transport);
    let refused = lease.spawn(async move {
        let emit = blocking::emit(&active, second, until()).map(drop);
        [emit, blocking::flush(&active, until()).map(drop), blocking::close(&active, until()).map(drop)]
    });
    let refused = block("the facade on the worker", LONG, refused)?.ok();
    for (what, result) in ["emit", "flush", "close"].into_iter().zip(refused.into_iter().flatten()) {
        let waits = match what {
            "emit" => stage.can.confirms_each,
            "flush" => callers.is_some(),
            _ => true,
        };
        if waits {
            would_deadlock(what, Some(result))?;
        }
    }
    same("state", transport.state(), State::Active)?;
    stage.sink.script(&[], Answer::Accept);
    callers.map_or(Ok(Vec::new()), Callers::join)?;
    ensure(close_within(&transport, LONG)?.is_clean(), || "after refused calls the close is not clean".into())
}

fn would_deadlock(what: &str, result: Option<Result<(), EmitError>>) -> Outcome {
    match result {
        None => broken(format!("{what} panicked on the worker")),
        Some(Ok(())) => broken(format!("{what} on the worker is Ok")),
        Some(Err(error)) => {
            same(&format!("error of {what} on the worker"), error.kind(), &EmitErrorKind::WouldDeadlock)
        }
    }
}
