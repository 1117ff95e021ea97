//! What has to come of a pattern of legs, worked out from the words of the policies and not from the code.

use crate::support::Act;

/// Both flags, in the order of the option names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flags {
    pub(crate) on_failure: bool,
    pub(crate) on_success: bool,
}

impl Flags {
    pub(crate) const ALL: [Self; 4] = [
        Self { on_failure: true, on_success: true },
        Self { on_failure: true, on_success: false },
        Self { on_failure: false, on_success: true },
        Self { on_failure: false, on_success: false },
    ];
}

/// What the caller hears first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Answer {
    Delivered,
    Queued,
    Error,
}

/// What is said of one leg when the event's fate is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum At {
    Delivered,
    Lost,
    /// It depends on which of two tickets settles first.
    Either,
    Open,
    Untried,
}

#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) answer: Answer,
    pub(crate) delivered: bool,
    pub(crate) legs: Vec<At>,
}

fn ends_well(act: Act) -> bool {
    matches!(act, Act::Delivers | Act::QueuesThenDelivers)
}

fn queues(act: Act) -> bool {
    matches!(act, Act::QueuesThenDelivers | Act::QueuesThenFails)
}

pub(crate) fn expected(flags: Flags, legs: &[Act]) -> Expected {
    if flags.on_failure && flags.on_success { together(legs) } else { in_order(flags, legs) }
}

/// All get it; one that confirms is enough; else what the queues do decides.
fn together(legs: &[Act]) -> Expected {
    let confirmed = legs.contains(&Act::Delivers);
    let queued = legs.iter().any(|act| queues(*act));
    let answer = match (confirmed, queued) {
        (true, _) => Answer::Delivered,
        (_, true) => Answer::Queued,
        _ => Answer::Error,
    };
    let at = |act: &Act| match act {
        Act::Delivers => At::Delivered,
        // While the answer of another is awaited, it may or may not have settled.
        act if queues(*act) && answer == Answer::Delivered => At::Open,
        act if queues(*act) => At::Either,
        _ => At::Lost,
    };
    Expected { answer, delivered: legs.iter().any(|act| ends_well(*act)), legs: legs.iter().map(at).collect() }
}

/// One after the other; only the last one that can get it may answer by its queue.
fn in_order(flags: Flags, legs: &[Act]) -> Expected {
    let only_first = !flags.on_failure && !flags.on_success;
    let mut at = vec![At::Untried; legs.len()];
    let mut answer = Answer::Error;
    let (mut any, mut all) = (false, true);
    for (index, act) in legs.iter().enumerate() {
        let well = ends_well(*act);
        at[index] = if well { At::Delivered } else { At::Lost };
        any |= well;
        all &= well;
        let is_last = only_first || index + 1 == legs.len();
        if queues(*act) && is_last {
            let decides = if flags.on_failure { !any || well } else { all || !well };
            let before = legs[..index].iter().any(|act| ends_well(*act));
            answer = if decides && !(flags.on_failure && before) { Answer::Queued } else { Answer::Delivered };
            break;
        }
        let goes_on = if well { flags.on_success } else { flags.on_failure };
        if !goes_on || is_last {
            answer = if if flags.on_failure { any } else { all } { Answer::Delivered } else { Answer::Error };
            break;
        }
    }
    Expected { answer, delivered: if flags.on_failure { any } else { all }, legs: at }
}
