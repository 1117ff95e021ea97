//! `openlineage run`: a command as a run of a job.
//!
//! The command starts at once; START travels meanwhile. The terminal event waits for START, because a backend that sees
//! them the other way round believes the run is still going. All waiting happens after the command's end, under one
//! limit, and nothing about lineage changes the command's exit code.

mod child;
mod events;
mod fates;

use std::env;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use openlineage::blocking;
use openlineage::builtin::{Noop, Stream};
use openlineage::error::EmitError;
use openlineage::event::EncodedEvent;
use openlineage::lifecycle::Deadline;
use openlineage::transport::{Receipt, Transport};

use self::child::Ended;
use self::events::Events;
use self::fates::Fates;
use super::parent::{Parent, VARIABLE};
use crate::args::{Common, Run};
use crate::destination;
use crate::report::note;

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) fn run(args: &Run, common: &Common) -> Result<ExitCode> {
    let transport = match destination::choose(common.transport.as_deref(), Stream::Stderr) {
        Ok(transport) => transport,
        Err(error) if args.strict => return Err(error),
        Err(error) => {
            note(&format!("warning: {error:#}; the command runs without lineage"));
            Arc::new(Noop::new())
        }
    };
    let events = Events::new(args, args.parent.clone().or_else(inherited_parent));
    let fates = Fates::new(common.format, transport.info().kind == "noop");
    let started = Started::begin(Arc::clone(&transport), &events);
    let ended = child::run(&args.command, &events.as_parent());
    let until = Deadline::after(common.timeout.unwrap_or(DEFAULT_TIMEOUT));
    started.finish(&events, &ended, until, &fates);
    fates.closed(blocking::close(&*transport, until));
    Ok(ended.exit_code())
}

/// A parent in the environment that cannot be read is no reason to keep the command from running.
fn inherited_parent() -> Option<Parent> {
    let text = env::var(VARIABLE).ok().filter(|text| !text.is_empty())?;
    text.parse().map_err(|error| note(&format!("warning: {VARIABLE}: {error}; the run is sent without parent"))).ok()
}

type Outcome = Result<Option<Receipt>, EmitError>;

/// START on its way, on a thread of its own so that nothing waits for it while the command runs.
struct Started {
    transport: Arc<dyn Transport>,
    start: Receiver<Outcome>,
}

impl Started {
    fn begin(transport: Arc<dyn Transport>, events: &Events) -> Self {
        let (report, start) = mpsc::channel();
        match events.start() {
            Ok(event) => send(Arc::clone(&transport), event, report),
            Err(error) => note(&format!("warning: START could not be encoded: {error}")),
        }
        Self { transport, start }
    }

    fn finish(self, events: &Events, ended: &Ended, until: Deadline, fates: &Fates) {
        let start = match until.remaining() {
            Some(left) => self.start.recv_timeout(left).ok(),
            None => self.start.recv().ok(),
        };
        fates.event("START", start.as_ref());
        let kind = events.terminal_kind(ended);
        if start.is_none() && until.has_passed() {
            return fates.event(kind, None);
        }
        match events.terminal(ended) {
            Ok(event) => fates.event(kind, Some(&blocking::deliver(&*self.transport, event, until))),
            Err(error) => note(&format!("warning: {kind} could not be encoded: {error}")),
        }
    }
}

/// START has no deadline of its own: the command may run for hours. Its retry policy bounds it, and so does close.
fn send(transport: Arc<dyn Transport>, event: EncodedEvent, report: mpsc::Sender<Outcome>) {
    let spawned = thread::Builder::new().name("openlineage-start".to_owned()).spawn(move || {
        // Nobody listens any more once the time after the command's end is up.
        let _unheard = report.send(blocking::deliver(&*transport, event, Deadline::never()));
    });
    if let Err(error) = spawned {
        note(&format!("warning: START is not sent: {error}"));
    }
}
