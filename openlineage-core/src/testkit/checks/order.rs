use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::event::EncodedEvent;
use crate::lifecycle::Deadline;
use crate::testkit::callers::{Callers, Fate};
use crate::testkit::events::{LIFE, number, run_event, stage_of_life};
use crate::testkit::sink::{Answer, Attempt};
use crate::testkit::stage::{LONG, Stage, TOO_EARLY, close_within, sum_holds};
use crate::testkit::verdict::{Outcome, Stop, broken, ensure, same};
use crate::transport::Transport;

/// Runs that go on side by side.
const RUNS: usize = 5;

/// A4: the events of a run go out one after the other, whatever becomes of each; none is held for ever.
pub(in crate::testkit) fn within_a_run(stage: &Stage) -> Outcome {
    stage.need(stage.can.orders_by_run, "orders_by_run")?;
    stage.need(stage.can.answers, "answers")?;
    held_start(stage)?;
    (0..8).try_for_each(|seed| {
        faulty_start(stage, seed).map_err(|stop| match stop {
            Stop::Broken(why) => Stop::Broken(format!("seed {seed}: {why}")),
            missing => missing,
        })
    })?;
    lost_start(stage)
}

/// While a START is under way the rest of its run waits.
fn held_start(stage: &Stage) -> Outcome {
    let scene = Scene::start(stage, &mut fastrand::Rng::with_seed(0))?;
    let overtaken = |attempt: &Attempt| stage_of_life(&attempt.body) != Some(0);
    let overtook = stage.sink.wait(&mut |log| log.attempts[scene.before..].iter().any(overtaken), TOO_EARLY);
    ensure(!overtook, || "an event was sent while the START of its run was under way".into())?;
    stage.script(&[], Answer::Accept)?;
    same("events that were lost", scene.end(stage)?, 0)
}

/// While an event waits for its next attempt the rest of its run waits too.
fn faulty_start(stage: &Stage, seed: u64) -> Outcome {
    let mut random = fastrand::Rng::with_seed(seed);
    let scene = Scene::start(stage, &mut random)?;
    // No more than an event has repetitions, should all of them befall one.
    let mut faults = vec![Answer::Transient; random.usize(1..=3)];
    if seed == 0 {
        faults[0] = Answer::Throttle(Duration::from_secs(1));
    }
    stage.script(&faults, Answer::Accept)?;
    let lost = scene.end(stage)?;
    same("events that were lost", lost, if stage.can.retries { 0 } else { faults.len() })
}

/// A START that is lost for good does not take its run with it.
fn lost_start(stage: &Stage) -> Outcome {
    let scene = Scene::start(stage, &mut fastrand::Rng::with_seed(1))?;
    stage.script(&[Answer::Permanent; 2], Answer::Accept)?;
    same("events that were lost", scene.end(stage)?, 2)
}

/// Runs whose events have been offered, mixed, to a transport of their own, and are held back by the sink.
struct Scene {
    transport: Arc<dyn Transport>,
    callers: Callers,
    before: usize,
}

impl Scene {
    fn start(stage: &Stage, random: &mut fastrand::Rng) -> Outcome<Self> {
        let transport = stage.transport();
        stage.script(&[], Answer::Stall)?;
        let before = stage.sink.log().attempts.len();
        let callers = Callers::start(&transport, mixed(stage, random)?, Deadline::never())?;
        stage.wait("a START to reach the sink", |log| log.attempts.len() > before)?;
        Ok(Self { transport, callers, before })
    }

    /// Demands that every event meets its fate, and that none has overtaken another of its run. Says how many are lost.
    fn end(self, stage: &Stage) -> Outcome<usize> {
        let fates: Vec<Fate> = self.callers.join()?;
        sum_holds(close_within(&self.transport, LONG)?.tally)?;
        same("events that met their fate", fates.len(), RUNS * LIFE.len())?;
        in_order(&stage.sink.log().attempts[self.before..])?;
        Ok(fates.iter().filter(|fate| fate.is_err()).count())
    }
}

/// Whole runs, each in its order, shuffled together.
fn mixed(stage: &Stage, random: &mut fastrand::Rng) -> Outcome<Vec<EncodedEvent>> {
    let mut left: Vec<_> = (0..RUNS).map(|_| (stage.number(), LIFE.iter())).collect();
    let mut events = Vec::new();
    while !left.is_empty() {
        let chosen = random.usize(..left.len());
        let (run, kinds) = &mut left[chosen];
        match kinds.next() {
            Some(kind) => events.push(run_event(*run, kind)?),
            None => drop(left.swap_remove(chosen)),
        }
    }
    Ok(events)
}

/// No attempt at an event after one at a later event of its run.
fn in_order(attempts: &[Attempt]) -> Outcome {
    let mut furthest = HashMap::new();
    for attempt in attempts {
        let (Some(run), Some(stage)) = (number(&attempt.body), stage_of_life(&attempt.body)) else {
            return broken("the sink has got something that the kit did not send");
        };
        let furthest = furthest.entry(run).or_insert(stage);
        ensure(*furthest <= stage, || format!("run {run}: {} was sent after {}", LIFE[stage], LIFE[*furthest]))?;
        *furthest = stage;
    }
    Ok(())
}
