//! Checks of what the compiler does not check. Each module holds one rule, each rule says how to satisfy it.

mod arrows;
mod banned;
mod core_tree;
mod dependencies;
mod docs;
mod folders;
mod inherit;
mod lengths;
mod licences;
mod table;
mod unsafe_code;

use std::fmt;
use std::process::ExitCode;

use anyhow::Result;

use crate::facts::Facts;

type Check = fn(&Facts) -> Vec<Finding>;

const CHECKS: [Check; 10] = [
    arrows::check,
    banned::check,
    core_tree::check,
    dependencies::check,
    docs::check,
    folders::check,
    inherit::check,
    lengths::check,
    licences::check,
    unsafe_code::check,
];

/// Runs all checks and prints all findings in the order of their places.
pub(crate) fn run() -> Result<ExitCode> {
    let facts = Facts::load()?;
    let mut findings: Vec<Finding> = CHECKS.iter().flat_map(|check| check(&facts)).collect();
    findings.sort();
    findings.dedup();
    for finding in &findings {
        println!("{finding}");
    }
    println!("tidy: {} findings in {} files", findings.len(), facts.tree.texts().count());
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One thing that is wrong, where, and how it becomes right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    line: usize,
    what: String,
    cure: String,
}

impl Finding {
    fn new(path: impl Into<String>, line: usize, what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { path: path.into(), line, what: what.into(), cure: cure.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}; {}", self.path, self.line, self.what, self.cure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_reads_as_place_fault_cure() {
        let finding = Finding::new("a/b.rs", 7, "is too long", "split it");
        assert_eq!(finding.to_string(), "a/b.rs:7: is too long; split it");
    }

    #[test]
    fn an_empty_workspace_has_no_findings() {
        let facts = Facts::default();
        let findings: Vec<Finding> = CHECKS.iter().flat_map(|check| check(&facts)).collect();
        assert_eq!(findings, []);
    }
}
