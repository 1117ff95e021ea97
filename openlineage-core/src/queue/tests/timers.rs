use std::time::{Duration, Instant};

use super::super::timers::Timers;

#[test]
fn a_key_has_one_moment_and_the_last_one_counts() {
    let base = Instant::now();
    let at = |moment| base + Duration::from_millis(moment);
    let mut timers = Timers::new();
    timers.set('a', at(10));
    timers.set('b', at(20));
    timers.set('a', at(30));
    assert_eq!((timers.next(), timers.pop_due(at(19))), (Some(at(20)), None));
    assert_eq!((timers.pop_due(at(30)), timers.pop_due(at(30))), (Some('b'), Some('a')));
    assert_eq!((timers.next(), timers.pop_due(at(99))), (None, None));
}
