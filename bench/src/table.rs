//! Text tables.

/// Lines up `rows` under `head`: the first column to the left, the others to the right.
pub(crate) fn render(head: &[&str], rows: &[Vec<String>]) -> String {
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let widths: Vec<usize> = (0..head.len()).map(|column| width(&head, rows, column)).collect();
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let lines = [&head, &rule].into_iter().chain(rows).map(|row| line(row, &widths));
    lines.collect()
}

fn width(head: &[String], rows: &[Vec<String>], column: usize) -> usize {
    let cells = rows.iter().filter_map(|row| row.get(column)).chain(head.get(column));
    cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).enumerate();
    let padded = cells.map(|(column, (cell, width))| match column {
        0 => format!("{cell:<width$}"),
        _ => format!("  {cell:>width$}"),
    });
    let text: String = padded.collect();
    format!("{}\n", text.trim_end())
}

/// A number with three to four digits that count.
pub(crate) fn number(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [vec!["a".to_owned(), "12.5".to_owned()], vec!["longer".to_owned(), "3".to_owned()]];
        assert_eq!(render(&["name", "x"], &rows), "name       x\n------  ----\na       12.5\nlonger     3\n");
    }

    #[test]
    fn numbers_keep_what_counts() {
        let texts = [8412.3, 12.345, 1.4567, 0.81234].map(number);
        assert_eq!(texts, ["8412", "12.3", "1.46", "0.812"]);
    }
}
