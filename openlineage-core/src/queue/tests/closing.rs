use super::super::Word;
use super::kit::{Kit, NOTHING};

#[test]
fn a_press_ends_rests_and_pauses() {
    let mut kit = Kit::new(100, 2);
    (0..4).for_each(|item| kit.accept(item.into(), item));
    assert_eq!(kit.start(0), [0, 1]);
    kit.retry(0, Word::Answered, Some(1_000));
    kit.retry(1, kit.away(500), None);
    assert_eq!(kit.start(0), NOTHING);
    kit.queue.press();
    assert_eq!((kit.queue.failures(), kit.next_wake()), (0, None));
    assert_eq!(kit.start(0), [2, 3], "as many as ever, and not one probe");
    kit.finish(2, Word::Answered);
    kit.finish(3, Word::Answered);
    let mut last = kit.start(0);
    last.sort_unstable();
    assert_eq!(last, [0, 1]);
}

#[test]
fn once_pressed_a_failure_concerns_its_lane_alone() {
    let mut kit = Kit::new(100, 2);
    (0..4).for_each(|item| kit.accept(item.into(), item));
    kit.queue.press();
    assert_eq!(kit.start(0), [0, 1]);
    kit.retry(0, kit.away(50), None);
    kit.retry(1, kit.away(50), Some(20));
    assert_eq!((kit.queue.failures(), kit.start(0)), (0, vec![2, 3]));
    assert_eq!(kit.next_wake(), Some(20));
    kit.finish(2, kit.away(90));
    kit.finish(3, kit.away(90));
    kit.expire(20);
    assert_eq!((kit.start(20), kit.next_wake()), (vec![1], Some(50)));
    kit.expire(50);
    assert_eq!(kit.start(50), [0]);
}

#[test]
fn a_press_leaves_deadlines_and_the_line() {
    let mut kit = Kit::new(1, 1);
    kit.accept_until(1, 1, 30);
    kit.wait(2, 1, Some(40));
    kit.queue.press();
    assert_eq!(kit.next_wake(), Some(30));
    assert_eq!(kit.expire(40), (vec![1], vec![2]));
}
