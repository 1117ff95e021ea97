//! What the test runners said, added up.

use std::fmt;

/// A skip for another reason than these is a failure where `CI=true`.
const PERMITTED: [&str; 1] = ["strace"];

/// Each test counts once: one that says `skipped:` passes for cargo and is skipped here.
#[derive(Debug, Default)]
pub(super) struct Summary {
    passed: usize,
    failed: usize,
    ignored: usize,
    skips: Vec<String>,
}

impl Summary {
    /// Takes one line of the runner's output.
    pub(super) fn read(&mut self, line: &str) {
        if let Some(reason) = line.trim_start().strip_prefix("skipped:") {
            self.skips.push(reason.trim().to_owned());
        }
        let Some(counts) = line.trim_start().strip_prefix("test result:") else { return };
        self.passed += count(counts, "passed");
        self.failed += count(counts, "failed");
        self.ignored += count(counts, "ignored");
    }

    /// Why a run that cargo calls good is not good enough.
    pub(super) fn fault(&self, strict: bool) -> Option<String> {
        if self.passed == 0 {
            return Some("no test ran".to_owned());
        }
        let permitted = |reason: &&String| !PERMITTED.iter().any(|word| reason.contains(word));
        let refused = self.skips.iter().filter(permitted).collect::<Vec<_>>();
        (strict && !refused.is_empty())
            .then(|| format!("{} skipped where none may be, the first because: {}", refused.len(), refused[0]))
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let passed = self.passed.saturating_sub(self.skips.len());
        write!(f, "{passed} passed, {} failed, {} skipped", self.failed, self.ignored + self.skips.len())
    }
}

/// The number before a word, as in `3 passed;`.
fn count(counts: &str, word: &str) -> usize {
    let words: Vec<&str> = counts.split([' ', ';', '.']).filter(|one| !one.is_empty()).collect();
    words.windows(2).find(|pair| pair[1] == word).and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(lines: &[&str]) -> Summary {
        let mut summary = Summary::default();
        lines.iter().for_each(|line| summary.read(line));
        summary
    }

    const GOOD: &str = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s";
    const BAD: &str = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";

    #[test]
    fn results_of_all_binaries_add_up() {
        let all = summary(&["running 6 tests", GOOD, "noise 9 passed", BAD]);
        assert_eq!(all.to_string(), "6 passed, 2 failed, 1 skipped");
    }

    #[test]
    fn a_test_that_skips_itself_has_not_passed() {
        assert_eq!(
            summary(&["skipped: OPENLINEAGE_SPEC is not set", GOOD]).to_string(),
            "4 passed, 0 failed, 2 skipped"
        );
    }

    #[test]
    fn a_skip_is_a_fault_in_ci_only() {
        let all = summary(&["skipped: OPENLINEAGE_SPEC is not set", GOOD]);
        assert_eq!(all.fault(false), None);
        assert!(all.fault(true).is_some_and(|why| why.contains("OPENLINEAGE_SPEC is not set")));
    }

    #[test]
    fn a_permitted_skip_is_no_fault() {
        assert_eq!(summary(&["skipped: strace is not installed", GOOD]).fault(true), None);
    }

    #[test]
    fn a_run_without_tests_is_a_fault() {
        assert_eq!(summary(&["Compiling x"]).fault(false), Some("no test ran".to_owned()));
    }
}
