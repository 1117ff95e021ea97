use std::time::{Duration, Instant};

use openlineage::error::EmitError;
use openlineage::lifecycle::Fate;
use openlineage::transport::Receipt;
use serde_json::json;

use super::feed::Place;

/// What became of everything that was read.
pub(super) struct Summary {
    began: Instant,
    pub(super) delivered: u64,
    failed: u64,
    abandoned: u64,
    refused: u64,
    skipped: u64,
    pub(super) bad: u64,
    pub(super) not_tried: u64,
    in_a_row: u64,
    /// Where to go on after stopping: the earliest place of the row, or of what was not sent.
    again_from: Option<Place>,
    /// After that, what still arrives does not end the row.
    stopped: bool,
}

impl Summary {
    pub(super) fn new() -> Self {
        Self {
            began: Instant::now(),
            delivered: 0,
            failed: 0,
            abandoned: 0,
            refused: 0,
            skipped: 0,
            bad: 0,
            not_tried: 0,
            in_a_row: 0,
            again_from: None,
            stopped: false,
        }
    }

    pub(super) fn stop(&mut self) {
        self.stopped = true;
    }

    pub(super) fn count(&mut self, outcome: &Result<Option<Receipt>, EmitError>, place: &Place) {
        let fate = match outcome {
            Ok(None) => return self.skipped += 1,
            Ok(Some(_)) => Fate::Delivered,
            Err(error) => error.fate(),
        };
        match fate {
            Fate::Delivered => self.delivered += 1,
            Fate::Failed => self.failed += 1,
            Fate::Abandoned => self.abandoned += 1,
            Fate::Refused => self.refused += 1,
        }
        if fate != Fate::Delivered {
            self.in_a_row += 1;
            self.go_back_to(place.clone());
        } else if !self.stopped {
            self.in_a_row = 0;
            self.again_from = None;
        }
    }

    /// An event was not even tried.
    pub(super) fn left(&mut self, place: Place) {
        self.not_tried += 1;
        self.go_back_to(place);
    }

    /// Another reading has to begin at this place, or before it.
    pub(super) fn go_back_to(&mut self, place: Place) {
        let at = |place: &Place| (place.file_number, place.offset);
        if self.again_from.as_ref().is_none_or(|known| at(&place) < at(known)) {
            self.again_from = Some(place);
        }
    }

    pub(super) fn in_a_row(&self) -> u64 {
        self.in_a_row
    }

    pub(super) fn again_from(&self) -> Option<&Place> {
        self.again_from.as_ref()
    }

    pub(super) fn undelivered(&self) -> u64 {
        self.failed + self.abandoned + self.refused + self.not_tried
    }

    /// Was everything that was read an event, and delivered?
    pub(super) fn is_clean(&self) -> bool {
        self.undelivered() == 0 && self.bad == 0
    }

    pub(super) fn text(&self) -> String {
        let took = self.began.elapsed();
        let mut text = format!("{} delivered", self.delivered);
        for (count, what) in [
            (self.failed, "failed"),
            (self.abandoned, "abandoned"),
            (self.refused, "refused"),
            (self.not_tried, "not tried"),
            (self.skipped, "skipped"),
            (self.bad, "no event"),
        ] {
            if count > 0 {
                text += &format!(", {count} {what}");
            }
        }
        format!("{text} in {took:.1?} ({:.0} events/s)", self.rate(took))
    }

    pub(super) fn json(&self) -> serde_json::Value {
        json!({
            "delivered": self.delivered,
            "failed": self.failed,
            "abandoned": self.abandoned,
            "refused": self.refused,
            "not_tried": self.not_tried,
            "skipped": self.skipped,
            "bad": self.bad,
            "seconds": self.began.elapsed().as_secs_f64(),
            "again_from": self.again_from.as_ref().map(|place| json!({"file": &*place.file, "offset": place.offset})),
        })
    }

    fn rate(&self, took: Duration) -> f64 {
        self.delivered as f64 / took.as_secs_f64().max(1e-9)
    }
}
