use openlineage::error::EmitError;
use openlineage::lifecycle::{CloseReport, Fate};
use serde_json::json;

use super::Outcome;
use crate::args::Format;
use crate::report::{chain, note};

/// Says on stderr what became of each event.
pub(super) struct Fates {
    format: Format,
    silent: bool,
}

impl Fates {
    /// `silent` where nothing is sent on purpose.
    pub(super) fn new(format: Format, silent: bool) -> Self {
        Self { format, silent }
    }

    pub(super) fn event(&self, kind: &str, outcome: &Outcome) {
        if self.silent {
            return;
        }
        let (fate, detail) = match outcome {
            Ok(Some(receipt)) => ("delivered", format!("attempt {}, {:.1?}", receipt.attempts, receipt.took)),
            Ok(None) => ("skipped", String::new()),
            Err(error) => (name(error.fate()), chain(error)),
        };
        match self.format {
            Format::Text if detail.is_empty() => note(&format!("{kind} {fate}")),
            Format::Text => note(&format!("{kind} {fate} ({detail})")),
            Format::Json => json_line(&json!({"event": kind, "fate": fate, "detail": detail})),
        }
    }

    /// What each event's own line does not say already.
    pub(super) fn closed(&self, report: Result<CloseReport, EmitError>) {
        if let Err(error) = report {
            note(&format!("warning: closing: {}", chain(&error)));
        }
    }
}

fn name(fate: Fate) -> &'static str {
    match fate {
        Fate::Delivered => "delivered",
        Fate::Failed => "failed",
        Fate::Abandoned => "abandoned",
        Fate::Refused => "refused",
    }
}

fn json_line(value: &serde_json::Value) {
    use std::io::Write as _;

    let _unheard = writeln!(std::io::stderr(), "{value}");
}
