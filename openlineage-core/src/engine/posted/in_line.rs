use std::future::Future;
use std::pin::Pin;
use std::process;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::sync::oneshot::Receiver;

use super::session::{PostSession, Seat};
use crate::engine::Post;
use crate::error::{EmitError, EmitErrorKind};

/// A caller's wait for room. Dropped early, it leaves the line, unless the event has been accepted meanwhile.
pub(super) struct InLine<P: Post> {
    session: Arc<PostSession<P>>,
    place: u64,
    seated: Receiver<Seat<P>>,
    told: bool,
}

impl<P: Post> InLine<P> {
    pub(super) fn new(session: &Arc<PostSession<P>>, place: u64, seated: Receiver<Seat<P>>) -> Self {
        Self { session: Arc::clone(session), place, seated, told: false }
    }

    /// Stood in the line of a parent process, where nobody can seat this one.
    fn is_inherited(&self) -> bool {
        self.session.base.pid != process::id()
    }
}

impl<P: Post> Future for InLine<P> {
    type Output = Seat<P>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Seat<P>> {
        let lost = || Seat::Refused(EmitError::refused(EmitErrorKind::WorkerLost));
        if self.is_inherited() {
            return Poll::Ready(lost());
        }
        let seat = ready!(Pin::new(&mut self.seated).poll(cx));
        self.told = true;
        Poll::Ready(seat.unwrap_or_else(|_| lost()))
    }
}

impl<P: Post> Drop for InLine<P> {
    fn drop(&mut self) {
        if !self.told && !self.is_inherited() {
            self.session.leave(self.place);
        }
    }
}
