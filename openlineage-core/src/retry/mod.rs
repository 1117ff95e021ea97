//! When to try again, and when to stop: one policy, one loop.
//!
//! A destination classifies its failures ([`Fault`]); nothing else decides about repeating them. The loop never sleeps
//! past the deadline it was given: if the next pause would, it ends at once with what is known.

mod policy;

use std::future::Future;
use std::time::Duration;

pub use policy::RetryPolicy;
use policy::Spent;

use crate::error::{Disposition, EmitError, Fault};
use crate::lifecycle::Deadline;

/// Runs `attempt` until it succeeds, may not be repeated, or no time is left. `Ok` is the number of attempts.
///
/// `attempt` gets the moment by which it must be over. Must be polled in a tokio context, for its timer.
///
/// # Errors
///
/// The last fault, with fate Failed and the number of attempts made.
pub(crate) async fn run<F>(
    policy: &RetryPolicy,
    until: Deadline,
    mut attempt: impl FnMut(Deadline) -> F,
) -> Result<u32, EmitError>
where
    F: Future<Output = Result<(), Fault>>,
{
    let mut spent = Spent::default();
    loop {
        let limit = policy.attempt_timeout.map_or(until, |limit| until.sooner(Deadline::after(limit)));
        let fault = match attempt(limit).await {
            Ok(()) => return Ok(spent.attempts + 1),
            Err(fault) => fault,
        };
        match policy.next(&mut spent, &fault, until.remaining()) {
            Next::Stop(disposition) => {
                return Err(EmitError::failed(fault.with_disposition(disposition), spent.attempts));
            }
            Next::Retry(pause) if pause.is_zero() => {}
            Next::Retry(pause) => tokio::time::sleep(pause).await,
        }
    }
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Next {
    Retry(Duration),
    Stop(Disposition),
}
