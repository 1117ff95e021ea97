use std::future::Future;
use std::pin::Pin;
use std::process;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::sync::oneshot::Receiver;

use super::session::QueueSession;
use crate::engine::Deliver;
use crate::error::{EmitError, EmitErrorKind};
use crate::queue::Place;

/// A caller's wait for room. Dropped early, it leaves the line, unless the event has been accepted meanwhile.
pub(super) struct InLine<D: Deliver> {
    session: Arc<QueueSession<D>>,
    place: Place,
    seated: Receiver<Result<(), EmitError>>,
    told: bool,
}

impl<D: Deliver> InLine<D> {
    pub(super) fn new(session: &Arc<QueueSession<D>>, place: Place, seated: Receiver<Result<(), EmitError>>) -> Self {
        Self { session: Arc::clone(session), place, seated, told: false }
    }
}

impl<D: Deliver> Future for InLine<D> {
    type Output = Result<(), EmitError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let told = ready!(Pin::new(&mut self.seated).poll(cx));
        self.told = true;
        Poll::Ready(told.unwrap_or_else(|_| Err(EmitError::refused(EmitErrorKind::WorkerLost))))
    }
}

impl<D: Deliver> Drop for InLine<D> {
    fn drop(&mut self) {
        if !self.told && self.session.pid == process::id() {
            self.session.withdraw(self.place);
        }
    }
}
