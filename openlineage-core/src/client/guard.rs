use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::process;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use super::Client;
use crate::lifecycle::{CloseReport, Deadline};
use crate::runtime::{ParkScope, park_until};
use crate::transport::TransportSource;

/// How long past its limit a guard waits for the reports themselves.
const GRACE: Duration = Duration::from_millis(100);

/// Closes clients, and sources of transports, when it is dropped: put one at the top of `main`.
///
/// It covers the return from `main` and a panic that unwinds through it; not `std::process::exit`, nor signals: the
/// example `graceful_exit` of the crate `openlineage` shows how a program handles those. All clients share its one
/// limit, and are closed at the same time. What came of it is logged: at level WARN if events were lost. It never
/// panics, and does nothing in a forked child.
///
/// ```
/// use openlineage_core::client::{Client, Guard, init};
///
/// let client = Client::builder().build()?;
/// let _guard = init(Guard::WITHIN).closing(&client);
/// # Ok::<_, openlineage_core::config::ConfigError>(())
/// ```
#[derive(Debug)]
#[must_use = "dropped at once, it closes at once; bind it to a name"]
pub struct Guard {
    clients: Vec<Client>,
    sources: Vec<Arc<dyn TransportSource>>,
    within: Duration,
    pid: u32,
}

/// A guard that closes within this limit, counted from its drop.
pub fn init(within: Duration) -> Guard {
    Guard { clients: Vec::new(), sources: Vec::new(), within, pid: process::id() }
}

impl Guard {
    /// The usual limit.
    pub const WITHIN: Duration = Duration::from_secs(5);

    /// Closes this client too.
    pub fn closing(mut self, client: &Client) -> Self {
        if !self.clients.iter().any(|known| Arc::ptr_eq(&known.0, &client.0)) {
            self.clients.push(client.clone());
        }
        self
    }

    /// Shuts this source of transports down too.
    pub fn shutting_down(mut self, source: Arc<dyn TransportSource>) -> Self {
        self.sources.push(source);
        self
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.pid != process::id() {
            return;
        }
        // Runs code of transports and of whoever listens to the log; the panic hook has told what there is to tell.
        drop(catch_unwind(AssertUnwindSafe(|| close(&self.clients, &self.sources, self.within))));
    }
}

type Closing<'a> = Pin<Box<dyn Future<Output = Vec<CloseReport>> + Send + 'a>>;

fn close(clients: &[Client], sources: &[Arc<dyn TransportSource>], within: Duration) {
    let until = Deadline::after(within);
    let clients =
        clients.iter().map(|client| -> Closing<'_> { Box::pin(async move { vec![client.close_until(until).await] }) });
    let sources = sources.iter().map(|source| source.shutdown(until));
    let mut closings: Vec<Option<Closing<'_>>> = clients.chain(sources).map(Some).collect();
    let all = poll_fn(|cx| {
        for closing in &mut closings {
            if let Some(Poll::Ready(reports)) = closing.as_mut().map(|closing| closing.as_mut().poll(cx)) {
                *closing = None;
                reports.iter().for_each(log);
            }
        }
        if closings.iter().all(Option::is_none) { Poll::Ready(()) } else { Poll::Pending }
    });
    let scope = ParkScope::enter();
    let ended = park_until(all, Deadline::after(within.saturating_add(GRACE)));
    if scope.was_refused() {
        tracing::warn!("the guard was dropped on the runtime that would have to close, close the client before");
    } else if ended.is_none() {
        tracing::warn!("a client did not close in time");
    }
}

fn log(report: &CloseReport) {
    let (transport, tally, ended) = (&report.info, report.tally, report.ended);
    if report.is_clean() {
        tracing::debug!(%transport, ?ended, ?tally, "closed");
    } else {
        let first_error = report.first_error.as_ref().map(tracing::field::display);
        tracing::warn!(%transport, ?ended, ?tally, first_error, "closed, and events were lost");
    }
    // A composite may have delivered what one of its legs has not.
    report.children.iter().for_each(log);
}
