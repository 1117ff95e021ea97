use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use openlineage_core::lifecycle::{CloseReport, Deadline, Ended};
use openlineage_core::transport::{Transport, TransportInfo};

use crate::fence::{Fenced, guarded};

/// Transports that are closed together: one report for each, whatever the others do.
pub(crate) struct Closings(Vec<Closing>);

struct Closing {
    transport: Arc<dyn Transport>,
    call: Option<Fenced<CloseReport>>,
    report: Option<CloseReport>,
}

impl Closings {
    pub(crate) fn of(transports: &[Arc<dyn Transport>]) -> Self {
        let closing = |transport| Closing { transport: Arc::clone(transport), call: None, report: None };
        Self(transports.iter().map(closing).collect())
    }

    /// Closes those that have not ended. A repetition can only shorten their time.
    pub(crate) fn begin(&mut self, until: Deadline) {
        for closing in self.0.iter_mut().filter(|closing| closing.report.is_none()) {
            let transport = Arc::clone(&closing.transport);
            closing.call = Some(Fenced::new(async move { transport.close(until).await }));
        }
    }

    /// For those that do not have to wait. `true` if that is all of them.
    pub(crate) fn poll_once(&mut self) -> bool {
        Pin::new(self).poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    /// One report for each, in their order. One that has not ended in time has abandoned what it had pending.
    pub(crate) fn into_reports(self) -> Vec<CloseReport> {
        self.0.into_iter().map(Closing::into_report).collect()
    }
}

/// Ready when all of them have ended.
impl Future for Closings {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut pending = false;
        for closing in &mut self.0 {
            pending |= closing.poll(cx).is_pending();
        }
        if pending { Poll::Pending } else { Poll::Ready(()) }
    }
}

impl Closing {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(call) = &mut self.call else { return Poll::Ready(()) };
        let Poll::Ready(said) = Pin::new(call).poll(cx) else { return Poll::Pending };
        self.call = None;
        self.report = Some(said.unwrap_or_else(|_panicked| given_up(&*self.transport, Ended::Faulted)));
        Poll::Ready(())
    }

    fn into_report(mut self) -> CloseReport {
        // It may have ended together with the deadline.
        let _ended = self.poll(&mut Context::from_waker(Waker::noop()));
        self.report.unwrap_or_else(|| given_up(&*self.transport, Ended::DeadlineReached))
    }
}

/// The report of a transport that gives none.
fn given_up(transport: &dyn Transport, ended: Ended) -> CloseReport {
    let info = guarded(|| transport.info().clone()).unwrap_or_else(|_| TransportInfo::new("unknown"));
    let mut tally = guarded(|| transport.stats().tally).unwrap_or_default();
    tally.abandoned += tally.pending();
    CloseReport::new(info, ended, tally, Duration::ZERO)
}
