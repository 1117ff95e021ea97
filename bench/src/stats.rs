//! Medians, quartiles and percentiles.

/// A median between its quartiles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) lo: f64,
    pub(crate) median: f64,
    pub(crate) hi: f64,
}

impl Spread {
    /// The quartiles of `values`; `None` when there is none, or one of them is not a finite number.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        if values.is_empty() || values.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        Some(Self { lo: quantile(&sorted, 0.25), median: quantile(&sorted, 0.5), hi: quantile(&sorted, 0.75) })
    }
}

/// The `q` quantile (0 to 1) of ascending values, interpolated between the two nearest; 0 of nothing.
pub(crate) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = q.clamp(0.0, 1.0) * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_of_an_odd_count_are_values_of_it() {
        let spread = Spread::of(&[5.0, 1.0, 4.0, 2.0, 3.0]).unwrap();
        assert_eq!(spread, Spread { lo: 2.0, median: 3.0, hi: 4.0 });
    }

    #[test]
    fn quartiles_of_an_even_count_lie_between_values() {
        let spread = Spread::of(&[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert_eq!(spread, Spread { lo: 1.75, median: 2.5, hi: 3.25 });
    }

    #[test]
    fn one_value_is_its_own_spread() {
        assert_eq!(Spread::of(&[7.0]), Some(Spread { lo: 7.0, median: 7.0, hi: 7.0 }));
    }

    #[test]
    fn nothing_and_nonsense_have_no_spread() {
        assert_eq!(Spread::of(&[]), None);
        assert_eq!(Spread::of(&[1.0, f64::NAN]), None);
        assert_eq!(Spread::of(&[f64::INFINITY]), None);
    }

    #[test]
    fn quantiles_reach_both_ends() {
        let sorted = [10.0, 20.0, 30.0];
        assert_eq!([quantile(&sorted, 0.0), quantile(&sorted, 1.0)], [10.0, 30.0]);
        assert!((quantile(&sorted, 0.99) - 29.8).abs() < 1e-9);
        assert_eq!(quantile(&[], 0.5), 0.0);
    }
}
