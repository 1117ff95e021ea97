use std::sync::{Arc, Barrier};
use std::thread;

use super::super::callers::{apart, closing, flushing};
use super::super::sink::Answer;
use super::super::stage::{LONG, SHORT, SLACK, Stage, block, close_within, sum_holds};
use super::super::verdict::{Outcome, broken, ensure, same};
use crate::error::{EmitError, EmitErrorKind};
use crate::event::EncodedEvent;
use crate::lifecycle::{CloseReport, Deadline, Ended, State};
use crate::runtime::park_until;
use crate::transport::{Receipt, Transport, TransportExt};

type Fate = Option<Result<Option<Receipt>, EmitError>>;

/// R1: an emit that races with close is delivered or refused as closed; there is no third outcome.
pub(in super::super) fn emit_against_close(stage: &Stage) -> Outcome {
    for seed in 0..30 {
        let transport = stage.transport();
        let arrived_before = stage.arrived().len();
        let events = (0..4).map(|_| stage.events(8)).collect::<Outcome<Vec<_>>>()?;
        let close_at = arrived_before + fastrand::Rng::with_seed(seed).usize(0..20);
        let (fates, report) = race(stage, &transport, events, close_at)?;
        let mut delivered = 0;
        for fate in fates {
            match fate {
                None => return broken(format!("seed {seed}: an emit that raced with close did not return")),
                Some(Ok(_)) => delivered += 1,
                Some(Err(error)) if *error.kind() == EmitErrorKind::Closed && !error.accepted() => {}
                Some(Err(error)) => return broken(format!("seed {seed}: an emit that raced with close: {error:?}")),
            }
        }
        same("end", report.ended, Ended::Drained)?;
        sum_holds(report.tally)?;
        same("delivered, as the report says", report.tally.delivered, delivered)?;
        same("events that arrived", (stage.arrived().len() - arrived_before) as u64, delivered)?;
    }
    Ok(())
}

/// Emits from one thread for each list, and closes once the sink has `close_at` events.
fn race(
    stage: &Stage,
    transport: &Arc<dyn Transport>,
    events: Vec<Vec<EncodedEvent>>,
    close_at: usize,
) -> Outcome<(Vec<Fate>, CloseReport)> {
    let barrier = Barrier::new(events.len() + 1);
    thread::scope(|scope| {
        let emitters: Vec<_> = events
            .into_iter()
            .map(|events| {
                let (transport, barrier) = (Arc::clone(transport), &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    let one =
                        |event| park_until(transport.deliver(event, Deadline::after(LONG)), Deadline::after(LONG));
                    events.into_iter().map(one).collect::<Vec<Fate>>()
                })
            })
            .collect();
        barrier.wait();
        stage.sink.wait(&mut |log| log.arrived().count() >= close_at, LONG);
        let report = close_within(transport, LONG);
        let fates = emitters.into_iter().map(|emitter| emitter.join().or_else(|_| broken("emit panicked")));
        let fates: Vec<Vec<Fate>> = fates.collect::<Outcome<_>>()?;
        Ok((fates.into_iter().flatten().collect(), report?))
    })
}

/// R2: 32 first events at once are one start, and all are delivered.
pub(in super::super) fn first_emit(stage: &Stage) -> Outcome {
    for round in 1..=8_u64 {
        let transport = stage.transport();
        let (events, barrier) = (stage.events(32)?, Arc::new(Barrier::new(32)));
        let emitters: Vec<_> = events
            .into_iter()
            .map(|event| {
                let (transport, barrier) = (Arc::clone(&transport), Arc::clone(&barrier));
                move || {
                    barrier.wait();
                    park_until(transport.deliver(event, Deadline::after(LONG)), Deadline::after(LONG))
                }
            })
            .collect();
        let fates = apart("a crowd of first emits", LONG * 2, || {
            let threads: Vec<_> = emitters.into_iter().map(thread::spawn).collect();
            threads.into_iter().map(thread::JoinHandle::join).collect::<Vec<_>>()
        })?;
        let delivered = fates.iter().filter(|fate| matches!(fate, Ok(Some(Ok(_))))).count();
        same("delivered", delivered, 32)?;
        same("accepted", transport.stats().tally.accepted, 32)?;
        if stage.can.can_fail_start {
            same("starts", stage.sink.log().starts, round)?;
        }
        same("end", close_within(&transport, LONG)?.ended, Ended::Drained)?;
    }
    Ok(())
}

/// R3: a flush and a close at once both return, in whichever order they came.
pub(in super::super) fn flush_against_close(stage: &Stage) -> Outcome {
    for round in 0..6 {
        let transport = stage.transport();
        let callers = stage.held(&transport, 2)?;
        let in_time = round % 2 == 0;
        let until = Deadline::after(if in_time { LONG } else { SHORT / 4 });
        let (flush, close) = if round < 3 {
            let flush = flushing(&transport, Deadline::after(LONG))?;
            (flush, closing(&transport, until)?)
        } else {
            let close = closing(&transport, until)?;
            (flushing(&transport, Deadline::after(LONG))?, close)
        };
        if in_time {
            stage.script(&[], Answer::Accept)?;
        }
        let (report, _) = close.join(LONG + SLACK)?;
        let (flushed, _) = flush.join(SLACK)?;
        same("end", report.ended, if in_time { Ended::Drained } else { Ended::DeadlineReached })?;
        ensure(flushed.settled && flushed.pending == 0, || {
            format!("closed, and the flush beside it says {flushed:?}")
        })?;
        callers.join()?;
        same("state", transport.state(), State::Closed)?;
        let _ = block("flush after close", SLACK, transport.flush(Deadline::never()))?;
    }
    Ok(())
}
