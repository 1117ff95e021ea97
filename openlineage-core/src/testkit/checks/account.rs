use std::sync::Arc;
use std::task::Poll;

use super::queue;
use crate::lifecycle::{Deadline, Tally};
use crate::testkit::callers::{Callers, Fate};
use crate::testkit::sink::Answer;
use crate::testkit::stage::{LONG, SLACK, Stage, block, close_within, sum_holds};
use crate::testkit::verdict::{Outcome, Stop, broken, ensure, same};
use crate::transport::{Transport, TransportExt};

/// A1: whatever happens, each accepted event is counted once.
pub(in crate::testkit) fn conservation(stage: &Stage) -> Outcome {
    (0..12).try_for_each(|seed| {
        scene(stage, seed).map_err(|stop| match stop {
            Stop::Broken(why) => Stop::Broken(format!("seed {seed}: {why}")),
            missing => missing,
        })
    })
}

/// A random life: emits with and without enough time, faults, flushes, and a close with or without enough time.
fn scene(stage: &Stage, seed: u64) -> Outcome {
    let mut random = fastrand::Rng::with_seed(seed);
    let transport = stage.transport();
    let arrived_before = stage.arrived().len() as u64;
    let (mut callers, mut offered) = (Vec::new(), 0_u64);
    for _ in 0..random.usize(3..8) {
        if stage.can.answers {
            stage.sink.script(&faults(&mut random), Answer::Accept);
        }
        let count = random.usize(1..6);
        offered += count as u64;
        let until = Deadline::after(LONG / random.u32(1..200));
        callers.push(Callers::start(&transport, stage.events(count)?, until)?);
        if random.bool() {
            let _ = block("flush", LONG + SLACK, transport.flush(Deadline::after(LONG / random.u32(1..200))))?;
        }
        let tally = transport.stats().tally;
        same("accepted, as the counts say", tally.accepted, settled(tally) + tally.pending())?;
    }
    let report = close_within(&transport, LONG / random.u32(1..400))?;
    sum_holds(report.tally)?;
    let fates: Vec<Fate> = callers.into_iter().map(Callers::join).collect::<Outcome<Vec<_>>>()?.concat();
    sum_holds(transport.stats().tally)?;
    compare(&fates, transport.stats().tally, offered)?;
    let arrived = stage.arrived().len() as u64 - arrived_before;
    ensure(report.tally.delivered <= arrived, || {
        format!("{} delivered, and the sink has {arrived}", report.tally.delivered)
    })
}

fn faults(random: &mut fastrand::Rng) -> Vec<Answer> {
    let choices = [Answer::Accept, Answer::Transient, Answer::Permanent, Answer::Accept];
    (0..random.usize(0..6)).map(|_| choices[random.usize(..choices.len())]).collect()
}

fn settled(tally: Tally) -> u64 {
    tally.delivered + tally.failed + tally.abandoned
}

/// What the callers were told against what was counted.
fn compare(fates: &[Fate], tally: Tally, offered: u64) -> Outcome {
    let told =
        |accepted: bool| fates.iter().filter(|fate| fate.as_ref().is_err_and(|e| e.accepted() == accepted)).count();
    let delivered = fates.iter().filter(|fate| matches!(fate, Ok(Some(_)))).count() as u64;
    same("events that callers got an answer for", fates.len() as u64, offered)?;
    same("refused", tally.refused, told(false) as u64)?;
    same("accepted and refused", tally.accepted + tally.refused, offered)?;
    same("delivered", tally.delivered, delivered)?;
    same("failed and abandoned", tally.lost(), told(true) as u64)
}

/// A2: a refused event is not accepted, not counted as such, and never arrives.
pub(in crate::testkit) fn refused(stage: &Stage) -> Outcome {
    refused_after_close(stage)?;
    if stage.can.queues && stage.can.answers { queue::refused_when_full(stage) } else { Ok(()) }
}

fn refused_after_close(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    stage.deliver(&transport, 2)?;
    let report = close_within(&transport, LONG)?;
    for _ in 0..3 {
        match stage.emit(&transport)? {
            Ok(_) => return broken("an emit after close is Ok"),
            Err(error) => ensure(!error.accepted(), || format!("accepted after close: {error}"))?,
        }
    }
    let tally = transport.stats().tally;
    same("accepted", tally.accepted, report.tally.accepted)?;
    same("refused", tally.refused, 3)?;
    sum_holds(tally)?;
    same("attempts", stage.sink.log().attempts.len(), 2)
}

/// A3: where nothing fails, each event arrives once.
pub(in crate::testkit) fn no_copies(stage: &Stage) -> Outcome {
    let transport = stage.transport();
    let fates = Callers::start(&transport, stage.events(32)?, Deadline::after(LONG))?.join()?;
    let failed = fates.iter().filter(|fate| fate.is_err()).count();
    same("emits that failed", failed, 0)?;
    let report = close_within(&transport, LONG)?;
    same("delivered", report.tally.delivered, 32)?;
    let mut arrived = stage.arrived();
    arrived.sort_unstable();
    same("the events that arrived", arrived, (1..=32).collect())
}

/// A7: an emit that is dropped had no effect, or is settled and counted as if someone had waited.
pub(in crate::testkit) fn dropped_emit(stage: &Stage) -> Outcome {
    dropped_anywhere(stage)?;
    if stage.can.queues && stage.can.answers { queue::dropped_in_line(stage) } else { Ok(()) }
}

fn dropped_anywhere(stage: &Stage) -> Outcome {
    for seed in 0..24_u64 {
        let transport = stage.transport();
        let arrived_before = stage.arrived().len() as u64;
        let started = seed % 2 == 0;
        if started {
            stage.deliver(&transport, 1)?;
        }
        let holds = stage.can.answers && seed % 3 == 0;
        if holds {
            stage.sink.script(&[], Answer::Stall);
        }
        let polls = seed / 2 % 6;
        drop_after(stage, &transport, polls)?;
        if holds {
            stage.sink.script(&[], Answer::Accept);
        }
        let flush = block("flush", LONG + SLACK, transport.flush(Deadline::after(LONG)))?;
        ensure(flush.settled, || format!("dropped after {polls} polls, an event is never settled"))?;
        let tally = close_within(&transport, LONG)?.tally;
        sum_holds(tally)?;
        let arrived = stage.arrived().len() as u64 - arrived_before;
        let delivered = (tally.accepted, tally.delivered, arrived);
        same("accepted, delivered and arrived", delivered, (arrived, arrived, arrived))?;
        ensure(arrived <= 1 + u64::from(started), || format!("{arrived} events arrived of one"))?;
    }
    Ok(())
}

/// Polls an emit up to `polls` times, each time after it has been woken, and drops it.
fn drop_after(stage: &Stage, transport: &Arc<dyn Transport>, polls: u64) -> Outcome {
    let mut emit = Box::pin(transport.deliver(stage.event()?, Deadline::after(LONG)));
    let mut left = polls;
    let polling = std::future::poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        emit.as_mut().poll(cx).map(drop)
    });
    // Held back by the sink it is never woken; then the time limit drops it.
    let _ = crate::runtime::park_until(polling, Deadline::after(SLACK / 5));
    drop(emit);
    Ok(())
}
