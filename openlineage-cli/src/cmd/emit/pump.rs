use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use openlineage::client::Client;
use openlineage::error::{EmitError, EmitErrorKind, Fault};
use openlineage::event::EncodedEvent;
use openlineage::lifecycle::Deadline;
use openlineage::transport::{Ack, Transport};
use tokio::sync::mpsc::{Receiver, UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::feed::{Fed, Place};
use super::progress::Progress;
use super::queue::{Failure, Met, Terms};
use super::rejected::Rejected;
use super::summary::Summary;
use crate::args::Emit;
use crate::input::Item;
use crate::report::chain;

/// Undelivered events that are named; the rest are only counted.
const NAMED: u64 = 20;
const FIRST_UNNAMED: u64 = NAMED + 1;

/// Why reading ended.
pub(super) enum Stopped {
    AtTheEnd,
    /// After this many undelivered events in a row.
    GaveUp(u64),
    Interrupted(i32),
    /// The program itself cannot go on.
    Broken(anyhow::Error),
}

/// Moves events from the reader into the queue, and counts what becomes of them.
pub(super) struct Pump {
    client: Client,
    transport: Arc<dyn Transport>,
    terms: Terms,
    enrich: bool,
    /// Handed over and not counted.
    pending: usize,
    /// No more than the queue takes on.
    told: UnboundedSender<(HandedOver, Met)>,
    met: UnboundedReceiver<(HandedOver, Met)>,
    summary: Summary,
    progress: Progress,
    rejected: Rejected,
    /// The last item read; `None` when everything has been.
    read_to: Option<Place>,
}

/// What has to be known of an event when its fate is.
struct HandedOver {
    /// Where it may be written to the file of rejected ones.
    event: Option<EncodedEvent>,
    place: Place,
}

impl Pump {
    /// The client is one over a queue on these terms, before the transport.
    pub(super) fn new(
        args: &Emit,
        terms: Terms,
        client: Client,
        transport: Arc<dyn Transport>,
        total: Option<u64>,
    ) -> Result<Self> {
        let (told, met) = unbounded_channel();
        Ok(Self {
            client,
            transport,
            terms,
            enrich: args.enrich,
            pending: 0,
            told,
            met,
            summary: Summary::new(),
            progress: Progress::new(total),
            rejected: Rejected::open(args.rejected.as_deref(), &args.files)?,
            read_to: None,
        })
    }

    pub(super) async fn run(mut self, mut feed: Receiver<Fed>, mut interrupted: Receiver<i32>) -> (Summary, Stopped) {
        let mut stopped = self.pump(&mut feed, &mut interrupted).await.unwrap_or_else(Stopped::Broken);
        if !matches!(stopped, Stopped::AtTheEnd) {
            self.terms.brake.pull();
            self.unread(feed).await;
        }
        if let Err(error) = self.drain(&mut interrupted).await {
            stopped = Stopped::Broken(error);
        }
        self.progress.end();
        // Every event has been waited for, so this only takes the connection down.
        let _report = self.client.close_within(self.terms.timeout).await;
        // That has closed the transport, which tells again how it went.
        self.summary.at_legs(&self.transport.close(Deadline::now()).await);
        (self.summary, stopped)
    }

    /// Stops the reader and remembers where the next reading has to begin.
    async fn unread(&mut self, mut feed: Receiver<Fed>) {
        feed.close();
        let next = match feed.recv().await {
            Some(Fed::Item(_, place)) => Some(place),
            _ => self.read_to.take().map(Place::behind),
        };
        next.into_iter().for_each(|place| self.summary.go_back_to(place));
    }

    /// Waits for the events that are under way. Another signal ends that.
    async fn drain(&mut self, interrupted: &mut Receiver<i32>) -> Result<()> {
        let mut broken = None;
        while self.pending > 0 {
            tokio::select! {
                Some((event, met)) = self.met.recv() => broken = self.settled(&event, &met).err().or(broken),
                Some(_) = interrupted.recv() => drop(self.client.close_within(Duration::ZERO).await),
            }
        }
        broken.map_or(Ok(()), Err)
    }

    async fn pump(&mut self, feed: &mut Receiver<Fed>, interrupted: &mut Receiver<i32>) -> Result<Stopped> {
        let mut more = true;
        while more || self.pending > 0 {
            tokio::select! {
                // What is known is counted before more is read: it takes memory too.
                biased;
                Some(signal) = interrupted.recv() => return Ok(self.interrupted(signal)),
                Some((event, met)) = self.met.recv() => self.settled(&event, &met)?,
                fed = feed.recv(), if more && self.has_room() => match fed {
                    Some(fed) => self.fed(fed).await?,
                    None => {
                        more = false;
                        self.read_to = None;
                    }
                },
            }
            if let Some(row) = self.terms.brake.gave_up() {
                return Ok(Stopped::GaveUp(row));
            }
        }
        Ok(Stopped::AtTheEnd)
    }

    /// Each event that makes room is told of, so that this is asked again then.
    fn has_room(&self) -> bool {
        self.client.stats().queue.is_none_or(|queue| self.terms.has_room(&queue))
    }

    fn interrupted(&self, signal: i32) -> Stopped {
        self.terms.brake.pull();
        let under_way = self.client.stats().in_flight;
        if under_way > 0 {
            let text =
                format!("signal {signal}: waiting for what is under way ({under_way}); once more to stop at once");
            self.progress.note(&text);
        }
        Stopped::Interrupted(signal)
    }

    async fn fed(&mut self, fed: Fed) -> Result<()> {
        match fed {
            Fed::Item(item, place) => self.item(item, place).await,
            Fed::Broken(error, file) => {
                self.summary.bad += 1;
                self.progress.note(&format!("{file}: the rest cannot be read: {error}"));
                Ok(())
            }
        }
    }

    async fn item(&mut self, item: Item, place: Place) -> Result<()> {
        self.progress.read(item.end - item.offset);
        self.read_to = Some(place.clone());
        let bytes = Bytes::from(item.bytes);
        let problem = match item.too_large {
            true => format!("larger than --max-event-bytes; its first {} bytes are kept", bytes.len()),
            false => match EncodedEvent::from_json(bytes.clone()) {
                Ok(event) => return self.hand_over(event, place).await,
                Err(error) => error.to_string(),
            },
        };
        self.summary.bad += 1;
        self.progress.note(&format!("{place}: no event: {problem}"));
        self.rejected.keep(&bytes).inspect_err(|_| self.summary.go_back_to(place))
    }

    /// There is room, so that nothing is waited for but what the client adds.
    async fn hand_over(&mut self, event: EncodedEvent, place: Place) -> Result<()> {
        let kept = self.rejected.is_wanted().then(|| event.clone());
        let handed_over = HandedOver { event: kept, place };
        let met = match send(&self.client, event, self.enrich, Deadline::after(self.terms.timeout)).await {
            Ok(Ack::Queued(ticket)) => {
                self.pending += 1;
                let told = self.told.clone();
                // The other end lives until everything pending is counted.
                ticket.observe(move |outcome| drop(told.send((handed_over, Met::of(outcome)))));
                return Ok(());
            }
            Ok(ack) => ack.fate().await.map(|receipt| receipt.map_or(Met::Skipped, |_| Met::Delivered)),
            Err(error) => Err(error),
        };
        let met = met.unwrap_or_else(|error| Met::Lost(error, Failure(self.terms.brake.undelivered())));
        self.count(&handed_over, &met)
    }

    fn settled(&mut self, event: &HandedOver, met: &Met) -> Result<()> {
        self.pending -= 1;
        self.count(event, met)
    }

    fn count(&mut self, event: &HandedOver, met: &Met) -> Result<()> {
        self.summary.count(met, &event.place, self.terms.brake.over());
        self.progress.show(&self.summary, &self.client.stats());
        let Met::Lost(error, _) = met else { return Ok(()) };
        match self.summary.lost() {
            ..=NAMED => self.progress.note(&format!("{}: not delivered: {}", event.place, chain(error))),
            FIRST_UNNAMED => self.progress.note("more events are not delivered; they are counted, not named"),
            _ => {}
        }
        event.event.as_ref().map_or(Ok(()), |event| self.rejected.keep(&event.to_ndjson()))
    }
}

/// As it stands, unless facets and tags are to be added.
async fn send(
    client: &Client,
    event: EncodedEvent,
    enrich: bool,
    until: Deadline,
) -> std::result::Result<Ack, EmitError> {
    match enrich {
        false => client.forward_until(event, until).await,
        true => {
            let unreadable = |error| EmitError::refused_by(Fault::new(EmitErrorKind::Encode).because(error));
            client.emit_until(event.decode().map_err(unreadable)?, until).await
        }
    }
}
