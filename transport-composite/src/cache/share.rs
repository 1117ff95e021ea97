use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use async_trait::async_trait;
use openlineage_core::config::{Registry, TransportSpec};
use openlineage_core::error::EmitError;
use openlineage_core::event::EncodedEvent;
use openlineage_core::lifecycle::{CloseReport, Deadline, FlushReport, State, Stats};
use openlineage_core::runtime::{ForkCell, Runtime};
use openlineage_core::transport::{Ack, Transport, TransportInfo};

use super::slot::Slot;
use crate::leg::Leg;
use crate::life::{self, end_at_once};
use crate::policy::Policy;
use crate::session::{Role, Session, Shape};

/// One client's view of a transport that others use, too.
#[derive(Debug)]
pub(super) struct Share {
    info: TransportInfo,
    slot: Arc<Slot>,
    runtime: Runtime,
    session: ForkCell<Arc<Session>>,
}

impl Share {
    /// A share of a slot that has been entered for it.
    pub(super) fn of(slot: Arc<Slot>, spec: &TransportSpec, registry: &Registry) -> Self {
        let mut info = slot.info().clone();
        if let Some(name) = spec.name() {
            info = info.named(name);
        }
        Self { info, slot, runtime: registry.runtime().clone(), session: ForkCell::new() }
    }

    fn session(&self) -> &Arc<Session> {
        self.session.get_or_init(|| {
            let leg = Leg { label: "".into(), transport: Arc::clone(&self.slot) as Arc<dyn Transport> };
            Session::new(Arc::new(Shape {
                info: self.info.clone(),
                legs: vec![leg],
                policy: Policy::default(),
                leg_timeout: None,
                breaker: None,
                runtime: self.runtime.clone(),
                role: Role::Share(Arc::clone(&self.slot)),
            }))
        })
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl Transport for Share {
    fn info(&self) -> &TransportInfo {
        &self.info
    }

    fn state(&self) -> State {
        self.session.get().map_or(State::New, |session| session.state())
    }

    /// Its own counts; the queue and the legs of what it shares are shared with everybody.
    fn stats(&self) -> Stats {
        let (own, shared) = (self.session.get().map(|session| session.gate.stats()), self.slot.stats());
        let mut stats = own.unwrap_or_default().with_children(shared.children);
        stats.queue = shared.queue;
        stats
    }

    async fn emit(&self, event: EncodedEvent, until: Deadline) -> Result<Ack, EmitError> {
        self.session().emit(event, until).await
    }

    async fn flush(&self, until: Deadline) -> FlushReport {
        life::flush(self.session(), until).await
    }

    async fn close(&self, until: Deadline) -> CloseReport {
        life::close(self.session(), until).await
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.session.get().is_some_and(|session| session.gate.state() >= State::Closing) {
            return;
        }
        let session = self.session.get();
        let unused = AtomicBool::new(false);
        // In a forked child this counts in the child's own memory; the parent's transport stays as it is.
        let is_end = self.slot.detach(session.map_or(&unused, |session| &session.left));
        let lease = session.and_then(|session| session.drop_lease());
        if is_end {
            let abandoned = self.slot.stats().tally.pending();
            drop(end_at_once(&[Arc::clone(&self.slot) as Arc<dyn Transport>]));
            if let Some(session) = session {
                session.give_up();
            }
            if abandoned > 0 {
                tracing::warn!(transport = %self.info, abandoned, "dropped without close, pending events are lost");
            }
        }
        drop(lease);
    }
}
