use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::connection::Posting;
use crate::engine::Post;

/// Holds back what is posted while callers are woken, one after the other, so that the destination gets it together.
///
/// Without it the first of a hundred callers sends its next event before the others are awake, where they share a core,
/// and a destination that batches what it finds sends that event alone.
///
/// Whoever puts it in takes it out, a moment later. Nobody waits for that.
pub(super) struct Cork<P: Post> {
    is_in: AtomicBool,
    held: Mutex<Vec<Outgoing<P>>>,
}

/// An event that was taken on and is to be posted.
pub(super) struct Outgoing<P: Post> {
    pub(super) posting: Arc<Posting<P>>,
    pub(super) parcel: P::Parcel,
    pub(super) number: usize,
}

impl<P: Post> Cork<P> {
    pub(super) fn new() -> Self {
        Self { is_in: AtomicBool::new(false), held: Mutex::default() }
    }

    /// Puts it in. `false`: it is in already, and somebody takes it out.
    pub(super) fn put_in(&self) -> bool {
        !self.is_in.swap(true, Ordering::AcqRel)
    }

    /// Holds an event back if the cork is in, else gives its parcel back.
    pub(super) fn hold(&self, posting: &Arc<Posting<P>>, parcel: P::Parcel, number: usize) -> Option<P::Parcel> {
        if !self.is_in.load(Ordering::Acquire) {
            return Some(parcel);
        }
        let mut held = self.held();
        // It may have been taken out meanwhile, with what was held.
        if !self.is_in.load(Ordering::Acquire) {
            return Some(parcel);
        }
        held.push(Outgoing { posting: Arc::clone(posting), parcel, number });
        None
    }

    /// What was held back so far. The cork stays in until there is nothing, so that nothing overtakes what was held.
    pub(super) fn take(&self) -> Vec<Outgoing<P>> {
        let mut held = self.held();
        self.is_in.store(!held.is_empty(), Ordering::Release);
        mem::take(&mut *held)
    }

    fn held(&self) -> MutexGuard<'_, Vec<Outgoing<P>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
