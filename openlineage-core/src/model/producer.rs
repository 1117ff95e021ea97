//! The producer of the event that this thread encodes, for facets that have none of their own.

use std::cell::RefCell;

use super::uri::Uri;

/// Names this crate as the producer; used where nobody else is named.
pub const DEFAULT_PRODUCER: Uri =
    Uri::from_static(concat!(env!("CARGO_PKG_REPOSITORY"), "/tree/v", env!("CARGO_PKG_VERSION")));

thread_local! {
    // Facets inside a facet are reached through serde, which has no way to hand them an argument.
    static PRODUCER: RefCell<Option<Uri>> = const { RefCell::new(None) };
}

/// Sets the producer until the guard is dropped, then sets back the one before it.
pub(crate) fn enter(producer: &Uri) -> Entered {
    Entered(swap(Some(producer.clone())))
}

/// The producer that was entered last.
pub(crate) fn current() -> Uri {
    PRODUCER
        .try_with(|uri| uri.try_borrow().ok().and_then(|uri| uri.clone()))
        .ok()
        .flatten()
        .unwrap_or(DEFAULT_PRODUCER)
}

pub(crate) struct Entered(Option<Uri>);

impl Drop for Entered {
    fn drop(&mut self) {
        swap(self.0.take());
    }
}

fn swap(producer: Option<Uri>) -> Option<Uri> {
    PRODUCER
        .try_with(|uri| uri.try_borrow_mut().ok().and_then(|mut uri| std::mem::replace(&mut *uri, producer)))
        .ok()
        .flatten()
}
