use std::collections::VecDeque;

use super::feed::Place;
use super::queue::Failure;

/// Most places kept; beyond that the oldest are put together, so that going on begins earlier than it has to.
const MOST: usize = 64;

/// The undelivered events since the destination was last seen to work.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// Which failure it was, and its place.
    places: VecDeque<(Failure, Place)>,
}

impl Row {
    pub(super) fn failed(&mut self, failure: Failure, place: Place) {
        self.places.push_back((failure, place));
        if self.places.len() > MOST
            && let Some((failure, place)) = self.places.pop_front()
            && let Some(next) = self.places.front_mut()
        {
            next.0 = Failure(failure.0.max(next.0.0));
            if place.is_before(&next.1) {
                next.1 = place;
            }
        }
    }

    /// The destination was seen to work after the failures up to this number.
    pub(super) fn over(&mut self, number: u64) {
        self.places.retain(|(failure, _)| failure.0 > number);
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
        let places = offsets.into_iter().map(|offset| Place { offset, ..Place::default() });
        places.zip(1..).for_each(|(place, number)| row.failed(Failure(number), place));
        row
    }

    fn earliest(row: &Row) -> Option<u64> {
        row.earliest().map(|place| place.offset)
    }

    #[test]
    fn what_is_over_is_forgotten() {
        let mut row = row([7, 3, 5]);
        assert_eq!(earliest(&row), Some(3));
        row.over(1);
        assert_eq!(earliest(&row), Some(3));
        row.over(2);
        assert_eq!(earliest(&row), Some(5));
        row.over(3);
        assert_eq!(earliest(&row), None);
    }

    #[test]
    fn a_long_row_takes_no_more_room_and_forgets_no_place() {
        let mut row = row((0..10_000).rev());
        assert_eq!((row.places.len(), earliest(&row)), (MOST, Some(0)));
        row.over(9_999);
        assert_eq!(earliest(&row), Some(0));
        let mut row = self::row(0..10_000);
        assert_eq!(earliest(&row), Some(0));
        row.over(9_999);
        assert_eq!(earliest(&row), Some(9_999));
    }

    #[test]
    fn failures_may_be_told_in_any_order() {
        let mut row = Row::default();
        let place = |offset| Place { offset, ..Place::default() };
        row.failed(Failure(2), place(2));
        (0..MOST as u64).for_each(|_| row.failed(Failure(1), place(9)));
        row.over(1);
        assert_eq!(earliest(&row), Some(2));
    }
}
