//! Modes over a transport that queues: they wait for its tickets, and put no second queue before it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use openlineage_core::error::{EmitError, EmitErrorKind, Sent};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Deadline, Ended, Fate, FlushReport, State, Stats, Tally};
use openlineage_core::transport::{Ack, Receipt, Settle, Ticket, Transport, TransportInfo};
use openlineage_emit_modes::{Emitter, Mode};

use crate::case::{LONG, SHORT, SLACK, assert_fates, client, event, eventually, modes, timed};

/// Keeps so many events, and delivers when it is told to. Cloning shares it.
#[derive(Clone, Debug)]
struct Queue {
    info: TransportInfo,
    room: usize,
    kept: Arc<Mutex<Vec<Settle>>>,
}

impl Queue {
    fn new(room: usize) -> Self {
        Self { info: TransportInfo::new("queue"), room, kept: Arc::default() }
    }

    fn over(&self, mode: Mode) -> Emitter {
        Emitter::new(client(Arc::new(self.clone())), mode)
    }

    fn deliver(&self) {
        let kept = std::mem::take(&mut *self.kept.lock().unwrap());
        kept.into_iter().for_each(|settle| settle.delivered(Receipt::new(1, Duration::ZERO)));
    }

    fn wait_for(&self, count: usize) {
        eventually("an event in the queue", || self.kept.lock().unwrap().len() == count);
    }
}

#[async_trait]
impl Transport for Queue {
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
        let mut kept = self.kept.lock().unwrap();
        if kept.len() >= self.room {
            return Err(EmitError::refused(EmitErrorKind::QueueFull { capacity: self.room }).at(&self.info));
        }
        let (settle, ticket) = Ticket::pair();
        kept.push(settle);
        Ok(Ack::Queued(ticket))
    }

    async fn flush(&self, _until: Deadline) -> FlushReport {
        self.deliver();
        FlushReport::new(true, 0)
    }

    async fn close(&self, _until: Deadline) -> CloseReport {
        self.deliver();
        CloseReport::new(self.info.clone(), Ended::Drained, Tally::default(), Duration::ZERO)
    }
}

#[test]
fn emit_waits_for_the_ticket() {
    for mode in modes(LONG) {
        let queue = Queue::new(10);
        let emitter = queue.over(mode);
        std::thread::scope(|scope| {
            let emitted = scope.spawn(|| emitter.emit(event(1, 0)));
            queue.wait_for(1);
            assert!(!emitted.is_finished());
            assert_eq!(emitter.stats().events.tally.pending(), 1);
            queue.deliver();
            assert_eq!(emitted.join().unwrap().unwrap().unwrap().attempts, 1);
        });
        assert_fates(&emitter, [1, 1, 0, 0]);
    }
}

#[test]
fn an_event_that_is_still_queued_at_the_limit_has_failed_and_may_come_late() {
    for mode in modes(SHORT) {
        let queue = Queue::new(10);
        let emitter = queue.over(mode);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let calls: [&dyn Fn() -> Option<EmitError>; 2] =
            [&|| emitter.emit(event(1, 0)).err(), &|| runtime.block_on(emitter.emit_async(event(2, 0))).err()];
        for call in calls {
            let (error, took) = timed(call);
            let error = error.unwrap();
            assert_eq!(
                (error.kind(), error.sent(), error.fate()),
                (&EmitErrorKind::Timeout, Sent::Maybe, Fate::Failed)
            );
            assert!(took > SHORT / 2 && took < SHORT + SLACK, "{took:?}");
        }
        queue.wait_for(2);
        queue.deliver();
        eventually("the late results", || emitter.stats().events.late == 2);
        assert_fates(&emitter, [2, 0, 2, 0]);
    }
}

#[test]
fn submit_leaves_the_event_to_the_queue() {
    for mode in modes(LONG) {
        let queue = Queue::new(100);
        let emitter = queue.over(mode);
        let tickets: Vec<_> = (0..20).map(|run| emitter.submit(event(run, 0)).unwrap()).collect();
        queue.wait_for(20);
        queue.deliver();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for ack in tickets {
            assert!(runtime.block_on(ack.fate()).unwrap().is_some());
        }
        assert_fates(&emitter, [20, 20, 0, 0]);
    }
}

#[test]
fn tasks_put_no_queue_before_the_queue() {
    const ROOM: usize = 5;
    let queue = Queue::new(ROOM);
    let emitter = queue.over(Mode::task());
    let _first = emitter.submit(event(0, 0)).unwrap();
    queue.wait_for(1);
    // From here it is known that there is a queue: what it refuses, nobody else takes on.
    for run in 1..ROOM {
        assert!(matches!(emitter.submit(event(run, 0)), Ok(Ack::Queued(_))));
        assert_eq!(queue.kept.lock().unwrap().len(), run + 1, "handed over before submit returns");
    }
    let error = emitter.submit(event(9, 0)).unwrap_err();
    assert_eq!((error.kind(), error.accepted()), (&EmitErrorKind::QueueFull { capacity: ROOM }, false));
    assert_eq!(emitter.stats().events.tally.refused, 1);
    queue.deliver();
    assert_fates(&emitter, [ROOM as u64, ROOM as u64, 0, 0]);
}
