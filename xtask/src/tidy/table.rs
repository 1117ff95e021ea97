//! Rows of the tables in our documents.

/// One row below a table's head.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) line: usize,
    pub(super) cells: Vec<String>,
}

impl Row {
    /// A cell without the backticks around it; empty if the row is too short.
    pub(super) fn cell(&self, index: usize) -> &str {
        self.cells.get(index).map_or("", |cell| cell.trim_matches('`'))
    }
}

/// All rows of all tables of a Markdown text.
pub(super) fn rows(text: &str) -> Vec<Row> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_row = |index: usize| lines.get(index).is_some_and(|line| line.starts_with('|'));
    let is_rule = |index: usize| is_row(index) && lines[index].chars().all(|c| "|-: ".contains(c));
    (0..lines.len())
        .filter(|&index| is_row(index) && !is_rule(index) && !is_rule(index + 1))
        .map(|index| Row { line: index + 1, cells: cells(lines[index]) })
        .collect()
}

fn cells(line: &str) -> Vec<String> {
    line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_and_rules_are_no_rows() {
        let found = rows("# T\n\n| a | b |\n| --- | :-: |\n| `x` | y z |\n\ntext\n");
        assert_eq!(found, [Row { line: 5, cells: vec!["`x`".into(), "y z".into()] }]);
        assert_eq!((found[0].cell(0), found[0].cell(1), found[0].cell(2)), ("x", "y z", ""));
    }
}
