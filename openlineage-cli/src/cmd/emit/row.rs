use std::collections::VecDeque;

use super::feed::Place;

/// Most places kept; beyond that the oldest are put together, so that going on begins earlier than it has to.
const MOST: usize = 64;

/// The undelivered events since the destination was last seen to work.
///
/// A delivery proves that it worked after the failures known when that event was handed over, and nothing of those that
/// came while it was under way: when a server dies, answers and failures of the same moment arrive in any order.
#[derive(Debug, Default)]
pub(super) struct Row {
    failures: u64,
    /// Which failure it was, and its place.
    places: VecDeque<(u64, Place)>,
}

impl Row {
    /// What an event that is handed over now knows.
    pub(super) fn known(&self) -> u64 {
        self.failures
    }

    pub(super) fn failed(&mut self, place: Place) {
        self.failures += 1;
        self.places.push_back((self.failures, place));
        if self.places.len() > MOST
            && let Some((_, oldest)) = self.places.pop_front()
            && let Some((_, next)) = self.places.front_mut()
            && oldest.is_before(next)
        {
            *next = oldest;
        }
    }

    /// An event was delivered that was handed over when `known` failures were known.
    pub(super) fn delivered(&mut self, known: u64) {
        let over = self.places.partition_point(|(failure, _)| *failure <= known);
        self.places.drain(..over);
    }

    pub(super) fn earliest(&self) -> Option<&Place> {
        let earlier = |one, other: _| if Place::is_before(other, one) { other } else { one };
        self.places.iter().map(|(_, place)| place).reduce(earlier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(offsets: impl IntoIterator<Item = u64>) -> Row {
        let mut row = Row::default();
        offsets.into_iter().for_each(|offset| row.failed(Place { offset, ..Place::default() }));
        row
    }

    fn earliest(row: &Row) -> Option<u64> {
        row.earliest().map(|place| place.offset)
    }

    #[test]
    fn a_delivery_ends_what_was_known_when_it_set_out() {
        let mut row = row([7, 3, 5]);
        assert_eq!((row.known(), earliest(&row)), (3, Some(3)));
        row.delivered(1);
        assert_eq!(earliest(&row), Some(3));
        row.delivered(2);
        assert_eq!(earliest(&row), Some(5));
        row.delivered(3);
        assert_eq!(earliest(&row), None);
    }

    #[test]
    fn a_long_row_takes_no_more_room_and_forgets_no_place() {
        let mut row = row((0..10_000).rev());
        assert_eq!((row.places.len(), earliest(&row)), (MOST, Some(0)));
        row.delivered(9_999);
        assert_eq!(earliest(&row), Some(0));
        let mut row = self::row(0..10_000);
        assert_eq!(earliest(&row), Some(0));
        row.delivered(9_999);
        assert_eq!(earliest(&row), Some(9_999));
    }
}
