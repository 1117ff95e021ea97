//! Jobs whose runs are not reported.

use regex::Regex;

use crate::config::{ConfigError, FilterKind, FilterSpec};

/// The filters of one client, in their order.
#[derive(Debug)]
pub(super) struct Filters(Vec<Filter>);

/// Which job names a filter takes out.
#[derive(Debug)]
enum Filter {
    Exact(String),
    /// Must match from the start of the name, and need not reach its end.
    Regex(Regex),
}

impl Filters {
    /// # Errors
    ///
    /// A pattern is no regular expression, or one that takes more than linear time.
    pub(super) fn new(filters: &[FilterSpec]) -> Result<Self, ConfigError> {
        filters.iter().map(Filter::new).collect::<Result<_, _>>().map(Self)
    }

    /// The number of the first filter that takes out the job.
    pub(super) fn hit(&self, job: &str) -> Option<usize> {
        self.0.iter().position(|filter| match filter {
            Filter::Exact(name) => name == job,
            Filter::Regex(regex) => regex.find(job).is_some_and(|found| found.start() == 0),
        })
    }
}

impl Filter {
    fn new(spec: &FilterSpec) -> Result<Self, ConfigError> {
        match spec.kind {
            FilterKind::Exact => Ok(Self::Exact(spec.pattern.clone())),
            FilterKind::Regex => Regex::new(&spec.pattern).map(Self::Regex).map_err(|error| bad(spec, error)),
        }
    }
}

fn bad(spec: &FilterSpec, error: regex::Error) -> ConfigError {
    let bad = ConfigError::new(spec.key.as_str(), "not a regular expression that can be used here").at(&spec.source);
    bad.cure("write it without back-references and look-around").because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(pattern: &str, job: &str) -> bool {
        Filters(vec![Filter::Regex(Regex::new(pattern).unwrap())]).hit(job).is_some()
    }

    #[test]
    fn a_pattern_is_held_at_the_start_and_not_at_the_end() {
        assert!(hits("tmp", "tmp_orders"));
        assert!(!hits("tmp", "orders_tmp"));
        assert!(hits("a|b", "bee"));
        assert!(!hits("tmp$", "tmp_orders"));
        assert!(hits(".*orders", "all_orders_daily"));
        assert!(hits("(?x) tmp # temporary", "tmp_orders"));
    }

    #[test]
    fn the_first_that_matches_is_named() {
        let filters = Filters(vec![Filter::Exact("one".into()), Filter::Regex(Regex::new("o").unwrap())]);
        assert_eq!((filters.hit("one"), filters.hit("other"), filters.hit("two")), (Some(0), Some(1), None));
    }
}
