//! `openlineage emit`: events from files to a transport, in bounded memory.

mod brake;
mod feed;
mod progress;
mod pump;
mod queue;
mod rejected;
mod row;
mod summary;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use openlineage::builtin::Stream;
use openlineage::config::Registry;
use tokio::sync::mpsc;

use self::feed::Feed;
use self::pump::{Pump, Stopped};
use self::queue::Terms;
use self::summary::Summary;
use super::signals::{HUP, INT, TERM, Watch};
use crate::args::{Common, Emit, Format};
use crate::configuration::Configured;
use crate::exit;
use crate::report::{self, note, note_plain, result};

const STOPPING: [i32; 3] = [HUP, INT, TERM];

pub(crate) fn emit(args: &Emit, common: &Common, registry: &Registry) -> Result<ExitCode> {
    let configured = Configured::load_and_warn(common, false)?;
    let transport = configured.transport(Stream::Stdout, registry)?;
    let stdout_is_taken = transport.info().kind == "console";
    let feed = Feed::new(args)?;
    let terms = Terms::new(args, common);
    let client = configured.client(terms.queue_before(Arc::clone(&transport))?)?;
    let pump = Pump::new(args, terms, client, transport, feed.total)?;
    let (interrupt, interrupted) = mpsc::channel(1);
    // One signal is enough; more of them find the channel full.
    let heard = move |signal| interrupt.try_send(signal).unwrap_or_default();
    let watch = Watch::begin(&STOPPING, heard).context("watching for signals")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let (summary, stopped) = runtime.block_on(pump.run(feed.start()?, interrupted));
    watch.close();
    if !matches!(stopped, Stopped::AtTheEnd) {
        say_why(&summary, &stopped, &args.files);
    }
    match common.format {
        Format::Text => note(&summary.text()),
        Format::Json if stdout_is_taken => note_plain(&summary.json().to_string()),
        Format::Json => result(&summary.json().to_string()),
    }
    Ok(ExitCode::from(match stopped {
        Stopped::Interrupted(signal) => exit::signalled(signal),
        Stopped::AtTheEnd if summary.is_clean() => 0,
        _ => exit::UNDELIVERED,
    }))
}

fn say_why(summary: &Summary, stopped: &Stopped, files: &[PathBuf]) {
    match stopped {
        Stopped::AtTheEnd => {}
        Stopped::Broken(error) => report::error(error),
        Stopped::GaveUp(row) => note(&format!("gave up after {row} undelivered events in a row")),
        Stopped::Interrupted(signal) => note(&format!("stopped by signal {signal}")),
    }
    if let Some(place) = summary.again_from() {
        let rest: Vec<_> = files.iter().skip(place.file_number).map(|file| file.to_string_lossy()).collect();
        note(&format!("go on with {} --offset {}", rest.join(" "), place.offset));
    }
}
