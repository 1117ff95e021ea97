//! `openlineage run`: a command as a run of a job.
//!
//! The command starts at once; START travels meanwhile. The terminal event waits for START, because a backend that sees
//! them the other way round believes the run is still going. All waiting happens after the command's end, under one
//! limit, and nothing about lineage changes the command's exit code.

mod child;
mod events;
mod facet_file;
mod fates;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use openlineage::builtin::{Noop, Stream};
use openlineage::client::{Blocking, Client, ParentRunId};
use openlineage::config::Registry;
use openlineage::error::EmitError;
use openlineage::lifecycle::Deadline;
use openlineage::model::RunEvent;
use openlineage::transport::Receipt;

use self::events::Events;
use self::fates::Fates;
use crate::args::{Common, Run};
use crate::configuration::Configured;
use crate::report::note;

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);
/// For an event that the close has just given up to say so.
const LAST_WORD: Duration = Duration::from_millis(200);

pub(crate) fn run(args: &Run, common: &Common, registry: &Registry) -> Result<ExitCode> {
    let configured = Configured::load_and_warn(common, args.strict);
    let client = configured.and_then(|configured| configured.client(configured.transport(Stream::Stderr, registry)?));
    let client = match client {
        Ok(client) => client,
        Err(error) if args.strict => return Err(error),
        Err(error) => {
            note(&format!("warning: {error:#}; the command runs without lineage"));
            Client::builder().transport(Arc::new(Noop::new())).build()?
        }
    };
    let parent = args.parent.as_ref().map(ParentRunId::facet).or_else(|| client.inherited_parent().cloned());
    let mut events = Events::new(args, parent);
    match events.add_early_facets() {
        Err(error) if args.strict => return Err(error),
        Err(error) => note(&format!("warning: {error:#}; START is sent without its facets")),
        Ok(()) => {}
    }
    let fates = Fates::new(common.format, client.transport().info().kind == "noop");
    let client = client.blocking();
    let start = Start::send(client.clone(), events.start());
    let ended = child::run(&args.command, &events);
    let until = Deadline::after(common.timeout.unwrap_or(DEFAULT_TIMEOUT));
    finish(&client, &start, events.terminal(&ended), until, &fates);
    Ok(ended.exit_code())
}

/// Waits for START, sends the terminal event behind it and closes, all before `until`.
fn finish(client: &Blocking, start: &Start, (kind, terminal): (&str, RunEvent), until: Deadline, fates: &Fates) {
    match start.outcome(until) {
        Ok(outcome) => fates.event("START", &outcome),
        // Why has been said where it happened.
        Err(RecvTimeoutError::Disconnected) => {}
        Err(RecvTimeoutError::Timeout) => {
            fates.closed(client.close_until(until));
            // The close has ended it, so the outcome is there or about to be.
            match start.outcome(Deadline::after(LAST_WORD)) {
                Ok(outcome) => fates.event("START", &outcome),
                Err(_) => fates.unanswered("START"),
            }
            return fates.not_sent(kind);
        }
    }
    fates.event(kind, &client.deliver_until(terminal, until));
    fates.closed(client.close_until(until));
}

type Outcome = Result<Option<Receipt>, EmitError>;

/// START on its way, on a thread of its own so that nothing waits for it while the command runs.
struct Start(Receiver<Outcome>);

impl Start {
    /// START has no deadline of its own: the command may run for hours. Its retry policy bounds it, and so does close.
    fn send(client: Blocking, event: RunEvent) -> Self {
        let (report, outcome) = mpsc::channel();
        let spawned = thread::Builder::new().name("openlineage-start".to_owned()).spawn(move || {
            // Nobody listens any more once the time after the command's end is up.
            let _unheard = report.send(client.deliver_until(event, Deadline::never()));
        });
        if let Err(error) = spawned {
            note(&format!("warning: START is not sent: {error}"));
        }
        Self(outcome)
    }

    /// `Timeout` if it is still on its way at `until`, `Disconnected` if it never set out.
    fn outcome(&self, until: Deadline) -> Result<Outcome, RecvTimeoutError> {
        self.0.recv_timeout(until.remaining().unwrap_or(Duration::MAX))
    }
}
