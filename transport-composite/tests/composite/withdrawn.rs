//! A leg that queues and does not deliver in its time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use openlineage_core::error::{EmitError, EmitErrorKind, Fault, Sent};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Deadline, Ended, FlushReport, State, Stats, Tally};
use openlineage_core::transport::{Ack, LegFate, Receipt, Settle, Ticket, Transport, TransportInfo, Withdraw};
use openlineage_transport_composite::CompositeTransport;

use crate::support::{Act, Leg, event, run};

/// Keeps what it gets, and gives it back if it may.
#[derive(Debug)]
struct Keeps {
    info: TransportInfo,
    kept: Arc<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    gives_back: bool,
    event: Mutex<Option<Settle>>,
}

impl Withdraw for Kept {
    fn withdraw(&self, number: u64) -> bool {
        assert_eq!(number, 7);
        let Some(settle) = self.gives_back.then(|| self.event.lock().unwrap().take()).flatten() else { return false };
        settle.lost(EmitError::failed(Fault::new(EmitErrorKind::Timeout).sent(Sent::No), 0));
        true
    }
}

#[async_trait]
impl Transport for Keeps {
    fn info(&self) -> &TransportInfo {
        &self.info
    }

    fn state(&self) -> State {
        State::Active
    }

    fn stats(&self) -> Stats {
        Stats::default()
    }

    async fn emit(&self, _event: EncodedEvent, _until: Deadline) -> Result<Ack, EmitError> {
        let (settle, ticket) = Ticket::pair();
        let kept: Arc<dyn Withdraw> = Arc::clone(&self.kept) as _;
        settle.withdrawn_by(Arc::downgrade(&kept), 7);
        *self.kept.event.lock().unwrap() = Some(settle);
        Ok(Ack::Queued(ticket))
    }

    async fn flush(&self, _until: Deadline) -> FlushReport {
        FlushReport::new(true, 0)
    }

    async fn close(&self, _until: Deadline) -> CloseReport {
        CloseReport::new(self.info.clone(), Ended::Drained, Tally::default(), Duration::ZERO)
    }
}

fn before(gives_back: bool, fallback: Act) -> (Arc<Kept>, CompositeTransport) {
    let kept = Arc::new(Kept { gives_back, ..Kept::default() });
    let queue = Keeps { info: TransportInfo::new("queue"), kept: Arc::clone(&kept) };
    let builder = CompositeTransport::builder().leg(Arc::new(queue)).leg(Leg::new("fallback", fallback));
    (kept, builder.continue_on_success(false).leg_timeout(Duration::from_millis(50)).build())
}

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}

#[test]
fn an_event_that_was_not_sent_is_taken_back_for_the_fallback() {
    let (kept, composite) = before(true, Act::Delivers);
    let Ack::Delivered(receipt) = run(composite.emit(event(1), soon())).unwrap() else { unreachable!() };
    assert!(kept.event.lock().unwrap().is_none());
    assert!(matches!(&receipt.legs[0].fate, LegFate::Lost(error) if error.sent() == Sent::No));
    assert!(matches!(receipt.legs[1].fate, LegFate::Delivered(_)));
}

#[test]
fn one_that_may_have_been_sent_may_arrive_twice_and_the_receipt_says_so() {
    let (kept, composite) = before(false, Act::Delivers);
    let Ack::Delivered(receipt) = run(composite.emit(event(1), soon())).unwrap() else { unreachable!() };
    assert!(matches!(receipt.legs[0].fate, LegFate::Open));
    kept.event.lock().unwrap().take().unwrap().delivered(Receipt::new(1, Duration::ZERO));
    assert_eq!(composite.stats().tally.delivered, 1);
}

#[test]
fn where_the_fallback_fails_the_queue_still_decides() {
    for delivers in [true, false] {
        let (kept, composite) = before(false, Act::Fails);
        let Ack::Queued(ticket) = run(composite.emit(event(1), soon())).unwrap() else { unreachable!() };
        let settle = kept.event.lock().unwrap().take().unwrap();
        if delivers {
            settle.delivered(Receipt::new(1, Duration::ZERO));
        } else {
            drop(settle);
        }
        assert_eq!(run(ticket).is_ok(), delivers);
        assert_eq!(composite.stats().tally.pending(), 0);
    }
}
