use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::super::stage::{LONG, Stage, block};
use super::super::verdict::{Outcome, Stop, ensure, same};
use crate::error::EmitError;
use crate::event::EncodedEvent;
use crate::lifecycle::{CloseReport, Deadline, Ended, FlushReport, State, Stats, Tally};
use crate::transport::{Ack, Transport, TransportInfo};

/// W1: every method of a wrapper reaches what it wraps, once, with the deadline it was given.
pub(in super::super) fn forwards(stage: &Stage) -> Outcome {
    let probe = Arc::new(Probe { info: TransportInfo::new("probe"), calls: Mutex::default() });
    let Some(wrapper) = (stage.wrap)(Arc::clone(&probe) as Arc<dyn Transport>) else {
        return Err(Stop::Missing("the transport wraps no other".to_owned()));
    };
    let until = Deadline::after(Duration::from_secs(77));
    let _ = (wrapper.info(), wrapper.state(), wrapper.stats());
    let _ = block("emit", LONG, wrapper.emit(stage.event()?, until))?;
    let _ = block("flush", LONG, wrapper.flush(until))?;
    let _ = block("close", LONG, wrapper.close(until))?;
    let calls = probe.calls.lock().unwrap_or_else(PoisonError::into_inner);
    for method in ["info", "state", "stats"] {
        ensure(calls.iter().any(|(name, _)| *name == method), || {
            format!("{method} does not reach the inner transport")
        })?;
    }
    for method in ["emit", "flush", "close"] {
        let deadlines: Vec<_> = calls.iter().filter(|(name, _)| *name == method).map(|(_, until)| *until).collect();
        same(&format!("deadlines that {method} handed on"), deadlines, vec![Some(until)])?;
    }
    Ok(())
}

/// Notes what it is asked.
#[derive(Debug)]
struct Probe {
    info: TransportInfo,
    calls: Mutex<Vec<(&'static str, Option<Deadline>)>>,
}

impl Probe {
    fn note(&self, method: &'static str, until: Option<Deadline>) {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push((method, until));
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl Transport for Probe {
    fn info(&self) -> &TransportInfo {
        self.note("info", None);
        &self.info
    }

    fn state(&self) -> State {
        self.note("state", None);
        State::Active
    }

    fn stats(&self) -> Stats {
        self.note("stats", None);
        Stats::default()
    }

    async fn emit(&self, _event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        self.note("emit", Some(until));
        Ok(Ack::Skipped("a probe".into()))
    }

    async fn flush(&self, until: Deadline) -> FlushReport {
        self.note("flush", Some(until));
        FlushReport::new(true, 0)
    }

    async fn close(&self, until: Deadline) -> CloseReport {
        self.note("close", Some(until));
        CloseReport::new(self.info.clone(), Ended::Drained, Tally::default(), Duration::ZERO)
    }
}
