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

    /// Stood in the line of a parent process, where nobody can seat this one.
    fn is_inherited(&self) -> bool {
        self.session.pid != process::id()
    }
}

impl<D: Deliver> Future for InLine<D> {
    type Output = Result<(), EmitError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let lost = || Err(EmitError::refused(EmitErrorKind::WorkerLost));
        if self.is_inherited() {
            return Poll::Ready(lost());
        }
        let told = ready!(Pin::new(&mut self.seated).poll(cx));
        self.told = true;
        Poll::Ready(told.unwrap_or_else(|_| lost()))
    }
}

impl<D: Deliver> Drop for InLine<D> {
    fn drop(&mut self) {
        if !self.told && !self.is_inherited() {
            self.session.withdraw(self.place);
        }
    }
}
