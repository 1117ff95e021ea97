//! What may be cut off the end of a dataset's name, because it names a part of the dataset.

use super::dates;

/// Passes over one name before it is left as it was.
const PASSES: usize = 16;

type Trim = fn(&str) -> &str;

/// The trimmers by the names of their Python classes, in the order in which they are asked.
const BUILT_IN: [(&str, Trim); 4] = [
    ("KeyValueTrimmer", key_value),
    ("DateTrimmer", day),
    ("MultiDirDateTrimmer", folders_of_date),
    ("YearMonthTrimmer", month),
];

/// Trimmers that are switched on.
pub(super) struct Trimmers(Vec<Trim>);

impl Trimmers {
    /// All but `disabled`. Names may be those of the Python or the Java classes; only the last part counts. Python's
    /// own `extra` ones cannot be had here; what is unknown is warned of.
    pub(super) fn new(disabled: &[String], extra: &[String]) -> Self {
        for (key, names) in [("disabled_trimmers", disabled), ("extra_trimmers", extra)] {
            for name in names.iter().filter(|name| BUILT_IN.iter().all(|(known, _)| known != &class(name))) {
                tracing::warn!("dataset.{key}: there is no trimmer {name} here");
            }
        }
        let is_on = |name: &str| !disabled.iter().any(|disabled| class(disabled) == name);
        Self(BUILT_IN.iter().filter(|(name, _)| is_on(name)).map(|(_, trim)| *trim).collect())
    }

    /// What is left of the name; `None` where nothing is cut, and where there is no end to the cutting.
    pub(super) fn trim<'a>(&self, name: &'a str) -> Option<&'a str> {
        let mut left = name;
        for _ in 0..PASSES {
            let next = self.0.iter().fold(left, |left, trim| trim(left));
            if next == left {
                return Some(left).filter(|left| *left != name);
            }
            left = next;
        }
        None
    }
}

fn class(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// `/data/orders/day=2025-07-22`
fn key_value(name: &str) -> &str {
    cut_if(name, |last| last.bytes().filter(|byte| *byte == b'=').count() == 1)
}

/// `/data/orders/20250722T0901Z`
fn day(name: &str) -> &str {
    cut_if(name, dates::is_day)
}

/// `/data/orders/202507`
fn month(name: &str) -> &str {
    cut_if(name, dates::is_month)
}

/// `/data/orders/2025/07/22`, `/data/orders/2025/07`
fn folders_of_date(name: &str) -> &str {
    let parts: Vec<&str> = name.trim_matches('/').split('/').collect();
    match parts[..] {
        [_, .., year, month, day] if dates::is_date(year, month, day) => cut(name, 3),
        [_, .., year, month] if dates::is_date(year, month, "1") => cut(name, 2),
        _ => name,
    }
}

/// Cuts off the last part of a path of several, if it is as asked.
fn cut_if(name: &str, is_part: impl Fn(&str) -> bool) -> &str {
    if name.split('/').filter(|part| !part.is_empty()).count() < 2 {
        return name;
    }
    let last = name.trim_end_matches('/').rsplit('/').next().unwrap_or(name);
    if is_part(last) { cut(name, 1) } else { name }
}

fn cut(name: &str, parts: usize) -> &str {
    let stripped = name.trim_end_matches('/');
    if !stripped.contains('/') {
        return name;
    }
    (0..parts).fold(stripped, |left, _| left.rfind('/').map_or(left, |at| &left[..at]))
}

#[cfg(test)]
mod tests;
