use super::super::Word;
use super::super::slots::KEPT;
use super::kit::Kit;

#[test]
fn displacement_before_a_hung_destination_uses_the_same_places_again() {
    let mut kit = Kit::new(16, 2);
    for item in 0..16 {
        kit.accept_until(item.into(), item, 1_000);
    }
    assert_eq!(kit.start(0), [0, 1]);
    let before = kit.queue.places();
    for item in 16..10_000 {
        assert_eq!(kit.queue.take_oldest(), Some(item - 14));
        kit.accept_until(item.into(), item, 1_000);
    }
    assert_eq!(kit.queue.places(), before);
}

#[test]
fn a_lane_whose_first_hangs_is_displaced_behind_it() {
    let mut kit = Kit::new(16, 2);
    (0..16).for_each(|item| kit.accept(7, item));
    assert_eq!(kit.start(0), [0]);
    let before = kit.queue.places();
    for item in 16..10_000 {
        assert_eq!(kit.queue.take_oldest(), Some(item - 15));
        kit.accept(7, item);
    }
    assert_eq!(kit.queue.places(), before);
    kit.finish(0, Word::Answered);
    assert_eq!(kit.start(0), [9_985]);
}

#[test]
fn an_empty_queue_gives_back_what_a_burst_took() {
    let mut kit = Kit::new(10_000, 10_000);
    for item in 0..100 {
        kit.accept_until(item.into(), item, 1_000);
    }
    assert!(kit.queue.places().iter().all(|places| *places >= 100));
    for item in kit.start(0) {
        kit.finish(item, Word::Answered);
    }
    assert!(kit.queue.places().iter().all(|places| *places <= KEPT), "{:?}", kit.queue.places());
    kit.accept(1, 1);
    assert_eq!(kit.start(0), [1]);
}

#[test]
fn what_expires_in_a_burst_is_given_back_too() {
    let mut kit = Kit::new(10_000, 1);
    for item in 0..100 {
        kit.accept_until((item / 2).into(), item, 1_000);
    }
    assert_eq!(kit.expire(1_000).0.len(), 100);
    assert!(kit.queue.places().iter().all(|places| *places <= KEPT), "{:?}", kit.queue.places());
    assert_eq!(kit.next_wake(), None);
}
