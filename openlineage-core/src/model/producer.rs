//! The producer of the event that this thread encodes, for facets that have none of their own.

use std::cell::Cell;

use super::uri::Uri;

/// Names this crate as the producer; used where nobody else is named.
pub const DEFAULT_PRODUCER: Uri =
    Uri::from_static(concat!(env!("CARGO_PKG_REPOSITORY"), "/tree/v", env!("CARGO_PKG_VERSION")));

thread_local! {
    // Facets inside a facet are reached through serde, which has no way to hand them an argument.
    static PRODUCER: Cell<Option<Uri>> = const { Cell::new(None) };
}

/// Sets the producer until the guard is dropped, then sets back the one before it.
pub(crate) fn enter(producer: &Uri) -> Entered {
    Entered(swap(Some(producer.clone())))
}

/// The producer that was entered last.
pub(crate) fn current() -> Uri {
    let entered = swap(None);
    swap(entered.clone());
    entered.unwrap_or(DEFAULT_PRODUCER)
}

pub(crate) struct Entered(Option<Uri>);

impl Drop for Entered {
    fn drop(&mut self) {
        swap(self.0.take());
    }
}

fn swap(producer: Option<Uri>) -> Option<Uri> {
    PRODUCER.try_with(|current| current.replace(producer)).ok().flatten()
}
