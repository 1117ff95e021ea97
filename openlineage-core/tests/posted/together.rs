//! Events that are reported together: whoever waits for one of them is woken when all of them are settled.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use async_trait::async_trait;
use openlineage_core::blocking;
use openlineage_core::engine::{Post, Posted, Reports};
use openlineage_core::error::Fault;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::transport::{Ack, Ticket, Transport, TransportInfo};
use tokio::sync::Notify;

use crate::{LONG, event, long};

const EVENTS: u64 = 3;

/// Reports what it has when it is told to.
#[derive(Debug)]
struct Told(Arc<Notify>);

#[async_trait]
impl Post for Told {
    type Connection = Mutex<Vec<usize>>;
    type Parcel = ();

    fn pack(&self, _event: &EncodedEvent) -> Result<(), Fault> {
        Ok(())
    }

    async fn open(&self, _until: Deadline) -> Result<Self::Connection, Fault> {
        Ok(Mutex::default())
    }

    fn post(&self, taken: &Self::Connection, (): (), number: usize) -> Result<(), Fault> {
        taken.lock().unwrap().push(number);
        Ok(())
    }

    async fn serve(&self, taken: &Self::Connection, reports: &Reports) -> Fault {
        loop {
            self.0.notified().await;
            let mut all = taken.lock().unwrap().drain(..).map(|number| (number, Ok(()))).collect();
            reports.settle(&mut all);
        }
    }

    async fn shut(&self, _taken: &Self::Connection, _reports: &Reports, _until: Deadline) {}
}

/// Says how much was delivered when it was woken.
struct Seen(Arc<Posted<Told>>, Sender<u64>);

impl Wake for Seen {
    fn wake(self: Arc<Self>) {
        self.1.send(self.0.stats().tally.delivered).unwrap();
    }
}

#[test]
fn nobody_is_woken_before_all_of_them_are_settled() {
    let (report, (say, heard)) = (Arc::new(Notify::new()), channel());
    let told = Told(Arc::clone(&report));
    let transport = Arc::new(Posted::builder(TransportInfo::new("told"), told).confirm(false).build());
    let waker = Waker::from(Arc::new(Seen(Arc::clone(&transport), say)));
    let mut tickets: Vec<Ticket> = Vec::new();
    for number in 0..EVENTS {
        let Ok(Ack::Queued(ticket)) = blocking::emit(&*transport, event(number), long()) else { panic!("no ticket") };
        tickets.push(ticket);
    }
    let mut cx = Context::from_waker(&waker);
    let mut poll = |ticket: &mut Ticket| std::pin::Pin::new(ticket).poll(&mut cx);
    assert!(tickets.iter_mut().all(|ticket| poll(ticket).is_pending()));
    report.notify_one();
    let at_waking: Vec<u64> = (0..EVENTS).map(|_| heard.recv_timeout(LONG).unwrap()).collect();
    assert_eq!(at_waking, [EVENTS; EVENTS as usize]);
    assert!(tickets.iter_mut().all(|ticket| matches!(poll(ticket), Poll::Ready(Ok(_)))));
    assert!(blocking::close(&*transport, long()).unwrap().is_clean());
}
