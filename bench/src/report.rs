//! Collects figures, prints their tables, writes their file.

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::figures::{Figure, Goal};
use crate::table;

/// Every figure of a run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    figures: Vec<Figure>,
    prefix: String,
}

impl Report {
    /// Puts the name of a bench before the names of the figures that follow, in the file alone: where several benches
    /// run, names repeat.
    pub(crate) fn prefix(&mut self, bench: &str) {
        self.prefix = format!("{bench}.");
    }

    /// Prints `figures` as a table called `title` and keeps them; nothing at all where there are none.
    pub(crate) fn add(&mut self, title: &str, figures: Vec<Figure>) {
        if figures.is_empty() {
            return;
        }
        let rows: Vec<Vec<String>> = figures.iter().map(cells).collect();
        println!("{title}\n{}", table::render(&["figure", "goal", "median", "lo", "hi", "verdict"], &rows));
        let prefixed = |figure: Figure| Figure { name: format!("{}{}", self.prefix, figure.name), ..figure };
        self.figures.extend(figures.into_iter().map(prefixed));
    }

    /// The file's text: `{"figures": {"name": number, "name_lo": number, "name_hi": number, ..}}`.
    pub(crate) fn to_json(&self) -> Result<String> {
        let mut named = Map::new();
        for Figure { name, spread, .. } in &self.figures {
            for (suffix, value) in [("", spread.median), ("_lo", spread.lo), ("_hi", spread.hi)] {
                named.insert(format!("{name}{suffix}"), Value::from(value));
            }
        }
        Ok(serde_json::to_string_pretty(&json!({ "figures": named }))? + "\n")
    }
}

fn cells(figure: &Figure) -> Vec<String> {
    let Figure { name, spread, goal } = figure;
    let goal_text = match goal {
        Some(Goal::AtLeast(goal)) => format!(">= {goal}"),
        Some(Goal::AtMost(goal)) => format!("<= {goal}"),
        None => String::new(),
    };
    let verdict = match goal {
        Some(goal) if goal.is_met(*spread) => "met",
        Some(_) => "not met",
        None => "",
    };
    let numbers = [spread.median, spread.lo, spread.hi].map(table::number);
    [name.clone(), goal_text].into_iter().chain(numbers).chain([verdict.to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Spread;

    fn figure(goal: Option<Goal>) -> Figure {
        Figure { name: "rate".to_owned(), spread: Spread { lo: 0.5, median: 0.75, hi: 1.0 }, goal }
    }

    #[test]
    fn the_file_holds_each_figure_with_its_quartiles() {
        let mut report = Report::default();
        report.add("test", vec![figure(None)]);
        let text = report.to_json().unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value, json!({ "figures": { "rate": 0.75, "rate_lo": 0.5, "rate_hi": 1.0 } }));
    }

    #[test]
    fn no_figure_of_several_benches_is_lost() {
        let mut report = Report::default();
        for bench in ["a", "b"] {
            report.prefix(bench);
            report.add("test", vec![figure(None)]);
        }
        let value: Value = serde_json::from_str(&report.to_json().unwrap()).unwrap();
        let names: Vec<&String> = value["figures"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["a.rate", "a.rate_hi", "a.rate_lo", "b.rate", "b.rate_hi", "b.rate_lo"]);
    }

    #[test]
    fn a_row_shows_the_goal_and_whether_it_was_met() {
        let row = cells(&figure(Some(Goal::AtLeast(0.9))));
        assert_eq!(row, ["rate", ">= 0.9", "0.750", "0.500", "1.00", "met"]);
        assert_eq!(cells(&figure(Some(Goal::AtMost(0.4))))[5], "not met");
        assert_eq!(cells(&figure(None))[5], "");
    }
}
