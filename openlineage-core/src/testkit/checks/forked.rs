#[cfg(target_os = "linux")]
pub(in crate::testkit) use linux::{child_emits, parent_unharmed};

#[cfg(not(target_os = "linux"))]
pub(in crate::testkit) use elsewhere::{child_emits, parent_unharmed};

#[cfg(target_os = "linux")]
mod linux {
    use std::sync::Arc;
    use std::time::Duration;

    use crate::blocking;
    use crate::event::EncodedEvent;
    use crate::lifecycle::{Deadline, State};
    use crate::testkit::callers::Callers;
    use crate::testkit::events::number;
    use crate::testkit::fork::fork_and;
    use crate::testkit::stage::{LONG, SLACK, Stage, close_within, sum_holds};
    use crate::testkit::verdict::{Outcome, broken, ensure, same};
    use crate::transport::Transport;

    /// How often a parent is forked, and how many events go on in it and in each child.
    const FORKS: usize = 8;
    const BUSY: usize = 24;
    const CHILD: usize = 3;

    /// What a child ends with: all is well, it did not start anew, an event was not delivered.
    const WELL: u8 = 0;
    const NOT_NEW: u8 = 1;
    const NOT_DELIVERED: u8 = 2;

    /// How long one emit in a child may take.
    const IN_CHILD: Duration = Duration::from_secs(2);

    /// K1: a forked child starts anew, delivers its own events, and does not hang.
    pub(in crate::testkit) fn child_emits(stage: &Stage) -> Outcome {
        let (_transport, childs) = fork_while_busy(stage)?;
        let arrived = stage.arrived();
        let missing: Vec<_> = childs.iter().filter(|number| !arrived.contains(number)).collect();
        ensure(missing.is_empty(), || format!("events of a child did not arrive: {missing:?}"))?;
        let copies = childs.iter().filter(|number| arrived.iter().filter(|other| other == number).count() > 1).count();
        same("events of a child that arrived twice", copies, 0)
    }

    /// K2: what the parent had accepted arrives once, and the parent goes on.
    pub(in crate::testkit) fn parent_unharmed(stage: &Stage) -> Outcome {
        let (transport, childs) = fork_while_busy(stage)?;
        stage.deliver(&transport, 1)?;
        let report = close_within(&transport, LONG)?;
        sum_holds(report.tally)?;
        let expected = (FORKS * BUSY + 2) as u64;
        same("accepted and delivered", (report.tally.accepted, report.tally.delivered), (expected, expected))?;
        let mut own = stage.arrived();
        own.retain(|number| !childs.contains(number));
        let arrived = own.len();
        own.sort_unstable();
        own.dedup();
        same("events of the parent that arrived", own.len() as u64, expected)?;
        same("events of the parent that arrived twice", arrived - own.len(), 0)
    }

    /// Forks an Active transport with events on their way, again and again. Returns the numbers of the children's.
    fn fork_while_busy(stage: &Stage) -> Outcome<(Arc<dyn Transport>, Vec<u64>)> {
        stage.need(stage.can.survives_fork, "survives_fork")?;
        let transport = stage.transport();
        stage.deliver(&transport, 1)?;
        let mut numbers = Vec::new();
        for _ in 0..FORKS {
            let events = stage.events(CHILD)?;
            numbers.extend(events.iter().filter_map(|event| number(event.bytes())));
            let busy = Callers::start(&transport, stage.events(BUSY)?, Deadline::after(LONG))?;
            let child = fork_and(|| emit_in_child(&transport, events));
            let child = child.or_else(|error| broken(format!("no fork: {error}")))?;
            let limit = IN_CHILD * u32::try_from(CHILD).unwrap_or_default() + SLACK;
            let code = child.wait(limit).or_else(|error| broken(format!("no child: {error}")))?;
            match code {
                Some(WELL) => {}
                Some(NOT_NEW) => return broken("the transport does not start anew in a forked child"),
                Some(NOT_DELIVERED) => return broken("an event of a forked child was not delivered"),
                Some(code) => return broken(format!("a forked child ended with {code}")),
                None => return broken("a forked child hung"),
            }
            let lost: Vec<_> = busy.join()?.into_iter().filter_map(Result::err).collect();
            ensure(lost.is_empty(), || format!("the parent lost {} events over a fork: {lost:?}", lost.len()))?;
        }
        Ok((transport, numbers))
    }

    fn emit_in_child(transport: &Arc<dyn Transport>, events: Vec<EncodedEvent>) -> u8 {
        if transport.state() != State::New || transport.stats().tally.accepted != 0 {
            return NOT_NEW;
        }
        let delivered = |event| blocking::deliver(transport, event, Deadline::after(IN_CHILD)).is_ok();
        if events.into_iter().all(delivered) { WELL } else { NOT_DELIVERED }
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use crate::testkit::stage::Stage;
    use crate::testkit::verdict::{Outcome, Stop};

    pub(in crate::testkit) fn child_emits(_stage: &Stage) -> Outcome {
        Err(Stop::Missing("forks are checked on Linux only".to_owned()))
    }

    pub(in crate::testkit) fn parent_unharmed(stage: &Stage) -> Outcome {
        child_emits(stage)
    }
}
