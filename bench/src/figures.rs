//! Figures, their goals, and the rows that make them out of rounds.

use crate::contestant::Sample;
use crate::rounds::Round;
use crate::stats::Spread;

/// What a figure should reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    /// Whether the better quartile reaches it: the drift of a shared machine is not held against the code.
    pub(crate) fn is_met(self, spread: Spread) -> bool {
        match self {
            Self::AtLeast(goal) => spread.hi >= goal,
            Self::AtMost(goal) => spread.lo <= goal,
        }
    }
}

/// One number of the report, with its quartiles.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) spread: Spread,
    /// Absent where it has none or is not judged.
    pub(crate) goal: Option<Goal>,
}

/// How a figure comes out of each round: one contestant's reading, over another's where `over` names one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) figure: &'static str,
    pub(crate) of: &'static str,
    pub(crate) over: Option<&'static str>,
    pub(crate) in_flight: usize,
    pub(crate) reading: fn(&Sample) -> f64,
    pub(crate) goal: Option<Goal>,
}

impl Row {
    /// Events a second, `of` over `over`.
    pub(crate) const fn rate(
        figure: &'static str,
        of: &'static str,
        over: &'static str,
        in_flight: usize,
        goal: Option<Goal>,
    ) -> Self {
        Self { figure, of, over: Some(over), in_flight, reading: |sample| sample.rate, goal }
    }

    /// Processor time an event, `of` over `over`.
    pub(crate) const fn cpu(
        figure: &'static str,
        of: &'static str,
        over: &'static str,
        in_flight: usize,
        goal: Option<Goal>,
    ) -> Self {
        Self { figure, of, over: Some(over), in_flight, reading: |sample| sample.cpu_us, goal }
    }

    /// A time of one call with one in flight, without a goal.
    pub(crate) const fn latency(figure: &'static str, of: &'static str, reading: fn(&Sample) -> f64) -> Self {
        Self { figure, of, over: None, in_flight: 1, reading, goal: None }
    }

    /// The figure over `rounds`; `None` unless its contestants took part in every one.
    pub(crate) fn figure(&self, rounds: &[Round], suffix: &str, judged: bool) -> Option<Figure> {
        let values: Option<Vec<f64>> = rounds.iter().map(|round| self.value(round)).collect();
        let spread = Spread::of(&values?)?;
        Some(Figure { name: format!("{}{suffix}", self.figure), spread, goal: self.goal.filter(|_| judged) })
    }

    fn value(&self, round: &Round) -> Option<f64> {
        let of = (self.reading)(round.sample(self.of, self.in_flight)?);
        match self.over {
            None => Some(of),
            Some(name) => Some(of / (self.reading)(round.sample(name, self.in_flight)?)),
        }
    }
}

/// How a figure comes out of a round of a measurement that has readings of its own kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<T> {
    pub(crate) figure: &'static str,
    pub(crate) of: fn(&T) -> f64,
    pub(crate) goal: Option<Goal>,
}

impl<T> Reading<T> {
    /// The figure over `rounds`; `None` where a round read no number.
    pub(crate) fn figure(&self, rounds: &[T], judged: bool) -> Option<Figure> {
        let values: Vec<f64> = rounds.iter().map(self.of).collect();
        let spread = Spread::of(&values)?;
        Some(Figure { name: self.figure.to_owned(), spread, goal: self.goal.filter(|_| judged) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rounds::Taken;

    fn round(readings: &[(&'static str, f64)]) -> Round {
        let take = |(name, rate): &(&'static str, f64)| Taken {
            contestant: name,
            in_flight: 1,
            sample: Sample { rate: *rate, cpu_us: 1.0, p50_us: 1.0, p99_us: 1.0 },
        };
        Round(readings.iter().map(take).collect())
    }

    const ROW: Row = Row {
        figure: "rate_a_vs_b",
        of: "a",
        over: Some("b"),
        in_flight: 1,
        reading: |sample| sample.rate,
        goal: Some(Goal::AtLeast(2.0)),
    };

    #[test]
    fn the_ratio_is_taken_within_each_round() {
        let rounds =
            [round(&[("a", 10.0), ("b", 10.0)]), round(&[("a", 4.0), ("b", 2.0)]), round(&[("a", 9.0), ("b", 3.0)])];
        let figure = ROW.figure(&rounds, "", true).unwrap();
        assert_eq!(figure.name, "rate_a_vs_b");
        assert_eq!(figure.spread, Spread { lo: 1.5, median: 2.0, hi: 2.5 });
        assert_eq!(figure.goal, Some(Goal::AtLeast(2.0)));
    }

    #[test]
    fn a_reading_without_a_rival_stands_alone() {
        let row = Row { over: None, ..ROW };
        assert_eq!(row.figure(&[round(&[("a", 7.0)])], "", true).unwrap().spread.median, 7.0);
    }

    #[test]
    fn unjudged_figures_carry_no_goal_and_a_suffix() {
        let figure = ROW.figure(&[round(&[("a", 1.0), ("b", 1.0)])], "_unpinned", false).unwrap();
        assert_eq!((figure.name.as_str(), figure.goal), ("rate_a_vs_b_unpinned", None));
    }

    #[test]
    fn a_reading_of_any_kind_is_spread_over_its_rounds() {
        let reading =
            Reading { figure: "a", of: |round: &(f64, f64)| round.0 / round.1, goal: Some(Goal::AtMost(2.0)) };
        let figure = reading.figure(&[(1.0, 1.0), (4.0, 2.0), (9.0, 3.0)], true).unwrap();
        assert_eq!((figure.name.as_str(), figure.goal), ("a", Some(Goal::AtMost(2.0))));
        assert_eq!(figure.spread, Spread { lo: 1.5, median: 2.0, hi: 2.5 });
        assert_eq!(reading.figure(&[(1.0, 1.0)], false).unwrap().goal, None);
        assert_eq!(reading.figure(&[(1.0, 0.0)], true), None);
    }

    #[test]
    fn an_absent_contestant_makes_no_figure() {
        let rounds = [round(&[("a", 1.0), ("b", 1.0)]), round(&[("a", 1.0)])];
        assert_eq!(ROW.figure(&rounds, "", true), None);
    }

    #[test]
    fn the_better_quartile_decides() {
        let spread = Spread { lo: 0.7, median: 0.8, hi: 0.9 };
        assert!(Goal::AtLeast(0.9).is_met(spread));
        assert!(!Goal::AtLeast(0.91).is_met(spread));
        assert!(Goal::AtMost(0.7).is_met(spread));
        assert!(!Goal::AtMost(0.69).is_met(spread));
    }
}
