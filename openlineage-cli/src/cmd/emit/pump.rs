use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use openlineage::error::EmitError;
use openlineage::event::EncodedEvent;
use openlineage::lifecycle::Deadline;
use openlineage::transport::{Receipt, Transport, TransportExt};
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

/// Why reading ended.
pub(super) enum Stopped {
    AtTheEnd,
    GaveUp,
    Interrupted(i32),
}

/// Moves events from the reader to the transport.
pub(super) struct Pump {
    transport: Arc<dyn Transport>,
    timeout: Duration,
    concurrency: usize,
    give_up_after: u64,
    lanes: Lanes,
    sending: JoinSet<Sent>,
    summary: Summary,
    progress: Progress,
    rejected: Rejected,
}

struct Sent {
    outcome: Result<Option<Receipt>, EmitError>,
    event: EncodedEvent,
    place: Place,
    lane: String,
}

impl Pump {
    pub(super) fn new(args: &Emit, common: &Common, transport: Arc<dyn Transport>, total: Option<u64>) -> Result<Self> {
        let concurrency = args.concurrency.get();
        Ok(Self {
            transport,
            timeout: common.timeout.unwrap_or(DEFAULT_TIMEOUT),
            concurrency,
            give_up_after: args.give_up_after.get(),
            lanes: Lanes::new(concurrency.saturating_mul(AHEAD)),
            sending: JoinSet::new(),
            summary: Summary::new(),
            progress: Progress::new(total),
            rejected: Rejected::open(args.rejected.as_deref())?,
        })
    }

    pub(super) async fn run(
        mut self,
        mut feed: Receiver<Fed>,
        mut interrupted: Receiver<i32>,
    ) -> Result<(Summary, Stopped)> {
        let stopped = self.pump(&mut feed, &mut interrupted).await?;
        drop(feed);
        while let Some(sent) = self.sending.join_next().await {
            self.settled(sent?)?;
        }
        for waiting in std::mem::replace(&mut self.lanes, Lanes::new(0)).rest() {
            self.summary.left(waiting.place);
        }
        self.rejected.end()?;
        self.progress.end();
        // Every event has been waited for, so this only takes the connection down.
        let _report = self.transport.close_within(self.timeout).await;
        Ok((self.summary, stopped))
    }

    async fn pump(&mut self, feed: &mut Receiver<Fed>, interrupted: &mut Receiver<i32>) -> Result<Stopped> {
        let mut more = true;
        while more || !self.sending.is_empty() {
            tokio::select! {
                Some(signal) = interrupted.recv() => return Ok(Stopped::Interrupted(signal)),
                Some(sent) = self.sending.join_next() => self.settled(sent?)?,
                fed = feed.recv(), if more && self.lanes.has_room() => match fed {
                    Some(fed) => self.fed(fed)?,
                    None => more = false,
                },
            }
            if self.summary.in_a_row() >= self.give_up_after {
                return Ok(Stopped::GaveUp);
            }
            self.dispatch();
        }
        Ok(Stopped::AtTheEnd)
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
        self.progress.read(item.bytes.len() as u64 + 1);
        let problem = match item.too_large {
            true => format!("larger than --max-event-bytes; its first {} bytes are kept", item.bytes.len()),
            false => match EncodedEvent::from_json(item.bytes.clone()) {
                Ok(event) => {
                    self.lanes.push(event, place);
                    return Ok(());
                }
                Err(error) => error.to_string(),
            },
        };
        self.summary.bad += 1;
        self.progress.note(&format!("{place}: no event: {problem}"));
        self.rejected.keep(&item.bytes)
    }

    fn dispatch(&mut self) {
        while self.sending.len() < self.concurrency {
            let Some(waiting) = self.lanes.pop() else { return };
            let (transport, until) = (Arc::clone(&self.transport), Deadline::after(self.timeout));
            self.sending.spawn(async move {
                let outcome = transport.deliver(waiting.event.clone(), until).await;
                Sent { outcome, event: waiting.event, place: waiting.place, lane: waiting.lane }
            });
        }
    }

    fn settled(&mut self, sent: Sent) -> Result<()> {
        self.lanes.settled(&sent.lane);
        if let Err(error) = &sent.outcome {
            if self.summary.undelivered() < NAMED {
                self.progress.note(&format!("{}: not delivered: {}", sent.place, chain(error)));
            }
            self.rejected.keep(&sent.event.to_ndjson())?;
        }
        self.summary.count(&sent.outcome, sent.place);
        self.progress.show(&self.summary);
        Ok(())
    }
}
