//! Flush and close over legs that hang, panic or are slow: none hides another.

use std::sync::Arc;
use std::time::{Duration, Instant};

use openlineage_core::lifecycle::{Deadline, Ended, State};
use openlineage_core::transport::{Ack, Transport};
use openlineage_transport_composite::CompositeTransport;

use crate::support::{Act, Leg, event, run};

const SHORT: Duration = Duration::from_millis(200);
const SLACK: Duration = Duration::from_millis(500);

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}

fn over(acts: &[Act]) -> (Vec<Arc<Leg>>, CompositeTransport) {
    let legs: Vec<_> = acts.iter().enumerate().map(|(index, act)| Leg::new(&format!("leg-{index}"), *act)).collect();
    let add =
        |builder: openlineage_transport_composite::CompositeBuilder, leg: &Arc<Leg>| builder.leg(Arc::clone(leg) as _);
    let composite = legs.iter().fold(CompositeTransport::builder(), add).build();
    (legs, composite)
}

#[test]
fn a_leg_that_hangs_and_one_that_panics_hide_no_other_from_close() {
    let (legs, composite) = over(&[Act::Hangs, Act::Panics, Act::Delivers, Act::QueuesThenDelivers]);
    let report = run(async {
        let answer = composite.emit(event(1), Deadline::after(SHORT)).await;
        assert!(matches!(answer, Ok(Ack::Delivered(_))), "{answer:?}");
        let began = Instant::now();
        let report = composite.close(Deadline::after(SHORT)).await;
        assert!(began.elapsed() < SHORT + SLACK, "{:?}", began.elapsed());
        report
    });
    assert_eq!((report.ended, report.tally.delivered), (Ended::Drained, 1));
    let children: Vec<_> = report.children.iter().map(|leg| (leg.info.to_string(), leg.ended)).collect();
    let named = |number: u32| format!("leg-{number}");
    assert_eq!(
        children,
        [
            (named(0), Ended::DeadlineReached),
            (named(1), Ended::Faulted),
            (named(2), Ended::Drained),
            (named(3), Ended::Drained),
        ]
    );
    assert_eq!((legs[2].state(), legs[3].state()), (State::Closed, State::Closed));
    assert!(report.children.iter().all(|leg| leg.tally.pending() == 0));
}

#[test]
fn a_flush_over_a_leg_that_hangs_keeps_its_deadline() {
    let (_legs, composite) = over(&[Act::Hangs, Act::Delivers]);
    run(async {
        let event = composite.emit(event(1), soon());
        let flush = async {
            let began = Instant::now();
            let report = composite.flush(Deadline::after(SHORT)).await;
            assert!(!report.settled && report.pending == 1, "{report:?}");
            assert!(began.elapsed() < SHORT + SLACK, "{:?}", began.elapsed());
            let _report = composite.close(Deadline::after(SHORT)).await;
        };
        let mut event = std::pin::pin!(event);
        assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(event.as_mut().poll(cx).is_pending())).await);
        flush.await;
        let error = event.await.unwrap_err();
        assert!(error.accepted());
    });
    assert_eq!((composite.state(), composite.stats().tally.abandoned), (State::Closed, 1));
}

#[test]
fn legs_that_are_refused_by_all_count_as_refused_and_leave_the_composite_new() {
    let (legs, composite) = over(&[Act::Delivers, Act::Delivers]);
    run(async {
        for leg in &legs {
            let _report = leg.close(soon()).await;
        }
        let error = composite.emit(event(1), soon()).await.unwrap_err();
        assert!(!error.accepted());
    });
    let tally = composite.stats().tally;
    assert_eq!((composite.state(), tally.accepted, tally.refused), (State::New, 0, 1));
}
