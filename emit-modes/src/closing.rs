//! The end of an emitter: what is under way is waited for, then the client is closed.

use std::sync::Arc;
use std::time::Duration;

use openlineage_core::blocking::park;
use openlineage_core::error::EmitError;
use openlineage_core::lifecycle::{CloseReport, Closing, Deadline, Ended, FlushReport};

use crate::session::{Means, Session};
use crate::wait::{Waiter, lease, refuse_on, refuse_parking};

/// Demands that parking this thread does not stop what would be waited for.
pub(crate) fn may_park(session: &Session) -> Result<(), EmitError> {
    refuse_parking()?;
    if let Means::Task(tasks) = &session.means
        && session.gate.stats().tally.pending() > 0
    {
        refuse_on(&lease(&tasks.runtime)?)?;
    }
    let transport = session.transport();
    park(transport, transport.flush(Deadline::now()), Deadline::never()).map(drop)
}

/// Waits until what was taken on before is settled, here and at the transport.
pub(crate) async fn flush(session: &Session, until: Deadline, waiter: Waiter<'_>) -> Result<FlushReport, EmitError> {
    let transport = session.transport();
    let settled = waiter.until(transport, session.gate.settled(), until).await?.is_some();
    let below = transport.flush(until).await;
    let pending = session.gate.stats().tally.pending().max(below.pending);
    Ok(FlushReport::new(settled && below.settled, pending))
}

/// Refuses what comes, waits for what is there, gives up the rest, closes the client.
pub(crate) async fn shut(
    session: &Arc<Session>,
    until: Deadline,
    waiter: Waiter<'_>,
) -> Result<CloseReport, EmitError> {
    let gate = &session.gate;
    match gate.begin_close(until) {
        Closing::Begun => {
            let drained = waiter.until(session.transport(), gate.settled(), until).await?.is_some();
            if !drained {
                gate.abandon();
            }
            let child = session.client.close_until(until).await;
            gate.finish(if drained { Ended::Drained } else { Ended::DeadlineReached }, vec![child]);
            left_behind(session);
        }
        Closing::Joined | Closing::Done(_) => {}
    }
    let closed = gate.clone();
    match waiter.until(session.transport(), async move { closed.closed().await }, until).await? {
        // Whatever was closed before: the client may have come to life again in other hands, or not have been reached.
        Some(report) => Ok(report.with_children(vec![session.client.close_until(until).await])),
        None => {
            let (info, tally) = (session.transport().info().clone(), gate.stats().tally);
            Ok(CloseReport::new(info, Ended::DeadlineReached, tally, Duration::ZERO))
        }
    }
}

fn left_behind(session: &Session) {
    let (threads, _) = session.threads();
    if threads > 0 {
        tracing::warn!(threads, "closed, and work that was left behind still holds its threads");
    }
}
