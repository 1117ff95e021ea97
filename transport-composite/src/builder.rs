use std::sync::Arc;
use std::time::Duration;

use openlineage_core::runtime::Runtime;
use openlineage_core::transport::{Transport, TransportInfo};

use crate::breaker::CircuitBreaker;
use crate::leg::Leg;
use crate::policy::Policy;
use crate::session::{Role, Shape};
use crate::transport::CompositeTransport;

pub(crate) const KIND: &str = "composite";

/// Sets up a [`CompositeTransport`].
#[must_use]
#[derive(Debug)]
pub struct CompositeBuilder {
    shape: Shape,
}

impl CompositeBuilder {
    pub(crate) fn new() -> Self {
        Self {
            shape: Shape {
                info: TransportInfo::new(KIND),
                legs: Vec::new(),
                policy: Policy::default(),
                leg_timeout: None,
                breaker: None,
                runtime: Runtime::shared(),
                role: Role::Composite,
            },
        }
    }

    /// Adds a leg, called in receipts by its own name or kind. It ends with the composite.
    pub fn leg(mut self, transport: Arc<dyn Transport>) -> Self {
        self.shape.legs.push(Leg::new(transport));
        self
    }

    /// Adds a leg, called so in receipts. It ends with the composite.
    pub fn named_leg(mut self, name: impl Into<Arc<str>>, transport: Arc<dyn Transport>) -> Self {
        self.shape.legs.push(Leg { label: name.into(), transport });
        self
    }

    /// Hands an event to the next leg after one has failed, and counts it as delivered if any has delivered it. Default
    /// true.
    pub fn continue_on_failure(mut self, goes_on: bool) -> Self {
        self.shape.policy.continue_on_failure = goes_on;
        self
    }

    /// Hands an event to the next leg after one has delivered it. Default true.
    pub fn continue_on_success(mut self, goes_on: bool) -> Self {
        self.shape.policy.continue_on_success = goes_on;
        self
    }

    /// Gives each leg at most so long for an event. Default: a share of the caller's time, see [`CompositeTransport`].
    pub fn leg_timeout(mut self, limit: Duration) -> Self {
        self.shape.leg_timeout = Some(limit);
        self
    }

    /// Puts a circuit breaker before each leg. Default: none.
    pub fn circuit_breaker(mut self, breaker: CircuitBreaker) -> Self {
        self.shape.breaker = Some(breaker);
        self
    }

    /// Works on this runtime.
    pub fn runtime(mut self, runtime: Runtime) -> Self {
        self.shape.runtime = runtime;
        self
    }

    pub(crate) fn info(mut self, info: TransportInfo) -> Self {
        self.shape.info = info;
        self
    }

    /// The transport. Starts nothing. Without legs it skips every event.
    #[must_use]
    pub fn build(self) -> CompositeTransport {
        CompositeTransport::new(self.shape)
    }
}
