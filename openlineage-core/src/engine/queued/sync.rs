//! The lock of the [shell](super::shell). A module of its own, so that a test can compile the shell with another one.

pub(super) use std::sync::{Mutex, MutexGuard, PoisonError};
