//! A lone event after a silence, beside a raw request after the same one.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use openlineage_core::blocking;
use openlineage_core::lifecycle::Deadline;
use openlineage_core::model::Event as TypedEvent;
use openlineage_transport_http::AsyncHttpTransport;

use super::{PATIENCE, Stage};
use crate::contestant::raw;
use crate::events::{Event, typed};
use crate::figures::Goal::AtMost;
use crate::figures::{Figure, Reading};
use crate::pace::Schedule;
use crate::sink::Manner;
use crate::stats;

const SILENCE: Duration = Duration::from_secs(3);
/// Of each in a round; a full run has more than 30.
const PAIRS: usize = 3;

pub(super) const FIGURES: [Reading<Taken>; 3] = [
    Reading { figure: "wake_vs_raw", of: |taken| taken.ours / taken.raw, goal: Some(AtMost(2.0)) },
    Reading { figure: "wake_us", of: |taken| taken.ours, goal: None },
    Reading { figure: "wake_raw_us", of: |taken| taken.raw, goal: None },
];

/// Medians of a round, in microseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    ours: f64,
    raw: f64,
}

pub(super) fn take(stage: &Stage<'_>) -> Result<Vec<Figure>> {
    let sink = stage.sink(Manner::AtOnce)?;
    let (ours, mut raw) = (Ours::new(sink.address())?, Raw::connect(sink.address())?);
    // The connections are made now, not after the first silence.
    ours.emit()?;
    raw.emit()?;
    // Each is silent for the whole time: while one waits, it is the other's turn in the middle.
    let mut schedule = Schedule::every(stage.setup.pause(SILENCE) / 2);
    let mut rounds = Vec::with_capacity(stage.rounds());
    for _ in 0..stage.rounds() {
        rounds.push(round(&mut schedule, &ours, &mut raw)?);
    }
    drop(ours);
    sink.finish(2 * (1 + PAIRS * rounds.len()))?;
    Ok(stage.figures(&FIGURES, &rounds))
}

fn round(schedule: &mut Schedule, ours: &Ours, raw: &mut Raw) -> Result<Taken> {
    let mut times = [Vec::with_capacity(PAIRS), Vec::with_capacity(PAIRS)];
    for _ in 0..PAIRS {
        schedule.wait()?;
        times[0].push(timed(|| ours.emit())?);
        schedule.wait()?;
        times[1].push(timed(|| raw.emit())?);
    }
    let [ours, raw] = times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        stats::quantile(&times, 0.5)
    });
    Ok(Taken { ours, raw })
}

fn timed(emit: impl FnOnce() -> Result<()>) -> Result<f64> {
    let began = Instant::now();
    emit()?;
    Ok(began.elapsed().as_secs_f64() * 1e6)
}

/// A caller that parks until its event is acknowledged.
struct Ours {
    transport: AsyncHttpTransport,
    event: TypedEvent,
}

impl Ours {
    fn new(address: SocketAddr) -> Result<Self> {
        let [start, _] = typed::pair(0)?;
        Ok(Self { transport: super::transport(address)?, event: start.into() })
    }

    fn emit(&self) -> Result<()> {
        let delivered = blocking::deliver(&self.transport, self.event.encode()?, Deadline::after(PATIENCE))?;
        ensure!(delivered.is_some(), "an event was skipped");
        Ok(())
    }
}

/// The same event as a plain struct, written to one socket, whose reply is read.
struct Raw {
    stream: TcpStream,
    address: SocketAddr,
    event: Event,
    request: raw::Request,
}

impl Raw {
    fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).context("cannot connect to the sink")?;
        stream.set_nodelay(true)?;
        let [start, _] = Event::pair(1);
        Ok(Self { stream, address, event: start, request: raw::Request::default() })
    }

    fn emit(&mut self) -> Result<()> {
        self.stream.write_all(self.request.write(self.address, &self.event)?).context("cannot write a request")?;
        let (mut reply, mut held) = ([0; raw::REPLY_ROOM], 0);
        while !raw::is_whole(&reply[..held])? {
            let read = self.stream.read(&mut reply[held..]).context("cannot read a reply")?;
            ensure!(read > 0, "the connection ended within a reply");
            held += read;
        }
        Ok(())
    }
}
