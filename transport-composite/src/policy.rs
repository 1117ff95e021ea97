use openlineage_core::transport::LegFate;

/// Which legs get an event, and when it counts as delivered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Policy {
    pub(crate) continue_on_failure: bool,
    pub(crate) continue_on_success: bool,
}

/// What the fates at the legs come to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    Delivered,
    Lost,
    /// It depends on legs whose fate is not known yet.
    Open,
    /// No leg had anything to do with it.
    Skipped,
}

impl Default for Policy {
    fn default() -> Self {
        Self { continue_on_failure: true, continue_on_success: true }
    }
}

impl Policy {
    /// Do all legs get every event, whatever becomes of it at the others?
    pub(crate) fn is_together(self) -> bool {
        self.continue_on_failure && self.continue_on_success
    }

    /// Must no leg fail?
    pub(crate) fn needs_all(self) -> bool {
        !self.continue_on_failure
    }

    /// Can what a leg says decide that the next one gets the event, so that it is worth waiting for?
    pub(crate) fn has_fallbacks(self) -> bool {
        self.continue_on_failure || self.continue_on_success
    }

    /// Does the next leg get the event after this?
    pub(crate) fn goes_on_after(self, fate: &LegFate) -> bool {
        match fate {
            LegFate::Delivered(_) => self.continue_on_success,
            LegFate::Skipped(_) => true,
            // Of a leg that has run out of time it is not known; that is no success.
            _ => self.continue_on_failure,
        }
    }

    pub(crate) fn verdict<'a>(self, fates: impl Iterator<Item = &'a LegFate>) -> Verdict {
        let (mut delivered, mut lost, mut open) = (false, false, false);
        for fate in fates {
            match fate {
                LegFate::Delivered(_) => delivered = true,
                LegFate::Lost(_) => lost = true,
                LegFate::Open => open = true,
                _ => {}
            }
        }
        match (self.needs_all(), delivered, lost, open) {
            (true, _, true, _) => Verdict::Lost,
            (true, _, _, true) => Verdict::Open,
            (_, true, ..) => Verdict::Delivered,
            (_, _, _, true) => Verdict::Open,
            (_, _, true, _) => Verdict::Lost,
            (_, false, false, false) => Verdict::Skipped,
        }
    }
}
