use std::time::Duration;

use super::super::{Offer, Word};
use super::kit::{Kit, NOTHING};

#[test]
fn room_is_bounded_in_events_and_in_bytes_until_the_fate() {
    let mut kit = Kit::new(2, 1);
    kit.accept_offer(Offer { bytes: 60, ..Kit::offer(1, 1) });
    assert!(kit.queue.has_room(40) && !kit.queue.has_room(41));
    kit.start(0);
    kit.retry(1, Word::Answered, Some(50));
    assert!(!kit.queue.has_room(41), "an event that waits for another attempt keeps its room");
    kit.accept_offer(Offer { bytes: 0, ..Kit::offer(2, 2) });
    assert!(!kit.queue.has_room(0));
    assert_eq!(kit.expire(50), (NOTHING, NOTHING));
    assert_eq!(kit.start(50), [2]);
    kit.finish(2, Word::Answered);
    kit.start(50);
    kit.finish(1, Word::Answered);
    assert!(kit.queue.has_room(100) && !kit.queue.has_room(101));
}

#[test]
fn the_first_of_the_line_waits_until_it_fits_and_nobody_overtakes_it() {
    let mut kit = Kit::new(10, 2);
    kit.accept_offer(Offer { bytes: 50, ..Kit::offer(1, 1) });
    kit.accept_offer(Offer { bytes: 50, ..Kit::offer(2, 2) });
    kit.wait(3, 80, None);
    kit.wait(4, 10, None);
    assert_eq!(kit.start(0), [1, 2]);
    kit.finish(1, Word::Answered);
    assert_eq!(kit.admit(), None);
    assert!(!kit.queue.has_room(1) && !kit.queue.could_have_room(1));
    kit.finish(2, Word::Answered);
    assert_eq!(kit.admit(), Some(3));
}

#[test]
fn displacement_takes_the_oldest_that_is_not_under_way() {
    let mut kit = Kit::new(5, 1);
    for (lane, item) in [(1, 10), (1, 11), (2, 20), (1, 12)] {
        kit.accept(lane, item);
    }
    assert_eq!(kit.start(0), [10]);
    assert_eq!((kit.queue.take_oldest(), kit.queue.take_oldest()), (Some(11), Some(20)));
    kit.accept(1, 13);
    kit.retry(10, Word::Answered, Some(50));
    assert_eq!(kit.queue.take_oldest(), Some(10), "an event that rests is not under way");
    assert_eq!(kit.next_wake(), None, "its rest went with it");
    assert_eq!(kit.start(0), [12]);
    assert_eq!((kit.queue.take_oldest(), kit.queue.take_oldest()), (Some(13), None));
    kit.finish(12, Word::Answered);
    assert_eq!(kit.queue.stats(kit.at(0)).events, 0);
}

#[test]
fn there_could_be_room_in_what_is_not_under_way() {
    let mut kit = Kit::new(3, 2);
    kit.accept_offer(Offer { bytes: 60, ..Kit::offer(1, 1) });
    kit.start(0);
    kit.accept_offer(Offer { bytes: 40, ..Kit::offer(2, 2) });
    assert!(kit.queue.could_have_room(40) && !kit.queue.could_have_room(41));
    kit.start(0);
    assert!(!kit.queue.could_have_room(1));
    kit.retry(1, Word::Answered, Some(50));
    assert!(kit.queue.could_have_room(60) && !kit.queue.could_have_room(61));
}

#[test]
fn stats_say_how_full_it_is() {
    let mut kit = Kit::new(2, 1);
    assert_eq!(kit.queue.stats(kit.at(5)), Default::default());
    kit.accept(1, 1);
    kit.accept(2, 2);
    kit.wait(3, 1, None);
    kit.start(5);
    let stats = kit.queue.stats(kit.at(7));
    assert_eq!((stats.events, stats.bytes, stats.waiting, stats.paused), (2, 2, 1, false));
    assert_eq!(stats.oldest_age, Some(Duration::from_millis(7)));
    kit.finish(1, kit.away(20));
    assert!(kit.queue.stats(kit.at(7)).paused);
}

#[test]
fn limits_of_nothing_count_as_one() {
    let mut kit = Kit::new(0, 0);
    assert!(kit.queue.has_room(1));
    kit.accept(1, 1);
    assert!(!kit.queue.has_room(1));
    assert_eq!(kit.start(0), [1]);
}
