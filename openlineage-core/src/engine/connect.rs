use std::fmt;
use std::future::Future;

use super::Deliver;
use crate::error::Fault;
use crate::lifecycle::Deadline;

/// What the life cycle has to know of a destination, whichever way events are handed to it.
pub(super) trait Connect: fmt::Debug + Send + Sync + 'static {
    type Connection: Send + Sync + 'static;

    /// What one process's life of it adds to the configuration.
    type Context: Send + Sync + 'static;

    fn open(
        &self,
        context: &Self::Context,
        until: Deadline,
    ) -> impl Future<Output = Result<Self::Connection, Fault>> + Send;

    fn shut(&self, connection: &Self::Connection, until: Deadline) -> impl Future<Output = ()> + Send;
}

impl<D: Deliver> Connect for D {
    type Connection = D::Connection;
    type Context = ();

    async fn open(&self, (): &(), until: Deadline) -> Result<Self::Connection, Fault> {
        Deliver::open(self, until).await
    }

    async fn shut(&self, connection: &Self::Connection, until: Deadline) {
        Deliver::shut(self, connection, until).await;
    }
}
