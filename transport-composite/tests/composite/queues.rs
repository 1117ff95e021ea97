//! Legs that queue by the real engine: what is taken back, through however many composites and shares, and what they say
//! about their queues.

use std::sync::Arc;
use std::time::Duration;

use openlineage_core::engine::Queued;
use openlineage_core::error::Sent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::queue::Limits;
use openlineage_core::retry::RetryPolicy;
use openlineage_core::testkit::{Answer, ScriptedSink, Sink};
use openlineage_core::transport::{Ack, LegFate, Receipt, Transport, TransportInfo};
use openlineage_transport_composite::CompositeTransport;

use crate::support::{Act, Leg, event, run};

/// What a leg gets that is not the last one.
const LIMIT: Duration = Duration::from_millis(100);

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}

/// A queue that tries again at once, and then a minute later: at the end of a leg's time no attempt is under way.
fn queue(sink: &ScriptedSink) -> Arc<dyn Transport> {
    let mut retry = RetryPolicy::default();
    (retry.total, retry.connect, retry.read) = (None, None, None);
    (retry.backoff_factor, retry.backoff_max, retry.jitter) = (Duration::from_secs(30), Duration::from_secs(60), false);
    let limits = Limits { events: 2, ..Limits::default() };
    Arc::new(Queued::builder(TransportInfo::new("queue"), sink.deliver("")).retry(retry).limits(limits).build())
}

/// The queue as a leg, itself and at the end of composites of one leg.
fn nested(sink: &ScriptedSink, depth: usize) -> Arc<dyn Transport> {
    (0..depth).fold(queue(sink), |leg, _| Arc::new(CompositeTransport::builder().leg(leg).build()))
}

fn before_fallback(primary: &Arc<dyn Transport>) -> (Arc<Leg>, CompositeTransport) {
    let fallback = Leg::new("fallback", Act::Delivers);
    let builder = CompositeTransport::builder().leg(Arc::clone(primary)).leg(Arc::clone(&fallback) as _);
    (fallback, builder.continue_on_success(false).leg_timeout(LIMIT).build())
}

fn delivered(composite: &CompositeTransport, number: u64) -> Receipt {
    match run(composite.emit(event(number), soon())).unwrap() {
        Ack::Delivered(receipt) => receipt,
        ack => unreachable!("{ack:?}"),
    }
}

#[test]
fn what_was_not_sent_is_taken_back_through_composites_and_the_fallback_alone_delivers() {
    for depth in 0..3 {
        let sink = ScriptedSink::new();
        let primary = nested(&sink, depth);
        let (fallback, composite) = before_fallback(&primary);
        (0..100).for_each(|_| sink.fail_start());
        let receipt = delivered(&composite, 1);
        assert!(
            matches!(&receipt.legs[0].fate, LegFate::Lost(error) if error.sent() == Sent::No),
            "at depth {depth}: {receipt:?}"
        );
        assert!(matches!(receipt.legs[1].fate, LegFate::Delivered(_)));
        let tally = primary.stats().tally;
        assert_eq!((tally.accepted, tally.failed, tally.pending()), (1, 1, 0), "at depth {depth}");
        assert!(run(composite.close(soon())).tally.lost() == 0);
        assert_eq!((sink.log().attempts.len(), fallback.got().len()), (0, 1));
    }
}

#[test]
fn what_may_have_been_sent_is_left_there_and_the_receipt_says_so() {
    for depth in 0..3 {
        let sink = ScriptedSink::new();
        let primary = nested(&sink, depth);
        let (fallback, composite) = before_fallback(&primary);
        sink.script(&[], Answer::Stall);
        let receipt = delivered(&composite, 1);
        assert!(matches!(receipt.legs[0].fate, LegFate::Open), "{receipt:?}");
        assert!(matches!(receipt.legs[1].fate, LegFate::Delivered(_)));
        sink.script(&[], Answer::Accept);
        let report = run(composite.close(soon()));
        assert_eq!((report.tally.delivered, report.children[0].tally.delivered), (1, 1));
        assert_eq!((sink.log().arrived().count(), fallback.got().len()), (1, 1));
    }
}

#[test]
fn an_event_that_two_legs_have_is_not_taken_back() {
    let sinks = [ScriptedSink::new(), ScriptedSink::new()];
    sinks.iter().for_each(|sink| sink.script(&[Answer::Transient; 100_000], Answer::Transient));
    let both = CompositeTransport::builder().leg(queue(&sinks[0])).leg(queue(&sinks[1])).build();
    run(async {
        let Ack::Queued(ticket) = both.emit(event(1), soon()).await.unwrap() else { unreachable!() };
        assert!(!ticket.withdraw());
        sinks.iter().for_each(|sink| sink.script(&[], Answer::Accept));
        // What waits for another attempt gets it now.
        assert!(both.close(soon()).await.is_clean());
        assert_eq!(ticket.await.unwrap().legs.len(), 2);
    });
    assert!(sinks.iter().all(|sink| sink.log().arrived().count() == 1));
}

#[test]
fn a_composite_has_a_queue_where_all_that_get_an_event_at_once_have_one() {
    let sink = ScriptedSink::new();
    let with = |legs: [Arc<dyn Transport>; 2], on_failure, on_success| {
        let builder = legs.into_iter().fold(CompositeTransport::builder(), |builder, leg| builder.leg(leg));
        let composite = builder.continue_on_failure(on_failure).continue_on_success(on_success).build();
        composite.stats().queue.is_some()
    };
    let queues = || [nested(&sink, 0), nested(&sink, 1)];
    let mixed = || [nested(&sink, 0), Leg::new("confirms", Act::Delivers) as Arc<dyn Transport>];
    assert!(with(queues(), true, true) && with(queues(), false, false) && with(mixed(), false, false));
    assert!(!with(mixed(), true, true) && !with(queues(), true, false) && !with(queues(), false, true));
}

#[test]
fn what_has_no_time_is_taken_on_or_refused_at_once() {
    let sink = ScriptedSink::new();
    sink.script(&[], Answer::Stall);
    let composite = CompositeTransport::builder().leg(nested(&sink, 0)).leg(nested(&sink, 1)).build();
    run(async {
        for number in 0..2 {
            assert!(matches!(composite.emit(event(number), Deadline::now()).await, Ok(Ack::Queued(_))));
        }
        assert_eq!(composite.stats().queue.unwrap().events, 2);
        let error = composite.emit(event(2), Deadline::now()).await.unwrap_err();
        assert!(!error.accepted(), "{error}");
        sink.script(&[], Answer::Accept);
        let tally = composite.close(soon()).await.tally;
        assert_eq!((tally.accepted, tally.delivered, tally.refused), (2, 2, 1));
    });
}
