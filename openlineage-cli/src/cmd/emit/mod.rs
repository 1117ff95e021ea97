//! `openlineage emit`: events from files to a transport, in bounded memory.

mod feed;
mod lanes;
mod progress;
mod pump;
mod rejected;
mod summary;

use std::process::ExitCode;

use anyhow::{Context, Result};
use openlineage::builtin::Stream;
use tokio::sync::mpsc;

use self::feed::Feed;
use self::pump::{Pump, Stopped};
use self::summary::Summary;
use super::signals::Watch;
use crate::args::{Common, Emit, Format};
use crate::destination;
use crate::exit;
use crate::report::{note, result};

pub(crate) fn emit(args: &Emit, common: &Common) -> Result<ExitCode> {
    let transport = destination::choose(common.transport.as_deref(), Stream::Stdout)?;
    let feed = Feed::new(args)?;
    let pump = Pump::new(args, common, transport, feed.total)?;
    let (interrupt, interrupted) = mpsc::channel(1);
    // One signal is enough; more of them find the channel full.
    let heard = move |signal| interrupt.try_send(signal).unwrap_or_default();
    let watch = Watch::begin(heard).context("watching for signals")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let (summary, stopped) = runtime.block_on(pump.run(feed.start()?, interrupted))?;
    watch.close();
    say(&summary, &stopped, common.format);
    Ok(ExitCode::from(match stopped {
        Stopped::Interrupted(signal) => exit::signalled(signal),
        _ if summary.is_clean() => 0,
        _ => exit::UNDELIVERED,
    }))
}

fn say(summary: &Summary, stopped: &Stopped, format: Format) {
    match stopped {
        Stopped::AtTheEnd => {}
        Stopped::GaveUp => note(&format!("gave up after {} undelivered events in a row", summary.in_a_row())),
        Stopped::Interrupted(signal) => note(&format!("stopped by signal {signal}")),
    }
    if let (false, Some(place)) = (matches!(stopped, Stopped::AtTheEnd), summary.again_from()) {
        note(&format!("go on with {} --offset {}", place.file, place.offset));
    }
    match format {
        Format::Text => note(&summary.text()),
        Format::Json => result(&summary.json().to_string()),
    }
}
