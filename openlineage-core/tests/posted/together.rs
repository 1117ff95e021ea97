//! Events that are reported together: whoever waits for one of them is woken when all of them are settled, the first by the
//! worker, the others by whoever is awake; and what they send then goes out when all of them are awake.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use async_trait::async_trait;
use openlineage_core::blocking;
use openlineage_core::engine::{Post, Posted, Reports};
use openlineage_core::error::{EmitError, Fault};
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::Deadline;
#[cfg(target_os = "linux")]
use openlineage_core::testkit::fork::fork_and;
use openlineage_core::transport::{Ack, Ticket, Transport, TransportInfo};
use tokio::sync::Notify;

use crate::{LONG, event, long};

const EVENTS: u64 = 3;

/// Counts what is posted, and reports it when it is told to.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) report: Arc<Notify>,
    pub(crate) posted: Arc<AtomicU64>,
}

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
        self.posted.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    async fn serve(&self, taken: &Self::Connection, reports: &Reports) -> Fault {
        loop {
            self.report.notified().await;
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

fn transport(told: Told) -> Arc<Posted<Told>> {
    Arc::new(Posted::builder(TransportInfo::new("told"), told).confirm(false).build())
}

/// Events that are posted, and of which nothing is reported yet.
fn pending(transport: &Posted<Told>) -> Vec<Ticket> {
    (0..EVENTS).map(|number| ticket(blocking::emit(transport, event(number), long()))).collect()
}

fn ticket(ack: Result<Ack, EmitError>) -> Ticket {
    let Ok(Ack::Queued(ticket)) = ack else { unreachable!("no ticket: {ack:?}") };
    ticket
}

pub(crate) fn poll<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// Sends an event as soon as it is woken, and says how many the destination has got then.
struct Sends(Arc<Posted<Told>>, Arc<AtomicU64>, Sender<u64>);

impl Wake for Sends {
    fn wake(self: Arc<Self>) {
        let mut sending = Box::pin(self.0.emit(event(0), long()));
        let Poll::Ready(ack) = poll(&mut sending, Waker::noop()) else { unreachable!("there is room") };
        drop(ticket(ack));
        self.2.send(self.1.load(Ordering::SeqCst)).unwrap();
    }
}

#[test]
fn what_those_send_who_are_woken_goes_out_when_all_are_awake() {
    let (told, (say, heard)) = (Told::default(), channel());
    let (report, posted) = (Arc::clone(&told.report), Arc::clone(&told.posted));
    let transport = transport(told);
    let mut tickets = pending(&transport);
    let waker = Waker::from(Arc::new(Sends(Arc::clone(&transport), posted, say)));
    assert!(tickets.iter_mut().all(|ticket| poll(ticket, &waker).is_pending()));
    report.notify_one();
    let at_waking: Vec<u64> = (0..EVENTS).map(|_| heard.recv_timeout(LONG).unwrap()).collect();
    assert_eq!(at_waking, [EVENTS; EVENTS as usize]);
    report.notify_one();
    let closed = blocking::close(&*transport, long()).unwrap();
    assert_eq!((closed.is_clean(), closed.tally.delivered), (true, 2 * EVENTS));
}

pub(crate) type Call = Pin<Box<dyn Future<Output = Result<Ack, EmitError>> + Send>>;

pub(crate) fn call(transport: &Arc<Posted<Told>>, number: u64) -> Call {
    let transport = Arc::clone(transport);
    Box::pin(async move { transport.emit(event(number), long()).await })
}

/// Counts how often it was woken, and says so.
pub(crate) struct Rings(AtomicU64, Sender<u64>);

impl Rings {
    pub(crate) fn new(say: Sender<u64>) -> Self {
        Self(AtomicU64::new(0), say)
    }
}

impl Wake for Rings {
    fn wake(self: Arc<Self>) {
        self.1.send(self.0.fetch_add(1, Ordering::SeqCst) + 1).unwrap();
    }
}

/// Waits for the answer to a call, and does something with it as soon as it is woken, on the thread that wakes it.
struct Answered<F>(Mutex<Option<Call>>, F, Arc<Rings>);

impl<F: Fn(Call, &AtomicU64) + Send + Sync + 'static> Wake for Answered<F> {
    fn wake(self: Arc<Self>) {
        let call = self.0.lock().unwrap().take();
        (self.1)(call.unwrap(), &self.2.0);
    }
}

fn is_answered(mut call: Call) -> bool {
    matches!(poll(&mut call, Waker::noop()), Poll::Ready(Ok(Ack::Delivered(_))))
}

/// Callers wait for events that are reported together. The first of them does this when it is woken, with its call and the
/// number of others that were woken so far. Returns the others when all of them were.
fn with_first(first: impl Fn(Call, &AtomicU64) + Send + Sync + 'static) -> (Arc<Posted<Told>>, Vec<Call>) {
    let told = Told::default();
    let (report, posted) = (Arc::clone(&told.report), Arc::clone(&told.posted));
    let transport = Arc::new(Posted::builder(TransportInfo::new("told"), told).build());
    let ((connects, connected), (say, heard)) = (channel(), channel());
    let (mut call_of_first, connecting) = (call(&transport, 0), Waker::from(Arc::new(Rings::new(connects))));
    while poll(&mut call_of_first, &connecting).is_pending() && posted.load(Ordering::SeqCst) == 0 {
        connected.recv_timeout(LONG).unwrap();
    }
    let rings = Arc::new(Rings::new(say));
    let awaits = Arc::new(Answered(Mutex::default(), first, Arc::clone(&rings)));
    assert!(poll(&mut call_of_first, &Waker::from(Arc::clone(&awaits))).is_pending());
    *awaits.0.lock().unwrap() = Some(call_of_first);
    let mut calls: Vec<Call> = (1..EVENTS).map(|number| call(&transport, number)).collect();
    let waker = Waker::from(rings);
    assert!(calls.iter_mut().all(|call| poll(call, &waker).is_pending()));
    report.notify_one();
    assert!((1..EVENTS).all(|count| heard.recv_timeout(LONG) == Ok(count)));
    (transport, calls)
}

#[test]
fn whoever_is_awake_wakes_others() {
    let (say, heard) = channel();
    let (transport, others) = with_first(move |call, others| {
        let asleep = others.load(Ordering::SeqCst);
        say.send((asleep, is_answered(call), others.load(Ordering::SeqCst))).unwrap();
    });
    assert_eq!(heard.recv_timeout(LONG).unwrap(), (0, true, EVENTS - 1));
    assert!(others.into_iter().all(is_answered));
    assert!(blocking::close(&*transport, long()).unwrap().is_clean());
}

/// They wait in the parent: their tasks are nothing to a child, which may be let in between an answer and whoever it is for.
#[cfg(target_os = "linux")]
#[test]
fn whoever_is_awake_in_a_forked_child_wakes_nobody() {
    const WELL: u8 = 7;
    let (say, heard) = channel();
    let (transport, others) = with_first(move |call, others| {
        let in_child = || if is_answered(call) && others.load(Ordering::SeqCst) == 0 { WELL } else { 0 };
        say.send(fork_and(in_child).and_then(|child| child.wait(LONG)).unwrap()).unwrap();
    });
    assert_eq!(heard.recv_timeout(LONG).unwrap(), Some(WELL));
    assert!(others.into_iter().all(is_answered));
    assert!(blocking::close(&*transport, long()).unwrap().is_clean());
}

/// Cannot be woken.
struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        std::panic::resume_unwind(Box::new("a waker of a host"));
    }
}

#[test]
fn a_waker_that_panics_holds_nothing_back() {
    let told = Told::default();
    let report = Arc::clone(&told.report);
    let transport = transport(told);
    let mut tickets = pending(&transport);
    let waker = Waker::from(Arc::new(Panics));
    assert!(tickets.iter_mut().all(|ticket| poll(ticket, &waker).is_pending()));
    report.notify_one();
    assert!(blocking::flush(&*transport, long()).unwrap().settled);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let after = ticket(blocking::emit(&*transport, event(0), long()));
    report.notify_one();
    let heard = runtime.block_on(async { tokio::time::timeout(LONG, after).await });
    assert!(heard.unwrap().is_ok());
    let closed = blocking::close(&*transport, long()).unwrap();
    assert_eq!((closed.is_clean(), closed.tally.delivered), (true, EVENTS + 1));
}

#[test]
fn nobody_is_woken_before_all_of_them_are_settled() {
    let (told, (say, heard)) = (Told::default(), channel());
    let report = Arc::clone(&told.report);
    let transport = transport(told);
    let mut tickets = pending(&transport);
    let waker = Waker::from(Arc::new(Seen(Arc::clone(&transport), say)));
    assert!(tickets.iter_mut().all(|ticket| poll(ticket, &waker).is_pending()));
    report.notify_one();
    let at_waking: Vec<u64> = (0..EVENTS).map(|_| heard.recv_timeout(LONG).unwrap()).collect();
    assert_eq!(at_waking, [EVENTS; EVENTS as usize]);
    assert!(tickets.iter_mut().all(|ticket| matches!(poll(ticket, &waker), Poll::Ready(Ok(_)))));
    assert!(blocking::close(&*transport, long()).unwrap().is_clean());
}
