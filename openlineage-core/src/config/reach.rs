use crate::transport::TransportInfo;

/// What came of reaching for a destination without an event: see [`Factory::reach`](super::Factory::reach).
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reach {
    /// Which destination.
    pub info: TransportInfo,
    /// What was found.
    pub found: Found,
}

/// The answers to whether a destination can be reached.
#[expect(clippy::exhaustive_enums, reason = "there is no fourth answer")]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Found {
    /// It can, and this is what it says of itself.
    Reached(String),
    /// It cannot, and this is why. Nothing of it is secret.
    NotReached(String),
    /// There is nothing to be asked without an event.
    NotAsked,
}

impl Reach {
    /// Of this destination.
    #[must_use]
    pub fn new(info: TransportInfo, found: Found) -> Self {
        Self { info, found }
    }

    /// Was it asked in vain?
    #[must_use]
    pub fn has_failed(&self) -> bool {
        matches!(self.found, Found::NotReached(_))
    }
}

impl Found {
    /// Reached with a word about it, or not for this error and its causes.
    #[must_use]
    pub fn of(outcome: Result<String, &dyn std::error::Error>) -> Self {
        match outcome {
            Ok(said) => Self::Reached(said),
            Err(error) => {
                let causes = std::iter::successors(error.source(), |error| error.source());
                Self::NotReached(causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}")))
            }
        }
    }
}
