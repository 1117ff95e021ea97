//! What comes out of the populations.

use super::census::Sight;
use crate::figures::Goal::AtMost;
use crate::figures::{Figure, Reading};

/// Clients that a busy scheduler has been seen with.
pub(super) const SOME: usize = 400;
/// Enough of them for a small cost of each to show.
pub(super) const MANY: usize = 10_000;

/// Both looks at a process with so many clients.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    pub(super) clients: usize,
    pub(super) before: Sight,
    pub(super) after: Sight,
}

/// Everything that was taken of one kind of client, from the smallest population to the largest.
#[derive(Debug, Default)]
pub(super) struct Populations {
    pub(super) name: String,
    pub(super) taken: Vec<Taken>,
}

const FIGURES: [Reading<Populations>; 6] = [
    Reading {
        figure: "extra_threads_before_400",
        of: |all| all.threads(|taken| taken.before),
        goal: Some(AtMost(0.0)),
    },
    Reading { figure: "extra_threads_after_400", of: |all| all.threads(|taken| taken.after), goal: Some(AtMost(1.0)) },
    Reading { figure: "idle_cpu_pct_400", of: |all| all.idle(|sight| sight.cpu_pct), goal: Some(AtMost(0.1)) },
    Reading { figure: "idle_switches_400", of: |all| all.idle(|sight| sight.switches as f64), goal: Some(AtMost(2.0)) },
    Reading {
        figure: "rss_kib_per_client_before",
        of: |all| all.memory(|taken| taken.before),
        goal: Some(AtMost(4.0)),
    },
    Reading { figure: "rss_kib_per_client_after", of: |all| all.memory(|taken| taken.after), goal: Some(AtMost(40.0)) },
];

/// Those of the first carry goals; those of the others, its rivals, their name.
pub(super) fn of(all: &[Populations], judged: bool) -> Vec<Figure> {
    let figures = all.iter().enumerate().flat_map(|(place, one)| {
        let suffix = if place == 0 { String::new() } else { format!("_{}", one.name.replace(' ', "_")) };
        FIGURES.iter().filter_map(move |reading| {
            let figure = reading.figure(std::slice::from_ref(one), judged && place == 0)?;
            Some(Figure { name: format!("{}{suffix}", figure.name), ..figure })
        })
    });
    figures.collect()
}

/// No number where the population was not taken.
impl Populations {
    /// Threads that are there with some clients and not without.
    fn threads(&self, look: fn(&Taken) -> Sight) -> f64 {
        let threads = |clients| self.of(clients).map(|taken| look(taken).threads as f64);
        threads(SOME).zip(threads(0)).map_or(f64::NAN, |(some, none)| some - none)
    }

    /// Of some clients that have each emitted.
    fn idle(&self, reading: fn(&Sight) -> f64) -> f64 {
        self.of(SOME).map_or(f64::NAN, |taken| reading(&taken.after))
    }

    /// Kibibytes a client, the largest population over the empty one.
    fn memory(&self, look: fn(&Taken) -> Sight) -> f64 {
        let resident = |taken: &Taken| look(taken).resident_kib as f64;
        let (Some(none), Some(many)) = (self.of(0), self.taken.last()) else { return f64::NAN };
        (resident(many) - resident(none)) / many.clients as f64
    }

    fn of(&self, clients: usize) -> Option<&Taken> {
        self.taken.iter().find(|taken| taken.clients == clients)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(threads: usize, resident_kib: u64) -> Sight {
        Sight { threads, cpu_pct: 0.05, switches: 1, resident_kib, files: 4 }
    }

    fn populations(name: &str, taken: &[(usize, Sight, Sight)]) -> Populations {
        let taken = taken.iter().map(|&(clients, before, after)| Taken { clients, before, after });
        Populations { name: name.to_owned(), taken: taken.collect() }
    }

    fn ours() -> Populations {
        let none = (0, sight(1, 4_000), sight(1, 4_500));
        populations(
            "ours",
            &[none, (400, sight(1, 5_000), sight(2, 20_000)), (10_000, sight(1, 34_000), sight(2, 304_500))],
        )
    }

    #[test]
    fn threads_and_memory_are_those_that_clients_add() {
        let figures = of(&[ours()], true);
        let told: Vec<(&str, f64)> =
            figures.iter().map(|figure| (figure.name.as_str(), figure.spread.median)).collect();
        let expected = [
            ("extra_threads_before_400", 0.0),
            ("extra_threads_after_400", 1.0),
            ("idle_cpu_pct_400", 0.05),
            ("idle_switches_400", 1.0),
            ("rss_kib_per_client_before", 3.0),
            ("rss_kib_per_client_after", 30.0),
        ];
        assert_eq!(told, expected);
        assert!(figures.iter().all(|figure| figure.goal.is_some()));
    }

    #[test]
    fn a_rival_has_its_name_and_no_goal() {
        let rival =
            populations("python 1.54.0", &[(0, sight(1, 40), sight(1, 40)), (400, sight(401, 440), sight(401, 840))]);
        let figures = of(&[ours(), rival], true);
        let last = figures.last().unwrap();
        assert_eq!((last.name.as_str(), last.goal), ("rss_kib_per_client_after_python_1.54.0", None));
        assert_eq!(last.spread.median, 2.0);
    }

    #[test]
    fn a_population_that_was_not_taken_makes_no_figure() {
        let few = populations("ours", &[(0, sight(1, 1), sight(1, 1)), (50, sight(1, 51), sight(2, 101))]);
        let names: Vec<String> = of(&[few], true).into_iter().map(|figure| figure.name).collect();
        assert_eq!(names, ["rss_kib_per_client_before", "rss_kib_per_client_after"]);
    }
}
