use proptest::collection::vec;
use proptest::prelude::*;

use super::super::{Limits, WhenFull};

/// One thing that is asked of the queue. Moments are steps from now, which may lie in the past.
#[derive(Clone, Copy, Debug)]
pub(super) enum Op {
    Start,
    Accept(Shape),
    Displace(Shape),
    Finish { which: u8, says: Says },
    Retry { which: u8, says: Says, rest: Option<i8> },
    Pass(u8),
    ExpireOne,
    ExpireAll,
    Admit,
    Withdraw(u8),
    TakeOldest,
    TurnAway,
    Press,
}

/// An event that is offered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) lane: u8,
    pub(super) bytes: u8,
    pub(super) lives: Option<i8>,
    /// For how long it waits in line.
    pub(super) waits: Option<i8>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Says {
    Answered,
    Silent,
    Away(i8),
}

/// A queue's limits and what is asked of it.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub(super) limits: Limits,
    pub(super) lanes: u8,
    /// Is the queue pressed before it is emptied at the end?
    pub(super) pressed: bool,
    pub(super) ops: Vec<Op>,
}

/// Scripts of at least `shortest` operations.
pub(super) fn scripts(shortest: usize) -> impl Strategy<Value = Script> {
    let header = (1..=8usize, 12..=40usize, 1..=5usize, 1..=6u8, any::<bool>());
    (header, vec(any::<u32>(), shortest..shortest + 20)).prop_map(|(header, ops)| {
        let (events, bytes, concurrent, lanes, pressed) = header;
        let limits = Limits { events, bytes, concurrent, max_age: None, when_full: WhenFull::Wait };
        Script { limits, lanes, pressed, ops: ops.into_iter().map(Op::from).collect() }
    })
}

impl From<u32> for Op {
    fn from(number: u32) -> Self {
        // The kind stands in the high bits, so that what is made smaller becomes simpler.
        let [kind, a, b, c] = number.to_be_bytes();
        match kind {
            0..60 => Self::Start,
            60..110 => Self::Accept(Shape::new(a, b, c)),
            110..130 => Self::Displace(Shape::new(a, b, c)),
            130..165 => Self::Finish { which: a, says: Says::new(b, c) },
            165..195 => Self::Retry { which: a, says: Says::new(b, c), rest: moment(b.rotate_left(4)) },
            195..210 => Self::Pass(a % 4),
            210..218 => Self::ExpireOne,
            218..232 => Self::ExpireAll,
            232..242 => Self::Admit,
            242..248 => Self::Withdraw(a),
            248..252 => Self::TakeOldest,
            252..255 => Self::TurnAway,
            255 => Self::Press,
        }
    }
}

impl Shape {
    fn new(a: u8, b: u8, c: u8) -> Self {
        Self { lane: a, bytes: b % 12, lives: moment(c), waits: moment(c.rotate_left(4)) }
    }
}

impl Says {
    fn new(b: u8, c: u8) -> Self {
        match b % 8 {
            0..4 => Self::Answered,
            4..5 => Self::Silent,
            _ => Self::Away((c % 8) as i8 - 1),
        }
    }
}

/// None in half of all cases.
fn moment(byte: u8) -> Option<i8> {
    let byte = byte & 15;
    (byte >= 8).then(|| byte as i8 - 9)
}
