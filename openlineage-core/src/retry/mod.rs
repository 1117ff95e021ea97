//! When to try again, and when to stop: one policy, one loop.
//!
//! A destination classifies its failures ([`Fault`]); nothing else decides about repeating them. The loop never sleeps
//! past the deadline it was given: if the next pause would, it ends at once with what is known.

mod policy;

use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use policy::RetryPolicy;
pub(crate) use policy::Spent;

use crate::error::{Disposition, EmitError, EmitErrorKind, Fault};
use crate::lifecycle::Deadline;

/// One event's attempts: how many there were and how the last one failed, for whoever has to end them from outside.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<(u32, Option<Fault>)>);

impl Attempts {
    /// Runs `attempt` until it succeeds, may not be repeated, or no time is left. `Ok` is the number of attempts.
    ///
    /// `attempt` gets the moment by which it must be over. Must be polled in a tokio context, for its timer.
    ///
    /// # Errors
    ///
    /// The last fault, with fate Failed and the number of attempts made.
    pub(crate) async fn run<F>(
        &self,
        policy: &RetryPolicy,
        until: Deadline,
        mut attempt: impl FnMut(Deadline) -> F,
    ) -> Result<u32, EmitError>
    where
        F: Future<Output = Result<(), Fault>>,
    {
        let mut spent = Spent::default();
        loop {
            let last = self.record(spent.attempts + 1, None);
            let limit = policy.attempt_timeout.map_or(until, |limit| until.sooner(Deadline::after(limit)));
            let fault = match attempt(limit).await {
                Ok(()) => return Ok(spent.attempts + 1),
                Err(fault) => fault,
            };
            match policy.next(&mut spent, &fault, until.remaining()) {
                Next::Stop(disposition) => {
                    let fault = explained(fault, last).with_disposition(disposition);
                    return Err(EmitError::failed(fault, spent.attempts));
                }
                Next::Retry(pause) => {
                    tracing::debug!(attempt = spent.attempts, %fault, ?pause, "attempt failed, will try again");
                    self.record(spent.attempts, Some(fault));
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    /// The error of an event that is given up now: between two attempts it names the failure of the last one.
    pub(crate) fn abandon(&self, kind: EmitErrorKind) -> EmitError {
        let (attempts, last) = std::mem::take(&mut *self.lock());
        let fault = match last {
            Some(last) => Fault::new(kind).sent(last.was_sent()).because(last),
            None => Fault::new(kind),
        };
        EmitError::abandoned(fault, attempts)
    }

    /// Returns the failure recorded before.
    fn record(&self, attempts: u32, fault: Option<Fault>) -> Option<Fault> {
        std::mem::replace(&mut *self.lock(), (attempts, fault)).1
    }

    fn lock(&self) -> MutexGuard<'_, (u32, Option<Fault>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A time-out says nothing about the destination; the failure before it does.
fn explained(fault: Fault, last: Option<Fault>) -> Fault {
    match last {
        Some(last) if *fault.kind() == EmitErrorKind::Timeout => fault.because(last),
        _ => fault,
    }
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Next {
    Retry(Duration),
    Stop(Disposition),
}
