//! For every check of the contract kit a transport with just the defect it looks for: the check must refuse it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, and so do defects")]

mod bent;
mod calls;
mod counts;
mod ends;
mod life;
mod orders;
mod places;
mod queues;
mod shared;

use openlineage_core::testkit::{Check, Harness, Verdict, verdict};

/// One test: the check must call this harness broken, for a reason that contains the text.
#[macro_export]
macro_rules! refused {
    ($name:ident, $check:ident, $reason:literal, $harness:expr) => {
        #[test]
        fn $name() {
            let test = concat!(module_path!(), "::", stringify!($name));
            $crate::refuse(openlineage_core::testkit::Check::$check, test, $reason, $harness);
        }
    };
}

fn refuse(check: Check, test: &str, reason: &str, harness: impl Harness) {
    match verdict(check, test, harness) {
        Verdict::Broken(why) => assert!(why.contains(reason), "refused, but because: {why}"),
        other => panic!("{check:?} does not see the defect: {other}"),
    }
}
