use std::time::{Duration, Instant};

use openlineage::lifecycle::{CloseReport, Fate, Tally};
use serde_json::json;

use super::feed::Place;
use super::queue::Met;
use super::row::Row;

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
    row: Row,
    /// The earliest place of what was not even tried.
    untried: Option<Place>,
    /// What became of the copies at the legs of a composite.
    legs: Vec<(String, Tally)>,
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
            row: Row::default(),
            untried: None,
            legs: Vec::new(),
        }
    }

    /// `over` is the number of the last failure after which the destination was seen to work.
    pub(super) fn count(&mut self, met: &Met, place: &Place, over: u64) {
        match met {
            Met::Skipped => self.skipped += 1,
            Met::Delivered => self.delivered += 1,
            Met::NotTried => {
                self.not_tried += 1;
                self.go_back_to(place.clone());
            }
            Met::Lost(error, failure) => {
                *self.counter(error.fate()) += 1;
                self.row.failed(*failure, place.clone());
            }
        }
        self.row.over(over);
    }

    /// The counts of the legs, once everything is over, wherever transforms may stand round them.
    pub(super) fn at_legs(&mut self, report: &CloseReport) {
        if let [only] = report.children.as_slice() {
            return self.at_legs(only);
        }
        self.legs = report.children.iter().map(|leg| (leg.info.to_string(), leg.tally)).collect();
    }

    /// Another reading has to begin at this place, or before it.
    pub(super) fn go_back_to(&mut self, place: Place) {
        if self.untried.as_ref().is_none_or(|known| place.is_before(known)) {
            self.untried = Some(place);
        }
    }

    /// Where to go on after stopping.
    pub(super) fn again_from(&self) -> Option<&Place> {
        let earlier = |one, other| if Place::is_before(other, one) { other } else { one };
        self.row.earliest().into_iter().chain(&self.untried).reduce(earlier)
    }

    /// Events that the transport did not deliver.
    pub(super) fn lost(&self) -> u64 {
        self.failed + self.abandoned + self.refused
    }

    pub(super) fn undelivered(&self) -> u64 {
        self.lost() + self.not_tried
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
        let mut text = format!("{text} in {took:.1?} ({:.0} events/s)", self.rate(took));
        for (leg, tally) in &self.legs {
            text += &format!("\n  {leg}: {} delivered", tally.delivered);
            for (count, what) in [(tally.failed, "failed"), (tally.abandoned, "abandoned"), (tally.refused, "refused")]
            {
                if count > 0 {
                    text += &format!(", {count} {what}");
                }
            }
        }
        text
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
            "legs": self.legs.iter().map(|(leg, tally)| json!({
                "leg": leg,
                "delivered": tally.delivered,
                "failed": tally.failed,
                "abandoned": tally.abandoned,
                "refused": tally.refused,
            })).collect::<Vec<_>>(),
            "again_from": self.again_from().map(|place| json!({"file": &*place.file, "offset": place.offset})),
        })
    }

    fn counter(&mut self, fate: Fate) -> &mut u64 {
        match fate {
            Fate::Delivered => &mut self.delivered,
            Fate::Failed => &mut self.failed,
            Fate::Abandoned => &mut self.abandoned,
            Fate::Refused => &mut self.refused,
        }
    }

    fn rate(&self, took: Duration) -> f64 {
        self.delivered as f64 / took.as_secs_f64().max(1e-9)
    }
}
