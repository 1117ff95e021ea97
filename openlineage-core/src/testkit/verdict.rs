use std::fmt;

/// What a check found.
#[expect(clippy::exhaustive_enums, reason = "a check has three ends")]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// The promise is kept.
    Holds,
    /// It is not, and why.
    Broken(String),
    /// The check needs a capability that the harness does not declare, or another system.
    NotApplicable(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holds => f.write_str("holds"),
            Self::Broken(why) => write!(f, "broken: {why}"),
            Self::NotApplicable(missing) => write!(f, "not applicable: {missing}"),
        }
    }
}

impl Verdict {
    /// The inverse of `Display`, for a verdict that another process has printed.
    pub(super) fn read(line: &str) -> Option<Self> {
        if line == "holds" {
            return Some(Self::Holds);
        }
        let broken = line.strip_prefix("broken: ").map(|why| Self::Broken(why.to_owned()));
        broken.or_else(|| Some(Self::NotApplicable(line.strip_prefix("not applicable: ")?.to_owned())))
    }
}

/// Why a check ends early.
#[derive(Debug)]
pub(super) enum Stop {
    Broken(String),
    Missing(String),
}

pub(super) type Outcome<T = ()> = Result<T, Stop>;

impl From<Outcome> for Verdict {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Ok(()) => Self::Holds,
            Err(Stop::Broken(why)) => Self::Broken(why.replace('\n', " ")),
            Err(Stop::Missing(what)) => Self::NotApplicable(what),
        }
    }
}

/// Ends the check as broken.
pub(super) fn broken<T>(why: impl Into<String>) -> Outcome<T> {
    Err(Stop::Broken(why.into()))
}

/// Ends the check as broken unless `holds`.
pub(super) fn ensure(holds: bool, why: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { broken(why()) }
}

/// Ends the check as broken unless both are the same.
pub(super) fn same<T: PartialEq + fmt::Debug>(what: &str, found: T, expected: T) -> Outcome {
    ensure(found == expected, || format!("{what}: {found:?} instead of {expected:?}"))
}
