use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::callers::Callers;
use super::events::{event, number};
use super::harness::{Capabilities, Harness, Setup};
use super::sink::{Answer, Sink};
use super::verdict::{Outcome, Stop, broken, ensure, same};
use crate::error::EmitError;
use crate::event::EncodedEvent;
use crate::lifecycle::{CloseReport, Deadline, Tally};
use crate::queue::Limits;
use crate::runtime::park_until;
use crate::transport::{Receipt, Transport, TransportExt};

/// Added to every upper bound: what a loaded machine may need to wake a thread.
pub(super) const SLACK: Duration = Duration::from_millis(250);

/// A deadline that a check means to reach.
pub(super) const SHORT: Duration = Duration::from_millis(200);

/// A deadline that a check does not mean to reach.
pub(super) const LONG: Duration = Duration::from_secs(5);

/// How long a flush or a close gets to return too early.
pub(super) const TOO_EARLY: Duration = Duration::from_millis(60);

type Build = Box<dyn Fn(Setup) -> Arc<dyn Transport> + Send + Sync>;
type Sharers = Box<dyn Fn(Setup) -> Option<[Arc<dyn Transport>; 2]> + Send + Sync>;
type Wrap = Box<dyn Fn(Arc<dyn Transport>) -> Option<Arc<dyn Transport>> + Send + Sync>;

/// One sink and the means to build transports for it: what every check gets.
pub(super) struct Stage {
    pub(super) sink: Arc<dyn Sink>,
    pub(super) can: Capabilities,
    build: Build,
    pub(super) wrap: Wrap,
    pub(super) sharers: Sharers,
    numbers: AtomicU64,
}

impl Stage {
    pub(super) fn new<H: Harness>(harness: H) -> Self {
        let sink = Arc::new(harness.sink());
        let harness = Arc::new(harness);
        let can = harness.capabilities();
        let (builder, to, wrapper) = (Arc::clone(&harness), Arc::clone(&sink), Arc::clone(&harness));
        let (sharer, shared) = (harness, Arc::clone(&sink));
        Self {
            sink,
            can,
            build: Box::new(move |setup| builder.transport(&to, setup)),
            wrap: Box::new(move |inner| wrapper.wrap(inner)),
            sharers: Box::new(move |setup| sharer.sharers(&shared, setup)),
            numbers: AtomicU64::new(1),
        }
    }

    /// A transport with the setup that most checks use.
    pub(super) fn transport(&self) -> Arc<dyn Transport> {
        self.build(Setup::default())
    }

    pub(super) fn build(&self, setup: Setup) -> Arc<dyn Transport> {
        (self.build)(setup)
    }

    /// Ends the check as not applicable unless the harness declares `capability`.
    pub(super) fn need(&self, declared: bool, capability: &str) -> Outcome {
        if declared { Ok(()) } else { Err(Stop::Missing(format!("the harness does not declare `{capability}`"))) }
    }

    /// Ends the check as not applicable where the transport's end is not the end of what it holds.
    pub(super) fn need_an_end(&self) -> Outcome {
        if self.can.outlived { Err(Stop::Missing("it is a share of what outlives it".to_owned())) } else { Ok(()) }
    }

    pub(super) fn script(&self, first: &[Answer], then: Answer) -> Outcome {
        self.need(self.can.answers, "answers")?;
        self.sink.script(first, then);
        Ok(())
    }

    /// The next event; no two of one stage are alike.
    pub(super) fn event(&self) -> Outcome<EncodedEvent> {
        event(self.number())
    }

    /// The number of the next event or run.
    pub(super) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn events(&self, count: usize) -> Outcome<Vec<EncodedEvent>> {
        (0..count).map(|_| self.event()).collect()
    }

    /// Emits one event and waits for its fate.
    pub(super) fn emit(&self, transport: &Arc<dyn Transport>) -> Outcome<Result<Option<Receipt>, EmitError>> {
        self.emit_until(transport, Deadline::after(LONG))
    }

    pub(super) fn emit_until(
        &self,
        transport: &Arc<dyn Transport>,
        until: Deadline,
    ) -> Outcome<Result<Option<Receipt>, EmitError>> {
        block("emit", LONG + SLACK, transport.deliver(self.event()?, until))
    }

    /// Emits so many events that must all be delivered.
    pub(super) fn deliver(&self, transport: &Arc<dyn Transport>, count: usize) -> Outcome {
        for _ in 0..count {
            if let Err(error) = self.emit(transport)? {
                return broken(format!("a healthy sink, and emit says: {error}"));
            }
        }
        Ok(())
    }

    /// `count` events that the transport has accepted and the sink holds back.
    pub(super) fn held(&self, transport: &Arc<dyn Transport>, count: usize) -> Outcome<Callers> {
        self.script(&[], Answer::Stall)?;
        self.pending(transport, count)
    }

    /// `count` events on their way to a sink that holds back at least as many.
    pub(super) fn pending(&self, transport: &Arc<dyn Transport>, count: usize) -> Outcome<Callers> {
        let before = self.sink.log().attempts.len();
        let callers = Callers::start(transport, self.events(count)?, Deadline::never())?;
        if self.can.confirms_each {
            self.wait("every event to reach the sink", |log| log.attempts.len() >= before + count)?;
        } else {
            callers.all_queued(count, LONG)?;
        }
        Ok(callers)
    }

    /// A transport whose queue has room for so many events, and that many which the sink holds back.
    pub(super) fn full(&self, events: usize) -> Outcome<(Arc<dyn Transport>, Callers)> {
        let transport = self.limited(Limits { events, concurrent: events, ..Limits::default() });
        self.script(&[], Answer::Stall)?;
        let before = self.sink.log().attempts.len();
        let callers = Callers::start(&transport, self.events(events)?, Deadline::never())?;
        self.wait("the queue to be full", |log| log.attempts.len() >= before + events)?;
        Ok((transport, callers))
    }

    pub(super) fn limited(&self, limits: Limits) -> Arc<dyn Transport> {
        self.build(Setup { limits, ..Setup::default() })
    }

    pub(super) fn wait(&self, what: &str, mut enough: impl FnMut(&super::sink::Log) -> bool) -> Outcome {
        let came = self.sink.wait(&mut enough, LONG);
        ensure(came, || format!("waited {LONG:?} in vain for {what}; the sink has {}", self.summary()))
    }

    /// How many accepted events the sink has, once there are `count` of them.
    pub(super) fn arrives(&self, count: usize) -> Outcome {
        self.wait(&format!("{count} events to arrive"), |log| log.arrived().count() >= count)
    }

    /// The numbers of the events that the sink has taken, in order of arrival.
    pub(super) fn arrived(&self) -> Vec<u64> {
        self.sink.log().arrived().filter_map(|attempt| number(&attempt.body)).collect()
    }

    fn summary(&self) -> String {
        let log = self.sink.log();
        format!("{} attempts, {} accepted, {} held", log.attempts.len(), log.arrived().count(), log.held())
    }
}

/// Polls `future` on this thread for at most `limit`.
pub(super) fn block<T>(what: &str, limit: Duration, future: impl Future<Output = T>) -> Outcome<T> {
    let outcome = park_until(future, Deadline::after(limit));
    outcome.map_or_else(|| broken(format!("{what} did not return within {limit:?}")), Ok)
}

/// Closes with so much time, and demands that it is kept.
pub(super) fn close_within(transport: &Arc<dyn Transport>, limit: Duration) -> Outcome<CloseReport> {
    block("close", limit + SLACK, transport.close(Deadline::after(limit)))
}

/// Every accepted event has one fate.
pub(super) fn sum_holds(tally: Tally) -> Outcome {
    let fates = tally.delivered + tally.failed + tally.abandoned;
    ensure(tally.accepted == fates, || format!("{} accepted, but {fates} settled: {tally:?}", tally.accepted))
}

/// Two reports of one closing.
pub(super) fn same_report(first: &CloseReport, second: &CloseReport) -> Outcome {
    let parts = |report: &CloseReport| (report.info.clone(), report.ended, report.tally, report.took);
    same("a report of the same closing", parts(second), parts(first))
}
