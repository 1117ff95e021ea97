use super::super::Word;
use super::kit::{Kit, NOTHING};

#[test]
fn a_lane_sends_one_after_the_other_and_lanes_take_turns() {
    let mut kit = Kit::new(100, 2);
    for (lane, item) in [(1, 10), (1, 11), (1, 12), (2, 20), (2, 21), (3, 30)] {
        kit.accept(lane, item);
    }
    assert_eq!(kit.start(0), [10, 20]);
    kit.finish(10, Word::Answered);
    assert_eq!(kit.start(0), [30], "its lane waits behind the third");
    kit.finish(20, Word::Answered);
    assert_eq!(kit.start(0), [11]);
    kit.finish(11, Word::Answered);
    assert_eq!(kit.start(0), [21]);
}

#[test]
fn a_lane_that_rests_keeps_its_order_and_holds_no_place() {
    let mut kit = Kit::new(100, 1);
    for (lane, item) in [(1, 10), (1, 11), (2, 20)] {
        kit.accept(lane, item);
    }
    assert_eq!(kit.start(0), [10]);
    kit.retry(10, Word::Answered, Some(30));
    assert_eq!(kit.start(0), [20]);
    kit.finish(20, Word::Answered);
    assert_eq!((kit.start(29), kit.next_wake()), (NOTHING, Some(30)));
    kit.expire(30);
    assert_eq!(kit.start(30), [10], "what is tried again goes before what came later");
    kit.finish(10, Word::Silent);
    assert_eq!(kit.start(30), [11]);
}

#[test]
fn deadlines_end_what_waits_and_not_what_is_under_way() {
    let mut kit = Kit::new(100, 1);
    kit.accept_until(1, 10, 40);
    kit.accept_until(1, 11, 30);
    kit.accept_until(1, 12, 50);
    assert_eq!((kit.start(0), kit.next_wake()), (vec![10], Some(30)));
    assert_eq!(kit.expire(45).0, [11]);
    kit.retry(10, Word::Answered, Some(60));
    assert_eq!(kit.next_wake(), Some(40));
    assert_eq!(kit.expire(45).0, [10], "its time has passed while it was under way");
    assert_eq!(kit.start(45), [12], "the rest of the first does not hold up the next");
    kit.finish(12, Word::Answered);
    assert_eq!(kit.next_wake(), None);
}

#[test]
fn the_line_is_served_in_its_order() {
    let mut kit = Kit::new(1, 1);
    kit.accept(0, 0);
    kit.start(0);
    let places: Vec<_> = (1..=4).map(|item| kit.wait(item, 1, (item == 1).then_some(20))).collect();
    assert!(!kit.queue.has_room(0));
    assert_eq!((kit.admit(), kit.next_wake()), (None, Some(20)));
    assert_eq!(kit.expire(20).1, [1]);
    assert_eq!(kit.queue.withdraw(places[2]), Some(3));
    assert_eq!((kit.queue.withdraw(places[2]), kit.queue.withdraw(places[0])), (None, None));
    kit.finish(0, Word::Answered);
    assert_eq!(kit.admit(), Some(2));
    assert_eq!(kit.queue.withdraw(places[1]), None, "it is no longer in line");
    assert_eq!(kit.queue.turn_away(), Some(4));
    assert_eq!((kit.queue.turn_away(), kit.next_wake()), (None, None));
}
