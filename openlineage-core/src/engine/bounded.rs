use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use crate::lifecycle::Deadline;

/// `work` until `until`, `None` if it took longer. Polled at least once, however late it is.
pub(super) async fn within<T>(until: Deadline, work: impl Future<Output = T>) -> Option<T> {
    match until.instant() {
        None => Some(work.await),
        Some(at) => tokio::time::timeout_at(at.into(), work).await.ok(),
    }
}

/// The outcome of `work`, or `None` if `stop` comes first.
pub(crate) async fn first<T>(work: impl Future<Output = T>, stop: impl Future<Output = ()>) -> Option<T> {
    let (mut work, mut stop) = (pin!(work), pin!(stop));
    poll_fn(|cx| {
        if let Poll::Ready(outcome) = work.as_mut().poll(cx) {
            return Poll::Ready(Some(outcome));
        }
        stop.as_mut().poll(cx).map(|()| None)
    })
    .await
}
