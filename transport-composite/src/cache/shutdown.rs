use std::sync::Arc;

use openlineage_core::lifecycle::{CloseReport, Deadline, State};
use openlineage_core::runtime::Runtime;
use openlineage_core::transport::Transport;

use super::slot::Slot;
use crate::life::{Closings, close_together};

/// Closes slots level by level, those first that have others below them. Goes on if it is dropped.
pub(super) async fn shutdown(slots: Vec<Arc<Slot>>, until: Deadline) -> Vec<CloseReport> {
    slots.iter().for_each(|slot| slot.end());
    let started = slots.iter().any(|slot| slot.state() > State::New);
    let lease = if started { Runtime::shared().lease().ok() } else { None };
    let Some(lease) = lease.filter(|lease| !lease.refuses_wait()) else {
        // What has not started has nothing to wait for.
        let mut all = Closings::of(&transports(levels(slots).into_iter().flatten()));
        all.begin(until);
        all.poll_once();
        return all.into_reports();
    };
    let holding = lease.clone();
    let closing = lease.spawn(async move {
        let mut reports = Vec::new();
        let mut levels = levels(slots).into_iter().peekable();
        while let Some(level) = levels.next() {
            let is_last = levels.peek().is_none();
            let half = until.remaining().filter(|_| !is_last).map_or(until, |left| Deadline::after(left / 2));
            reports.extend(close_together(&transports(level.into_iter()), half).await);
        }
        drop(holding);
        reports
    });
    closing.await.unwrap_or_default()
}

/// The slots by their depth, the deepest first.
fn levels(slots: Vec<Arc<Slot>>) -> Vec<Vec<Arc<Slot>>> {
    let deepest = slots.iter().map(|slot| slot.depth()).max().unwrap_or_default();
    let mut levels: Vec<Vec<_>> = (0..=deepest).map(|_| Vec::new()).collect();
    for slot in slots {
        levels[deepest - slot.depth()].push(slot);
    }
    levels
}

fn transports(slots: impl Iterator<Item = Arc<Slot>>) -> Vec<Arc<dyn Transport>> {
    slots.map(|slot| slot as Arc<dyn Transport>).collect()
}
