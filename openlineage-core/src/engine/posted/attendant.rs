use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::connection::{ByPost, Posting};
use super::desk::Overdue;
use super::session::{Caller, PostSession, full};
use crate::engine::Post;
use crate::engine::accepted::Accepted;
use crate::engine::bounded::{first, within};
use crate::engine::fence::{fenced, guarded};
use crate::engine::session::{Running, Tasks, shut};
use crate::error::{EmitError, Fault};
use crate::lifecycle::Deadline;

/// How long a connection that cannot be used any more may take to go.
const GRACE: Duration = Duration::from_secs(1);

/// Serves one connection on the worker: what the destination reports, and what is due.
pub(super) struct Attendant<P: Post> {
    session: Arc<PostSession<P>>,
    posting: Arc<Posting<P>>,
    _running: Running<ByPost<P>>,
    is_over: bool,
}

impl<P: Post> Attendant<P> {
    pub(super) fn new(session: &Arc<PostSession<P>>, posting: &Arc<Posting<P>>) -> Self {
        let _running = Tasks::enter(&session.base);
        Self { session: Arc::clone(session), posting: Arc::clone(posting), _running, is_over: false }
    }

    pub(super) async fn run(mut self) {
        let (session, posting) = (&self.session, &self.posting);
        let serving =
            fenced(async { Err::<(), _>(session.destination().serve(&posting.connection, &posting.reports).await) });
        let stopped = async {
            first(self.keep(), session.base.tasks.cancelled()).await;
        };
        if let Some(Err(fault)) = first(serving, stopped).await {
            self.retire(fault).await;
        }
        self.is_over = true;
    }

    /// Ends what is due, whenever something is. Never returns.
    async fn keep(&self) {
        loop {
            let (overdue, next) = self.look();
            overdue.into_iter().for_each(|ended| self.end(ended));
            let due = async {
                match next {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => pending().await,
                }
            };
            first(due, self.session.nudge.notified()).await;
        }
    }

    fn look(&self) -> (Vec<Overdue<Accepted, Caller<P>>>, Option<Instant>) {
        let mut desk = self.session.desk();
        (desk.overdue(Instant::now()), desk.set_alarm())
    }

    fn end(&self, ended: Overdue<Accepted, Caller<P>>) {
        match ended {
            Overdue::Event(accepted) => {
                let fault = guarded(|| Ok(self.session.destination().overdue(&self.posting.connection)));
                accepted.settle(Err(self.session.failed(fault.unwrap_or_else(|panic| panic))));
            }
            Overdue::Caller(caller) => {
                let error = full(&*self.session.desk());
                caller.refuse(error.kind().clone());
            }
        }
    }

    fn forget(&self) -> (Vec<Accepted>, Vec<Caller<P>>) {
        let mut desk = self.session.desk();
        (desk.forget(self.posting.number), desk.dismiss())
    }

    /// The connection cannot be used any more: what was posted to it has failed, and the next event makes another one.
    async fn retire(&self, fault: Fault) {
        let (session, posting) = (&self.session, &self.posting);
        tracing::warn!(transport = %session.base.shape.info, %fault, "the connection has ended and is made again");
        let open = session.base.take_open_if(|open| Arc::ptr_eq(&open.connection, posting));
        let (lost, line) = self.forget();
        session.tell_all(lost, &EmitError::failed(fault, 1));
        line.into_iter().for_each(|caller| caller.begin_again());
        let until = Deadline::after(GRACE);
        let _late_or_faulted = within(until, fenced(shut(&session.base.shape.destination, posting, until))).await;
        // With its lease, which keeps the worker until here.
        drop(open);
    }
}

impl<P: Post> Drop for Attendant<P> {
    fn drop(&mut self) {
        if !self.is_over {
            self.session.fault();
        }
    }
}
