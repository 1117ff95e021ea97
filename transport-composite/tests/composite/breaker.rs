//! The circuit breaker before a leg.

use std::sync::Arc;
use std::time::Duration;

use openlineage_core::error::{EmitError, EmitErrorKind, Fault};
use openlineage_core::lifecycle::{Circuit, Deadline};
use openlineage_core::transport::{LegFate, Transport};
use openlineage_transport_composite::{CircuitBreaker, CompositeTransport};

use crate::support::{Act, Leg, event, run};

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}

/// A leg that does this before one that delivers, behind a breaker.
fn before_a_fallback(act: Act, open_for: Duration) -> (Arc<Leg>, CompositeTransport) {
    let leg = Leg::new("first", act);
    let builder = CompositeTransport::builder().leg(Arc::clone(&leg) as _).leg(Leg::new("second", Act::Delivers));
    let builder = builder.continue_on_success(false).circuit_breaker(CircuitBreaker::new(2, open_for));
    (leg, builder.build())
}

fn circuit(composite: &CompositeTransport) -> Option<Circuit> {
    composite.stats().children[0].breaker
}

async fn first_leg(composite: &CompositeTransport) -> LegFate {
    let receipt = composite.emit(event(1), soon()).await.unwrap().fate().await.unwrap().unwrap();
    receipt.legs[0].fate.clone()
}

fn is_open(fate: &LegFate) -> bool {
    matches!(fate, LegFate::Lost(error) if *error.kind() == EmitErrorKind::CircuitOpen && !error.accepted())
}

#[test]
fn a_leg_that_keeps_failing_is_left_alone_and_the_fallback_goes_on() {
    for act in [Act::Fails, Act::QueuesThenFails, Act::Panics] {
        let (leg, composite) = before_a_fallback(act, Duration::from_secs(600));
        run(async {
            for _ in 0..2 {
                assert!(!is_open(&first_leg(&composite).await), "{act:?}");
            }
            assert_eq!(circuit(&composite), Some(Circuit::Open));
            assert!(is_open(&first_leg(&composite).await));
        });
        assert_eq!((leg.got().len(), composite.stats().tally.delivered), (2, 3), "{act:?}");
    }
}

#[test]
fn one_event_probes_after_the_pause() {
    let (leg, composite) = before_a_fallback(Act::Fails, Duration::from_nanos(1));
    run(async {
        for got in 1..=4 {
            assert!(!is_open(&first_leg(&composite).await));
            assert_eq!(leg.got().len(), got);
        }
    });
    assert_eq!(circuit(&composite), Some(Circuit::HalfOpen));
}

#[test]
fn without_an_option_there_is_none() {
    let composite = CompositeTransport::builder().leg(Leg::new("only", Act::Fails)).build();
    run(async {
        let failed =
            |error: EmitError| assert_eq!(error.kind(), Fault::new(EmitErrorKind::Unavailable { code: 500 }).kind());
        for _ in 0..9 {
            failed(composite.emit(event(1), soon()).await.unwrap_err());
        }
    });
    assert_eq!(circuit(&composite), None);
}
