use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::Transport;
use crate::config::{ConfigError, Registry, TransportSpec};
use crate::lifecycle::{CloseReport, Deadline};

/// Where transports come from: made anew for each caller, or shared between callers.
///
/// Whatever builds transports from configuration asks a source instead of a factory, so that sharing can be switched on
/// in one place and nothing in between has to know.
#[async_trait]
pub trait TransportSource: fmt::Debug + Send + Sync + 'static {
    /// The transport that `spec` describes. Starts nothing.
    ///
    /// # Errors
    ///
    /// What the factory of its kind found wrong with the configuration, or that there is no such kind.
    fn get(&self, spec: &TransportSpec, registry: &Registry) -> Result<Arc<dyn Transport>, ConfigError>;

    /// Closes what the source itself keeps, and reports on each. Default: it keeps nothing.
    async fn shutdown(&self, _until: Deadline) -> Vec<CloseReport> {
        Vec::new()
    }
}

/// The source that shares nothing: each call builds a new transport.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fresh;

impl TransportSource for Fresh {
    fn get(&self, spec: &TransportSpec, registry: &Registry) -> Result<Arc<dyn Transport>, ConfigError> {
        registry.build(spec, self)
    }
}
