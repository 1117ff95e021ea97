//! The place of a fault, gathered by the visitors while the error travels out of them.
//!
//! It is kept per thread and not in the error, so that no deserializer has to be wrapped: nothing is paid until a read
//! fails, and each type is decoded by one copy of code.

use std::borrow::Cow;
use std::cell::RefCell;

enum Step {
    Key(Cow<'static, str>),
    Index(usize),
}

thread_local! {
    static STEPS: RefCell<Vec<Step>> = const { RefCell::new(Vec::new()) };
}

/// Notes that `error` arose in the field `key`.
pub(crate) fn at_key<E>(key: impl Into<Cow<'static, str>>, error: E) -> E {
    push(Step::Key(key.into()));
    error
}

/// Notes that `error` arose in the element `index`.
pub(crate) fn at_index<E>(index: usize, error: E) -> E {
    push(Step::Index(index));
    error
}

/// Forgets what an earlier read left behind; every entry point calls it before it reads.
pub(crate) fn clear() {
    with(Vec::clear);
}

/// The JSON pointer (RFC 6901) of the fault; empty for the whole document.
pub(crate) fn take_pointer() -> String {
    let mut pointer = String::new();
    with(|steps| {
        for step in steps.drain(..).rev() {
            pointer.push('/');
            match step {
                Step::Key(key) => pointer.push_str(&key.replace('~', "~0").replace('/', "~1")),
                Step::Index(index) => pointer.push_str(&index.to_string()),
            }
        }
    });
    pointer
}

fn push(step: Step) {
    with(|steps| steps.push(step));
}

fn with(change: impl FnOnce(&mut Vec<Step>)) {
    // A pointer is a help for the reader of an error: without it the error still stands.
    let _ = STEPS.try_with(|steps| {
        if let Ok(mut steps) = steps.try_borrow_mut() {
            change(&mut steps);
        }
    });
}
