//! Emission that nobody waits for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Waker};

use crate::client::Client;
use crate::model::{RunEvent, RunId};
use crate::runtime::Runtime;

type Emission = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Hands over the event that `make` makes, as far as that goes without waiting; the worker does the rest.
///
/// Neither waits nor panics, for it is called from a drop: encoding runs code of the host's facets.
pub(super) fn emit(client: &Client, kind: &'static str, run: &RunId, make: impl FnOnce() -> RunEvent) {
    let handed = catch_unwind(AssertUnwindSafe(|| {
        tracing::warn!(%run, "a run was dropped without an end, {kind} is sent");
        let (client, event, run) = (client.clone(), make(), run.clone());
        let mut emission: Emission = Box::pin(async move {
            if let Err(error) = client.emit(event).await {
                tracing::warn!(%run, %error, "{kind} of a dropped run was not handed over");
            }
        });
        if emission.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            go_on(emission);
        }
    }));
    // The panic hook has told the host what there is to tell.
    drop(handed);
}

/// The lease stays with the work, so that the worker lives as long as that.
fn go_on(emission: Emission) {
    match Runtime::shared().lease() {
        Ok(lease) => {
            let held = lease.clone();
            lease.take_on(move || async move {
                emission.await;
                drop(held);
            });
        }
        Err(error) => tracing::warn!(%error, "the last event of a dropped run was not handed over"),
    }
}
