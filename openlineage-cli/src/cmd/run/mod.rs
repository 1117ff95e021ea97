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
use std::time::Duration;

use anyhow::Result;
use openlineage::builtin::{Noop, Stream};
use openlineage::client::{Client, ParentRunId};
use openlineage::config::Registry;
use openlineage::error::EmitError;
use openlineage::lifecycle::Deadline;
use openlineage::model::RunEvent;
use openlineage::modes::{Emitter, Mode};
use openlineage::transport::{Ack, Receipt};

use self::events::Events;
use self::fates::Fates;
use crate::args::{Common, Run};
use crate::configuration::Configured;
use crate::report::{chain, note};

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
    let emitter = Emitter::new(client, Mode::thread());
    let start = Start::send(&emitter, events.start());
    let ended = child::run(&args.command, &events);
    let until = Deadline::after(common.timeout.unwrap_or(DEFAULT_TIMEOUT));
    finish(&emitter, &start, events.terminal(&ended), until, &fates);
    Ok(ended.exit_code())
}

/// Waits for START, sends the terminal event behind it and closes, all before `until`.
fn finish(emitter: &Emitter, start: &Start, (kind, terminal): (&str, RunEvent), until: Deadline, fates: &Fates) {
    let client = emitter.client().blocking();
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
    fates.event(kind, &emitter.within(until.remaining().unwrap_or(Duration::MAX)).emit(terminal));
    fates.closed(client.close_until(until));
}

type Outcome = Result<Option<Receipt>, EmitError>;

/// START on its way, on a thread of its own so that nothing waits for it while the command runs.
struct Start(Receiver<Outcome>);

impl Start {
    /// START has no deadline of its own: the command may run for hours. Its retry policy bounds it, and so does close.
    fn send(emitter: &Emitter, event: RunEvent) -> Self {
        let (report, outcome) = mpsc::channel();
        match emitter.within(Duration::MAX).submit(event) {
            Ok(Ack::Queued(ticket)) => ticket.observe(move |fate| {
                // A skipped event was not tried. Nobody listens any more once the time after the command's end is up.
                let fate = fate.clone().map(|receipt| Some(receipt).filter(|receipt| receipt.attempts > 0));
                drop(report.send(fate));
            }),
            Ok(_) => drop(report.send(Ok(None))),
            Err(error) => note(&format!("warning: START is not sent: {}", chain(&error))),
        }
        Self(outcome)
    }

    /// `Timeout` if it is still on its way at `until`, `Disconnected` if it never set out.
    fn outcome(&self, until: Deadline) -> Result<Outcome, RecvTimeoutError> {
        self.0.recv_timeout(until.remaining().unwrap_or(Duration::MAX))
    }
}
