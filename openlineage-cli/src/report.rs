//! What a person, or a program, is told on stderr and stdout.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write as _};

use openlineage::error::EmitError;

/// A line about the program itself, on stderr. Says nothing if stderr is gone: there is nobody to tell.
pub(crate) fn note(text: &str) {
    let _unheard = writeln!(io::stderr(), "openlineage: {text}");
}

/// A line for programs, on stderr.
pub(crate) fn note_plain(text: &str) {
    let _unheard = writeln!(io::stderr(), "{text}");
}

/// An error and its causes, on stderr.
pub(crate) fn error(error: &anyhow::Error) {
    note(&format!("error: {error:#}"));
}

/// A result, on stdout.
pub(crate) fn result(text: &str) {
    let _unheard = writeln!(io::stdout(), "{text}");
}

/// An error and its causes in one line.
pub(crate) fn chain(error: &EmitError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a String does not fail.
        let _infallible = write!(text, ": {error}");
        cause = error.source();
    }
    text
}
