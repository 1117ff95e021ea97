use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use openlineage::client::Client;
use openlineage::error::{EmitError, EmitErrorKind, Fault};
use openlineage::event::EncodedEvent;
use openlineage::lifecycle::Deadline;
use openlineage::transport::Receipt;
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinSet;

use super::feed::{Fed, Place};
use super::lanes::Lanes;
use super::progress::Progress;
use super::rejected::Rejected;
use super::summary::Summary;
use crate::args::{Common, Emit};
use crate::input::Item;
use crate::report::chain;

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// Held back for each event under way, so that runs with many events do not leave slots empty.
const AHEAD: usize = 8;
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

/// Moves events from the reader to the transport.
pub(super) struct Pump {
    client: Client,
    enrich: bool,
    timeout: Duration,
    concurrency: usize,
    give_up_after: u64,
    lanes: Lanes,
    sending: JoinSet<Sent>,
    summary: Summary,
    progress: Progress,
    rejected: Rejected,
    /// The last item read; `None` when everything has been.
    read_to: Option<Place>,
}

/// `Ok(None)` for an event that was left out on purpose.
type Outcome = std::result::Result<Option<Receipt>, EmitError>;

struct Sent {
    outcome: Outcome,
    event: EncodedEvent,
    place: Place,
    lane: String,
    known: u64,
}

impl Pump {
    pub(super) fn new(args: &Emit, common: &Common, client: Client, total: Option<u64>) -> Result<Self> {
        let concurrency = args.concurrency.get();
        Ok(Self {
            client,
            enrich: args.enrich,
            timeout: common.timeout.unwrap_or(DEFAULT_TIMEOUT),
            concurrency,
            give_up_after: args.give_up_after.get(),
            lanes: Lanes::new(concurrency.saturating_mul(AHEAD)),
            sending: JoinSet::new(),
            summary: Summary::new(),
            progress: Progress::new(total),
            rejected: Rejected::open(args.rejected.as_deref(), &args.files)?,
            read_to: None,
        })
    }

    pub(super) async fn run(mut self, mut feed: Receiver<Fed>, mut interrupted: Receiver<i32>) -> (Summary, Stopped) {
        let mut stopped = self.pump(&mut feed, &mut interrupted).await.unwrap_or_else(Stopped::Broken);
        if !matches!(stopped, Stopped::AtTheEnd) {
            self.unread(feed).await;
        }
        if let Err(error) = self.drain(&mut interrupted).await {
            stopped = Stopped::Broken(error);
        }
        for waiting in std::mem::replace(&mut self.lanes, Lanes::new(0)).rest() {
            self.summary.left(waiting.place);
        }
        self.progress.end();
        // Every event has been waited for, so this only takes the connection down.
        let report = self.client.close_within(self.timeout).await;
        self.summary.at_legs(&report);
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
        loop {
            tokio::select! {
                sent = self.sending.join_next() => match sent {
                    Some(sent) => broken = self.settled(sent?).err().or(broken),
                    None => return broken.map_or(Ok(()), Err),
                },
                Some(_) = interrupted.recv() => drop(self.client.close_within(Duration::ZERO).await),
            }
        }
    }

    async fn pump(&mut self, feed: &mut Receiver<Fed>, interrupted: &mut Receiver<i32>) -> Result<Stopped> {
        let mut more = true;
        while more || !self.sending.is_empty() {
            tokio::select! {
                Some(signal) = interrupted.recv() => return Ok(self.interrupted(signal)),
                Some(sent) = self.sending.join_next() => self.settled(sent?)?,
                fed = feed.recv(), if more && self.lanes.has_room() => match fed {
                    Some(fed) => self.fed(fed)?,
                    None => {
                        more = false;
                        self.read_to = None;
                    }
                },
            }
            if self.summary.in_a_row() >= self.give_up_after {
                return Ok(Stopped::GaveUp(self.summary.in_a_row()));
            }
            self.dispatch();
        }
        Ok(Stopped::AtTheEnd)
    }

    fn interrupted(&self, signal: i32) -> Stopped {
        let under_way = self.sending.len();
        if under_way > 0 {
            let text =
                format!("signal {signal}: waiting for what is under way ({under_way}); once more to stop at once");
            self.progress.note(&text);
        }
        Stopped::Interrupted(signal)
    }

    fn fed(&mut self, fed: Fed) -> Result<()> {
        match fed {
            Fed::Item(item, place) => self.item(item, place),
            Fed::Broken(error, file) => {
                self.summary.bad += 1;
                self.progress.note(&format!("{file}: the rest cannot be read: {error}"));
                Ok(())
            }
        }
    }

    fn item(&mut self, item: Item, place: Place) -> Result<()> {
        self.progress.read(item.end - item.offset);
        self.read_to = Some(place.clone());
        let bytes = Bytes::from(item.bytes);
        let problem = match item.too_large {
            true => format!("larger than --max-event-bytes; its first {} bytes are kept", bytes.len()),
            false => match EncodedEvent::from_json(bytes.clone()) {
                Ok(event) => {
                    self.lanes.push(event, place);
                    return Ok(());
                }
                Err(error) => error.to_string(),
            },
        };
        self.summary.bad += 1;
        self.progress.note(&format!("{place}: no event: {problem}"));
        self.rejected.keep(&bytes).inspect_err(|_| self.summary.go_back_to(place))
    }

    fn dispatch(&mut self) {
        while self.sending.len() < self.concurrency {
            let Some(waiting) = self.lanes.pop() else { return };
            let (client, enrich, until) = (self.client.clone(), self.enrich, Deadline::after(self.timeout));
            let known = self.summary.row.known();
            self.sending.spawn(async move {
                let outcome = send(&client, &waiting.event, enrich, until).await;
                Sent { outcome, event: waiting.event, place: waiting.place, lane: waiting.lane, known }
            });
        }
    }

    fn settled(&mut self, sent: Sent) -> Result<()> {
        self.lanes.settled(&sent.lane);
        self.summary.count(&sent.outcome, &sent.place, sent.known);
        self.progress.show(&self.summary);
        let Err(error) = &sent.outcome else { return Ok(()) };
        match self.summary.undelivered() {
            ..=NAMED => self.progress.note(&format!("{}: not delivered: {}", sent.place, chain(error))),
            FIRST_UNNAMED => self.progress.note("more events are not delivered; they are counted, not named"),
            _ => {}
        }
        self.rejected.keep(&sent.event.to_ndjson())
    }
}

/// As it stands, unless facets and tags are to be added.
async fn send(client: &Client, event: &EncodedEvent, enrich: bool, until: Deadline) -> Outcome {
    let ack = match enrich {
        false => client.forward_until(event.clone(), until).await?,
        true => {
            let unreadable = |error| EmitError::refused_by(Fault::new(EmitErrorKind::Encode).because(error));
            client.emit_until(event.decode().map_err(unreadable)?, until).await?
        }
    };
    ack.fate().await
}
