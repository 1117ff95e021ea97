//! Tokens that a destination asks for and that grow old.

use std::fmt;
use std::time::SystemTime;

use async_trait::async_trait;

use crate::config::Secret;
use crate::error::BoxError;
use crate::lifecycle::Deadline;

/// Gets tokens for a transport: from an identity provider, a cloud's metadata service, a file that somebody rotates.
///
/// A transport asks on the worker, one call at a time, before it needs a token and never by a timer of its own. The future
/// must not block the thread that polls it, and may be dropped.
#[async_trait]
pub trait TokenProvider: fmt::Debug + Send + Sync + 'static {
    /// A token that is fresh, by `until`.
    ///
    /// # Errors
    ///
    /// Why there is none. It must not contain a secret: it is shown.
    async fn token(&self, until: Deadline) -> Result<Token, BoxError>;
}

/// A token and how long it is good for.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct Token {
    /// What is sent.
    pub value: Secret,
    /// Whom it stands for, where a protocol wants to know; else empty.
    pub principal: String,
    /// From when on it is not accepted any more.
    pub expires_at: SystemTime,
}

impl Token {
    /// A token that is good until then.
    #[must_use]
    pub fn new(value: impl Into<Secret>, expires_at: SystemTime) -> Self {
        Self { value: value.into(), principal: String::new(), expires_at }
    }

    /// The same, and whom it stands for.
    #[must_use]
    pub fn of_principal(mut self, principal: impl Into<String>) -> Self {
        self.principal = principal.into();
        self
    }
}
