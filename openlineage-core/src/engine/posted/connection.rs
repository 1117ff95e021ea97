use std::sync::{Arc, Weak};

use super::session::PostSession;
use crate::engine::connect::Connect;
use crate::engine::{Post, Reports};
use crate::error::Fault;
use crate::lifecycle::Deadline;

/// A destination that events are posted to.
#[derive(Debug)]
pub(super) struct ByPost<P>(pub(super) P);

/// One connection, told from others by its number.
pub(in crate::engine) struct Posting<P: Post> {
    pub(super) number: u32,
    pub(super) connection: P::Connection,
    pub(super) reports: Reports,
}

impl<P: Post> Connect for ByPost<P> {
    type Connection = Arc<Posting<P>>;
    type Context = Weak<PostSession<P>>;

    async fn open(&self, session: &Weak<PostSession<P>>, until: Deadline) -> Result<Self::Connection, Fault> {
        let connection = self.0.open(until).await?;
        let reports = Reports(session.clone());
        let posting = |number| Arc::new(Posting { number, connection, reports });
        match session.upgrade() {
            Some(session) => Ok(session.attend(posting)),
            None => Ok(posting(0)),
        }
    }

    async fn shut(&self, posting: &Self::Connection, until: Deadline) {
        self.0.shut(&posting.connection, &posting.reports, until).await;
    }
}
