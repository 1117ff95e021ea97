use std::future::Future;

use crate::lifecycle::Deadline;

/// `work` until `until`, `None` if it took longer. Polled at least once, however late it is.
pub(super) async fn within<T>(until: Deadline, work: impl Future<Output = T>) -> Option<T> {
    match until.instant() {
        None => Some(work.await),
        Some(at) => tokio::time::timeout_at(at.into(), work).await.ok(),
    }
}
