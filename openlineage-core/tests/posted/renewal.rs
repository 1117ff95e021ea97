//! A connection that ends by itself: what was posted to it fails, and the next event makes another one.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use openlineage_core::blocking;
use openlineage_core::engine::{Post, Posted, Reports};
use openlineage_core::error::{EmitErrorKind, Fault, Sent};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{Deadline, Ended, Fate, State};
use openlineage_core::transport::{Ack, TransportInfo};
use tokio::sync::Notify;

use crate::{event, long};
use openlineage_core::transport::Transport;

/// Takes events and reports nothing; its first connection ends after so many, the others confirm.
#[derive(Debug)]
struct EndsAfter {
    events: usize,
    connections: Mutex<usize>,
    shut: Mutex<usize>,
}

struct Taking {
    number: usize,
    taken: Mutex<Vec<usize>>,
    changed: Notify,
}

#[async_trait]
impl Post for EndsAfter {
    type Connection = Taking;
    type Parcel = ();

    fn pack(&self, _event: &EncodedEvent) -> Result<(), Fault> {
        Ok(())
    }

    async fn open(&self, _until: Deadline) -> Result<Taking, Fault> {
        let mut connections = self.connections.lock().unwrap();
        *connections += 1;
        Ok(Taking { number: *connections, taken: Mutex::default(), changed: Notify::new() })
    }

    fn post(&self, line: &Taking, (): (), number: usize) -> Result<(), Fault> {
        line.taken.lock().unwrap().push(number);
        line.changed.notify_one();
        Ok(())
    }

    async fn serve(&self, line: &Taking, reports: &Reports) -> Fault {
        loop {
            line.changed.notified().await;
            if line.number > 1 {
                let mut all: Vec<_> = line.taken.lock().unwrap().drain(..).map(|number| (number, Ok(()))).collect();
                reports.settle(&mut all);
            } else if line.taken.lock().unwrap().len() >= self.events {
                return Fault::new(EmitErrorKind::Unavailable { code: 7 }).sent(Sent::Maybe);
            }
        }
    }

    async fn shut(&self, _line: &Taking, _reports: &Reports, _until: Deadline) {
        *self.shut.lock().unwrap() += 1;
    }
}

#[test]
fn what_was_posted_fails_and_what_waits_for_room_goes_to_the_next_connection() {
    let destination = EndsAfter { events: 3, connections: Mutex::default(), shut: Mutex::default() };
    let transport = Posted::builder(TransportInfo::new("ends"), destination).room(3, 1 << 20).build();
    let fates = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..5)
            .map(|number| (number, &transport))
            .map(|(n, t)| scope.spawn(move || blocking::emit(t, event(n), long())))
            .collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect::<Vec<_>>()
    });
    let failed: Vec<_> = fates.iter().filter_map(|fate| fate.as_ref().err()).collect();
    assert_eq!(failed.len(), 3, "{fates:?}");
    assert!(failed.iter().all(|error| *error.kind() == EmitErrorKind::Unavailable { code: 7 }));
    assert!(failed.iter().all(|error| (error.fate(), error.sent()) == (Fate::Failed, Sent::Maybe)));
    assert_eq!(fates.iter().filter(|fate| matches!(fate, Ok(Ack::Delivered(_)))).count(), 2);
    assert_eq!(transport.state(), State::Active);
    let report = blocking::close(&transport, long()).unwrap();
    assert_eq!((report.ended, report.tally.delivered, report.tally.failed), (Ended::Drained, 2, 3));
    let destination = transport.destination();
    assert_eq!((*destination.connections.lock().unwrap(), *destination.shut.lock().unwrap()), (2, 2));
}

#[test]
fn closing_with_no_connection_left_has_nothing_to_wait_for() {
    let destination = EndsAfter { events: 1, connections: Mutex::default(), shut: Mutex::default() };
    let transport = Posted::builder(TransportInfo::new("ends"), destination).build();
    let error = blocking::emit(&transport, event(1), long()).unwrap_err();
    assert_eq!(*error.kind(), EmitErrorKind::Unavailable { code: 7 });
    let report = blocking::close(&transport, Deadline::after(Duration::from_secs(2))).unwrap();
    assert_eq!((report.ended, report.tally.failed), (Ended::Drained, 1));
}
