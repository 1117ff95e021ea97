use openlineage::error::{EmitError, EmitErrorKind};
use openlineage::lifecycle::{CloseReport, Fate};
use serde_json::json;

use super::Outcome;
use crate::args::Format;
use crate::report::{chain, note, note_plain};

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
        match outcome {
            Ok(Some(receipt)) => {
                self.say(kind, "delivered", &format!("attempt {}, {:.1?}", receipt.attempts, receipt.took));
            }
            Ok(None) => self.say(kind, "skipped", ""),
            Err(error) if error.fate() == Fate::Refused && matches!(error.kind(), EmitErrorKind::Timeout) => {
                self.not_sent(kind);
            }
            Err(error) => self.say(kind, name(error.fate()), &chain(error)),
        }
    }

    /// For an event whose turn did not come in time.
    pub(super) fn not_sent(&self, kind: &str) {
        self.say(kind, "not sent", "no time was left; --timeout allows more");
    }

    /// For an event that went out, and that is all that is known.
    pub(super) fn unanswered(&self, kind: &str) {
        self.say(kind, "abandoned", "no answer in time; --timeout allows more");
    }

    fn say(&self, kind: &str, fate: &str, detail: &str) {
        if self.silent {
            return;
        }
        match self.format {
            Format::Text if detail.is_empty() => note(&format!("{kind} {fate}")),
            Format::Text => note(&format!("{kind} {fate} ({detail})")),
            Format::Json => note_plain(&json!({"event": kind, "fate": fate, "detail": detail}).to_string()),
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
