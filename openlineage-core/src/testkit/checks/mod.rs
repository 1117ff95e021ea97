//! The checks, by family. Each gets a stage with a fresh sink and ends early as soon as a promise is broken.

pub(super) mod account;
pub(super) mod close;
pub(super) mod drops;
pub(super) mod executor;
pub(super) mod flush;
pub(super) mod forked;
pub(super) mod idle;
pub(super) mod life;
pub(super) mod order;
pub(super) mod queue;
pub(super) mod race;
pub(super) mod release;
pub(super) mod retry;
pub(super) mod secret;
pub(super) mod shared;
pub(super) mod wrap;
