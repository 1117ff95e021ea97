use std::sync::Arc;

use openlineage_core::lifecycle::{State, Stats};
use openlineage_core::transport::Transport;

use crate::fence::guarded;

/// A child of a composite. What it is asked may panic; then it has nothing to say.
#[derive(Debug)]
pub(crate) struct Leg {
    pub(crate) label: Arc<str>,
    pub(crate) transport: Arc<dyn Transport>,
}

impl Leg {
    pub(crate) fn new(transport: Arc<dyn Transport>) -> Self {
        let label = guarded(|| transport.info().to_string()).unwrap_or_default();
        Self { label: label.into(), transport }
    }

    pub(crate) fn state(&self) -> State {
        guarded(|| self.transport.state()).unwrap_or(State::New)
    }

    pub(crate) fn stats(&self) -> Stats {
        guarded(|| self.transport.stats()).unwrap_or_default()
    }
}
