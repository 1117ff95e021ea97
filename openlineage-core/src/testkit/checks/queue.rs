use std::sync::Arc;
use std::time::Instant;

use super::close::EARLY;
use crate::error::EmitErrorKind;
use crate::event::EncodedEvent;
use crate::lifecycle::{Deadline, Ended};
use crate::queue::Limits;
use crate::testkit::callers::Callers;
use crate::testkit::events::{BULK, LIFE, bulky, number, run_event};
use crate::testkit::sink::{Answer, Log};
use crate::testkit::stage::{LONG, SHORT, SLACK, Stage, TOO_EARLY, block, close_within, sum_holds};
use crate::testkit::verdict::{Outcome, broken, ensure, same};
use crate::transport::Transport;

/// Room in the queues that are to overflow.
const CAPACITY: usize = 8;

/// A2 for a queue: an event that finds no room is refused at its deadline, and then it does not come in later.
pub(super) fn refused_when_full(stage: &Stage) -> Outcome {
    let arrived_before = stage.arrived().len();
    let (transport, held) = stage.full(CAPACITY)?;
    no_room(stage, &transport, Deadline::now())?;
    let began = Instant::now();
    no_room(stage, &transport, Deadline::after(SHORT))?;
    ensure(began.elapsed() + EARLY >= SHORT, || format!("refused after {:?} of {SHORT:?}", began.elapsed()))?;
    let tally = transport.stats().tally;
    same("accepted and refused", (tally.accepted, tally.refused), (CAPACITY as u64, 2))?;
    stage.script(&[], Answer::Accept)?;
    let lost = held.join()?.iter().filter(|fate| fate.is_err()).count();
    same("accepted events that were lost", lost, 0)?;
    let came = stage.sink.wait(&mut |log| log.arrived().count() > arrived_before + CAPACITY, TOO_EARLY);
    ensure(!came, || "an event that was refused for want of room has arrived".into())?;
    let report = close_within(&transport, LONG)?;
    same("accepted when closed", report.tally.accepted, CAPACITY as u64)?;
    sum_holds(report.tally)?;
    same("events that arrived", stage.arrived().len() - arrived_before, CAPACITY)
}

fn no_room(stage: &Stage, transport: &Arc<dyn Transport>, until: Deadline) -> Outcome {
    let limit = until.remaining().unwrap_or_default() + SLACK;
    match block("emit to a full queue", limit, transport.emit(stage.event()?, until))? {
        Ok(ack) => broken(format!("the queue is full, and emit says {ack:?}")),
        Err(error) => {
            let full = matches!(error.kind(), EmitErrorKind::QueueFull { .. });
            ensure(full, || format!("the queue is full, and the error is: {error}"))?;
            ensure(!error.accepted(), || "an event for which there was no room counts as accepted".into())
        }
    }
}

/// A5: however much is offered, no more is taken on than the limits say, in events and in bytes.
pub(in crate::testkit) fn bounded(stage: &Stage) -> Outcome {
    stage.need(stage.can.queues, "queues")?;
    let concurrent = 10 * CAPACITY;
    let events = stage.events(10 * CAPACITY)?;
    overload(stage, Limits { events: CAPACITY, concurrent, ..Limits::default() }, events, CAPACITY)?;
    let events = (0..10 * CAPACITY).map(|_| bulky(stage.number())).collect::<Outcome<Vec<_>>>()?;
    let bytes = CAPACITY / 2 * events[0].bytes().len();
    overload(stage, Limits { bytes, concurrent, ..Limits::default() }, events, bytes / BULK)
}

/// Offers `events` to a queue that can hold `most` of them, and lets them through little by little.
fn overload(stage: &Stage, limits: Limits, events: Vec<EncodedEvent>, most: usize) -> Outcome {
    let (transport, offered) = (stage.limited(limits), events.len());
    stage.script(&[], Answer::Stall)?;
    let before = stage.sink.log().attempts.len();
    let callers = Callers::start(&transport, events, Deadline::never())?;
    stage.wait("an event to reach the sink", |log| log.attempts.len() > before)?;
    let came = stage.sink.wait(&mut |log| log.attempts.len() > before + most, TOO_EARLY);
    ensure(!came, || format!("the sink has more than the {most} events for which there is room"))?;
    for answered in [0, 3, 6, 9] {
        stage.wait("room to be given to others", |log| log.attempts.len() > before + answered)?;
        // Looked at first, so that what comes and goes meanwhile can only make the sum larger.
        let accepted = transport.stats().tally.accepted;
        ensure(accepted <= (answered + most) as u64, || {
            format!("{answered} events settled, {accepted} accepted, and there is room for {most}")
        })?;
        fits(&transport, limits)?;
        stage.script(&[Answer::Accept; 3], Answer::Stall)?;
        let answers = |log: &Log| log.attempts[before..].iter().filter(|attempt| attempt.answer.is_some()).count();
        stage.wait("three events to be answered", |log| answers(log) >= answered + 3)?;
    }
    stage.script(&[], Answer::Accept)?;
    let lost = callers.join()?.iter().filter(|fate| fate.is_err()).count();
    same("events that waited for room in vain", lost, 0)?;
    let report = close_within(&transport, LONG)?;
    same("delivered", report.tally.delivered, offered as u64)?;
    sum_holds(report.tally)
}

/// What a queue says about itself, if it does.
fn fits(transport: &Arc<dyn Transport>, limits: Limits) -> Outcome {
    let Some(queue) = transport.stats().queue else { return Ok(()) };
    ensure(queue.events <= limits.events && queue.bytes <= limits.bytes, || {
        format!("the limits are {} events and {} bytes: {queue:?}", limits.events, limits.bytes)
    })
}

/// A6: a queue full of events that wait for one of their run gets empty, whatever becomes of that one.
pub(in crate::testkit) fn own_space(stage: &Stage) -> Outcome {
    stage.need(stage.can.queues, "queues")?;
    for (first, lost) in [
        (&[][..], 0),
        (&[Answer::Transient, Answer::Transient], if stage.can.retries || stage.can.retries_below { 0 } else { 2 }),
        (&[Answer::Permanent], 1),
    ] {
        let transport = stage.limited(Limits { events: CAPACITY / 2, concurrent: 2, ..Limits::default() });
        stage.script(&[], Answer::Stall)?;
        let (before, run) = (stage.sink.log().attempts.len(), stage.number());
        let kinds = LIFE[..1].iter().chain(std::iter::repeat_n(&LIFE[1], 2 * CAPACITY));
        let events = kinds.map(|kind| run_event(run, kind)).collect::<Outcome<Vec<_>>>()?;
        let offered = events.len();
        let callers = Callers::start(&transport, events, Deadline::never())?;
        stage.wait("the first event to reach the sink", |log| log.attempts.len() > before)?;
        stage.script(first, Answer::Accept)?;
        let fates = callers.join()?;
        same("events that were lost", fates.iter().filter(|fate| fate.is_err()).count(), lost)?;
        let report = close_within(&transport, LONG)?;
        same("end", report.ended, Ended::Drained)?;
        same("accepted", report.tally.accepted, offered as u64)?;
        sum_holds(report.tally)?;
    }
    Ok(())
}

/// A7 for a queue: an emit that is dropped while it waits for room had no effect, or is counted, and holds up nobody.
pub(super) fn dropped_in_line(stage: &Stage) -> Outcome {
    for seed in 0..8 {
        let arrived_before = stage.arrived().len() as u64;
        let (transport, held) = stage.full(2)?;
        let dropped = Callers::start(&transport, stage.events(1)?, Deadline::never())?;
        let behind = Callers::start(&transport, stage.events(1)?, Deadline::after(LONG))?;
        // Dropped before there is room, or at about the same time.
        if seed % 2 == 0 {
            dropped.give_up()?;
            stage.script(&[], Answer::Accept)?;
        } else {
            stage.script(&[], Answer::Accept)?;
            dropped.give_up()?;
        }
        for fate in behind.join()?.into_iter().chain(held.join()?) {
            if let Err(error) = fate {
                return broken(format!("an emit beside one that was dropped: {error}"));
            }
        }
        let tally = close_within(&transport, LONG)?.tally;
        sum_holds(tally)?;
        let arrived = stage.arrived().len() as u64 - arrived_before;
        same(
            "accepted, delivered and arrived",
            (tally.accepted, tally.delivered, arrived),
            (arrived, arrived, arrived),
        )?;
        ensure((3..=4).contains(&arrived), || format!("{arrived} events arrived of three and a dropped one"))?;
    }
    Ok(())
}

/// A8: room that comes free is given to callers in the order in which they began to wait.
pub(in crate::testkit) fn room_in_order(stage: &Stage) -> Outcome {
    stage.need(stage.can.queues, "queues")?;
    stage.need(stage.can.answers, "answers")?;
    let (transport, held) = stage.full(3)?;
    let before = stage.sink.log().attempts.len();
    let events = stage.events(CAPACITY)?;
    let expected: Vec<_> = events.iter().filter_map(|event| number(event.bytes())).collect();
    let waiting = Callers::start(&transport, events, Deadline::after(LONG))?;
    for served in 1..=expected.len() {
        stage.script(&[Answer::Accept], Answer::Stall)?;
        stage.wait("room to be given to a caller", |log| log.attempts.len() >= before + served)?;
    }
    let log = stage.sink.log();
    let served: Vec<_> = log.attempts[before..].iter().filter_map(|attempt| number(&attempt.body)).collect();
    same("events in the order in which they got room", served, expected)?;
    stage.script(&[], Answer::Accept)?;
    let lost = [held.join()?, waiting.join()?].concat().iter().filter(|fate| fate.is_err()).count();
    same("events that were lost", lost, 0)
}
