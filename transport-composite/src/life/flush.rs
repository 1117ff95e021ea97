use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use openlineage_core::lifecycle::{Deadline, FlushReport};

use super::past;
use crate::fence::{Fenced, within};
use crate::session::Session;

/// Waits for the events of the composite, and for the copies of them at the legs.
pub(crate) async fn flush(session: &Arc<Session>, until: Deadline) -> FlushReport {
    let own = session.gate.settled();
    if session.pending() == 0 {
        return FlushReport::new(true, 0);
    }
    let Ok(lease) = session.lease() else { return FlushReport::new(false, session.pending()) };
    if lease.refuses_wait() {
        return FlushReport::new(false, session.pending());
    }
    let legs = Arc::clone(session);
    let waiting = lease.attend(async move {
        // A leg that has not answered a little after the deadline will not.
        let own = within(until, own).await.is_some();
        // What others have with the same transport is theirs to wait for.
        let legs = if legs.shape.is_share() {
            Some(true)
        } else {
            within(past(until, super::GRACE), flush_legs(&legs, until)).await
        };
        own && legs.unwrap_or(false)
    });
    FlushReport::new(waiting.await.unwrap_or(false), session.pending())
}

async fn flush_legs(session: &Session, until: Deadline) -> bool {
    let flush = |transport: Arc<dyn openlineage_core::transport::Transport>| {
        Some(Fenced::new(async move { transport.flush(until).await.settled }))
    };
    let mut calls: Vec<_> = session.legs().map(flush).collect();
    let mut settled = true;
    poll_fn(|cx| {
        for call in &mut calls {
            let Some(Poll::Ready(said)) = call.as_mut().map(|call| Pin::new(call).poll(cx)) else { continue };
            *call = None;
            settled &= said.unwrap_or(false);
        }
        if calls.iter().all(Option::is_none) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    settled
}
