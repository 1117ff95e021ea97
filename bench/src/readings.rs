//! Absolute readings, for context: the machine has its say in them, so no goal is set on them.

use crate::contestant::Sample;
use crate::rounds::{Round, Taken};
use crate::stats::Spread;
use crate::table;

/// The medians over `rounds` of every contestant under every load.
pub(crate) fn table(rounds: &[Round]) -> String {
    let head = ["client", "in flight", "events/s", "CPU us/event", "p50 us", "p99 us"];
    let mut measured: Vec<&Taken> = rounds.first().iter().flat_map(|round| &round.0).collect();
    measured.sort_by_key(|taken| (taken.contestant, taken.in_flight));
    let rows: Vec<Vec<String>> = measured.into_iter().map(|taken| row(taken, rounds)).collect();
    table::render(&head, &rows)
}

fn row(taken: &Taken, rounds: &[Round]) -> Vec<String> {
    let Taken { contestant, in_flight, .. } = *taken;
    let readings: [fn(&Sample) -> f64; 4] = [|s| s.rate, |s| s.cpu_us, |s| s.p50_us, |s| s.p99_us];
    let cells = readings.map(|reading| {
        let samples = rounds.iter().filter_map(|round| round.sample(contestant, in_flight));
        let values: Vec<f64> = samples.map(reading).collect();
        Spread::of(&values).map_or_else(String::new, |spread| table::number(spread.median))
    });
    [contestant.to_owned(), in_flight.to_string()].into_iter().chain(cells).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_load_shows_its_medians() {
        let round = |rate| {
            let sample = Sample { rate, cpu_us: 2.0, p50_us: 3.0, p99_us: 4.0 };
            Round(vec![Taken { contestant: "raw", in_flight: 16, sample }])
        };
        let text = table(&[round(100.0), round(300.0), round(200.0)]);
        let row: Vec<&str> = text.lines().nth(2).unwrap().split_whitespace().collect();
        assert_eq!(row, ["raw", "16", "200", "2.00", "3.00", "4.00"]);
    }
}
