use std::collections::BTreeMap;
use std::io::Read;
use std::ops::Range;

use flate2::read::GzDecoder;

use crate::testkit::events::number;
use crate::testkit::server::{Request, Server};
use crate::testkit::verdict::{Outcome, broken, ensure, same};

/// Where the numbers of the children's events begin.
pub(super) const CHILDREN: u64 = 1_000_000;

/// What the server got: how often each event came.
pub(super) struct Arrivals(BTreeMap<u64, usize>);

impl Arrivals {
    pub(super) fn at(server: &Server) -> Outcome<Self> {
        let mut counts = BTreeMap::new();
        for request in server.requests() {
            let Some(number) = number(&plain(&request)) else { return broken("the server got what is no event") };
            *counts.entry(number).or_default() += 1;
        }
        Ok(Self(counts))
    }

    /// Demands that none came twice.
    pub(super) fn no_copies(&self) -> Outcome {
        let copies: Vec<_> = self.0.iter().filter(|(_, count)| **count > 1).collect();
        ensure(copies.is_empty(), || format!("events came more than once: {copies:?}"))
    }

    /// Demands that of these numbers all came.
    pub(super) fn all_of(&self, expected: Range<u64>) -> Outcome {
        let missing: Vec<_> = expected.filter(|number| !self.0.contains_key(number)).collect();
        ensure(missing.is_empty(), || format!("events did not come: {missing:?}"))
    }

    /// How many of these numbers came.
    pub(super) fn count(&self, of: Range<u64>) -> usize {
        self.0.range(of).count()
    }

    /// Demands that what the parent sent came once, without a gap, and at least so much.
    pub(super) fn of_parent(&self, least: u64) -> Outcome {
        self.no_copies()?;
        let last = self.0.range(..CHILDREN).next_back().map_or(0, |(number, _)| *number);
        ensure(last + 1 >= least, || format!("the parent was hardly busy, with {last} events"))?;
        self.all_of(0..last + 1)
    }

    /// Demands that of the children so many events came and no others.
    pub(super) fn of_children(&self, events: u64) -> Outcome {
        self.all_of(CHILDREN..CHILDREN + events)?;
        same("events of children", self.count(CHILDREN..u64::MAX) as u64, events)
    }
}

fn plain(request: &Request) -> Vec<u8> {
    if request.header("content-encoding") != Some("gzip") {
        return request.body.clone();
    }
    let mut plain = Vec::new();
    // A body that was cut off is no event, which is seen.
    drop(GzDecoder::new(request.body.as_slice()).read_to_end(&mut plain));
    plain
}
