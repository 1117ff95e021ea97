use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Notify;

use crate::session::Session;

/// How many of something there are, and a wait for none.
#[derive(Default)]
pub(crate) struct Count {
    now: AtomicUsize,
    none: Notify,
}

/// One of those that are counted.
pub(crate) struct Entered {
    session: Arc<Session>,
    which: fn(&Session) -> &Count,
}

impl Count {
    pub(crate) fn enter(&self, session: &Arc<Session>, which: fn(&Session) -> &Count) -> Entered {
        self.now.fetch_add(1, Ordering::AcqRel);
        Entered { session: Arc::clone(session), which }
    }

    pub(crate) async fn none(&self) {
        loop {
            let changed = self.none.notified();
            if self.now.load(Ordering::Acquire) == 0 {
                return;
            }
            changed.await;
        }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let count = (self.which)(&self.session);
        if count.now.fetch_sub(1, Ordering::AcqRel) == 1 {
            count.none.notify_waiters();
        }
    }
}

/// Something that happens once.
#[derive(Default)]
pub(crate) struct Flag {
    up: AtomicBool,
    changed: Notify,
}

impl Flag {
    pub(crate) fn raise(&self) {
        self.up.store(true, Ordering::Release);
        self.changed.notify_waiters();
    }

    pub(crate) async fn raised(&self) {
        loop {
            let changed = self.changed.notified();
            if self.up.load(Ordering::Acquire) {
                return;
            }
            changed.await;
        }
    }
}
