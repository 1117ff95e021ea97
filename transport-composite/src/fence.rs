use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use openlineage_core::lifecycle::Deadline;

/// A call of somebody else's code: what it says, or that it has panicked.
pub(crate) struct Fenced<T>(Option<Pin<Box<dyn Future<Output = T> + Send>>>);

/// That code panicked, and what it had to say.
#[derive(Debug)]
pub(crate) struct Panicked(pub(crate) String);

impl<T> Fenced<T> {
    pub(crate) fn new(call: impl Future<Output = T> + Send + 'static) -> Self {
        Self(Some(Box::pin(call)))
    }

    /// Dropping a call runs its code, too.
    fn let_go(&mut self) {
        if let Some(call) = self.0.take() {
            drop(guarded(|| drop(call)));
        }
    }
}

impl<T> Future for Fenced<T> {
    type Output = Result<T, Panicked>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(call) = &mut self.0 else { return Poll::Ready(Err(Panicked("polled after its end".to_owned()))) };
        let polled = match guarded(|| call.as_mut().poll(cx)) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(said)) => Ok(said),
            Err(panicked) => Err(panicked),
        };
        self.let_go();
        Poll::Ready(polled)
    }
}

impl<T> Drop for Fenced<T> {
    fn drop(&mut self) {
        self.let_go();
    }
}

/// Runs code of somebody else's that may panic. What a broken invariant could be seen through is theirs.
pub(crate) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| Panicked(message(&*panic)))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("panicked with a value that is not text").to_owned()
}

/// `work` until `until`, `None` if it took longer. Polled at least once, however late it is; needs a tokio context.
pub(crate) async fn within<T>(until: Deadline, work: impl Future<Output = T>) -> Option<T> {
    match until.instant() {
        None => Some(work.await),
        Some(at) => tokio::time::timeout_at(at.into(), work).await.ok(),
    }
}

/// The outcome of `work`, or `None` if `stop` comes first.
pub(crate) async fn first<T>(work: impl Future<Output = T>, stop: impl Future<Output = ()>) -> Option<T> {
    let (mut work, mut stop) = (std::pin::pin!(work), std::pin::pin!(stop));
    std::future::poll_fn(|cx| {
        if let Poll::Ready(outcome) = work.as_mut().poll(cx) {
            return Poll::Ready(Some(outcome));
        }
        stop.as_mut().poll(cx).map(|()| None)
    })
    .await
}
