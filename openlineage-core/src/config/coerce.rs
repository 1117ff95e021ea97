use super::{ConfigValue, Node};

/// What does not fit: why, and an example of what would.
pub(super) struct Misfit {
    pub(super) problem: &'static str,
    pub(super) cure: &'static str,
}

pub(super) fn text(value: &ConfigValue) -> Result<String, Misfit> {
    let misfit = Misfit { problem: "not a string", cure: "write one text, in quotes if need be" };
    value.text().map(str::to_owned).ok_or(misfit)
}

pub(super) fn flag(value: &ConfigValue) -> Result<bool, Misfit> {
    match value.text().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err(Misfit { problem: "neither true nor false", cure: "write true or false" }),
    }
}

pub(super) fn number(value: &ConfigValue) -> Result<f64, Misfit> {
    let text = value.text().unwrap_or_default().trim();
    // `inf`, `nan` and the like are numbers to the parser.
    let decimal = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let number = if decimal { text.parse().ok() } else { None };
    let misfit = Misfit { problem: "not a number of zero or more", cure: "write it like 2.5" };
    number.filter(|number: &f64| number.is_finite() && *number >= 0.0).ok_or(misfit)
}

pub(super) fn whole(value: &ConfigValue) -> Result<i64, Misfit> {
    let misfit = Misfit { problem: "not a whole number", cure: "write it like 5" };
    value.text().unwrap_or_default().trim().parse().map_err(|_| misfit)
}

pub(super) fn texts(value: &ConfigValue) -> Result<Vec<String>, Misfit> {
    let misfit = || Misfit { problem: "not a list of texts", cure: "write it like [\"a\", \"b\"] or a;b" };
    match value.node() {
        Node::List(items) => items.iter().map(|item| item.text().map(str::to_owned).ok_or_else(misfit)).collect(),
        Node::Scalar { text, .. } => {
            Ok(text.split(';').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect())
        }
        _ => Err(misfit()),
    }
}
