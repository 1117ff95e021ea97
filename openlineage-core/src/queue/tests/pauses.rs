use super::super::Word;
use super::kit::{Kit, NOTHING};

/// A queue of ten lanes with one event each, three of which are under way.
fn three_under_way() -> Kit {
    let mut kit = Kit::new(100, 3);
    (0..10).for_each(|item| kit.accept(item.into(), item));
    assert_eq!(kit.start(0), [0, 1, 2]);
    kit
}

#[test]
fn nothing_starts_in_a_pause_and_one_probe_after_it() {
    let mut kit = three_under_way();
    kit.retry(0, kit.away(50), None);
    assert_eq!(kit.start(49), NOTHING);
    assert_eq!(kit.next_wake(), Some(50));
    assert_eq!(kit.start(50), [3]);
    assert_eq!(kit.next_wake(), None, "the probe's answer is waited for");
    assert_eq!(kit.start(1_000), NOTHING);
}

#[test]
fn the_window_grows_by_one_with_each_answer() {
    let mut kit = Kit::new(100, 4);
    (0..20).for_each(|item| kit.accept(item.into(), item));
    assert_eq!(kit.start(0), [0, 1, 2, 3]);
    for item in 0..4 {
        kit.finish(item, kit.away(50));
    }
    assert_eq!(kit.start(50), [4]);
    kit.finish(4, Word::Answered);
    assert_eq!(kit.start(50), [5, 6]);
    kit.finish(6, Word::Answered);
    assert_eq!(kit.start(50), [7, 8]);
    kit.finish(5, Word::Answered);
    assert_eq!(kit.start(50), [9, 10]);
    kit.finish(9, Word::Answered);
    assert_eq!(kit.start(50), [11], "the limit is reached");
}

#[test]
fn a_burst_of_failures_is_one_failure() {
    let mut kit = three_under_way();
    kit.retry(0, kit.away(50), None);
    kit.retry(1, kit.away(90), None);
    kit.retry(2, kit.away(20), None);
    assert_eq!(kit.queue.failures(), 1);
    assert_eq!(kit.next_wake(), Some(50), "the first one of them set the pause");
}

#[test]
fn an_answer_from_before_the_pause_ends_nothing() {
    let mut kit = three_under_way();
    kit.retry(0, kit.away(50), None);
    kit.finish(1, Word::Answered);
    assert_eq!((kit.queue.failures(), kit.start(49)), (1, NOTHING));
    assert_eq!(kit.start(50), [3]);
    kit.finish(2, Word::Answered);
    assert_eq!(kit.start(50), NOTHING, "nor does it widen the window");
}

#[test]
fn a_probe_that_fails_makes_the_next_pause_and_an_answer_forgets_them() {
    let mut kit = three_under_way();
    kit.finish(0, kit.away(50));
    assert_eq!(kit.start(50), [3]);
    kit.retry(3, kit.away(150), None);
    assert_eq!((kit.queue.failures(), kit.next_wake()), (2, Some(150)));
    assert_eq!(kit.start(150), [4], "the others wait behind it, and it behind them");
    kit.finish(4, Word::Answered);
    assert_eq!((kit.queue.failures(), kit.queue.stats(kit.at(150)).paused), (0, false));
}

#[test]
fn a_probe_that_says_nothing_makes_room_for_another() {
    let mut kit = three_under_way();
    kit.retry(0, kit.away(50), None);
    assert_eq!(kit.start(50), [3]);
    kit.retry(3, Word::Silent, Some(80));
    assert_eq!(kit.start(60), [4]);
    assert_eq!(kit.queue.failures(), 1);
    assert!(kit.queue.stats(kit.at(60)).paused, "nothing was heard of it yet");
}

#[test]
fn attempts_from_before_the_pause_count_towards_the_limit() {
    let mut kit = Kit::new(100, 2);
    (0..4).for_each(|item| kit.accept(item.into(), item));
    assert_eq!(kit.start(0), [0, 1]);
    kit.finish(0, kit.away(50));
    assert_eq!(kit.start(50), [2]);
    kit.finish(2, Word::Answered);
    assert_eq!(kit.start(50), [3], "one of two places is held by an older attempt");
    assert_eq!(kit.queue.under_way(), 2);
}

#[test]
fn a_pause_with_nothing_to_send_wakes_nobody() {
    let mut kit = Kit::new(100, 2);
    kit.accept(0, 0);
    assert_eq!(kit.start(0), [0]);
    kit.finish(0, kit.away(50));
    assert_eq!(kit.next_wake(), None);
    kit.accept(1, 1);
    assert_eq!(kit.next_wake(), Some(50));
}
