use openlineage::error::EmitError;
use openlineage::lifecycle::CloseReport;
use openlineage::transport::Receipt;
use serde_json::json;

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

    /// `None` is an event that could not be settled in the time there was.
    pub(super) fn event(&self, kind: &str, outcome: Option<&Result<Option<Receipt>, EmitError>>) {
        if self.silent {
            return;
        }
        let (fate, detail) = match outcome {
            Some(Ok(Some(receipt))) => {
                ("delivered", format!("attempt {}, {:.1?}", receipt.attempts, receipt.took))
            }
            Some(Ok(None)) => ("skipped", String::new()),
            Some(Err(error)) if !error.accepted() => ("refused", chain(error)),
            Some(Err(error)) => ("failed", chain(error)),
            None => ("abandoned", "no time left; --timeout allows more".to_owned()),
        };
        match self.format {
            Format::Text if detail.is_empty() => note(&format!("{kind} {fate}")),
            Format::Text => note(&format!("{kind} {fate} ({detail})")),
            Format::Json => json_line(&json!({"event": kind, "fate": fate, "detail": detail})),
        }
    }

    /// Only what an event's own line has not said already.
    pub(super) fn closed(&self, report: Result<CloseReport, EmitError>) {
        match report {
            Ok(report) if report.tally.abandoned > 0 => {
                note(&format!("warning: {} event(s) abandoned at the time limit", report.tally.abandoned));
            }
            Ok(_) => {}
            Err(error) => note(&format!("warning: closing: {}", chain(&error))),
        }
    }
}

fn json_line(value: &serde_json::Value) {
    use std::io::Write as _;

    let _unheard = writeln!(std::io::stderr(), "{value}");
}
