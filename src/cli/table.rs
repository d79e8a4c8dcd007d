//! Columns of text, aligned by the cells that they take on a terminal.

use unicode_width::UnicodeWidthStr;

use crate::ec2::shown::shown;

/// The rows as lines; two spaces between columns, none at the end of a line.
pub fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| shown(cell).into_owned()).collect())
        .collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|n| {
            // The last cell of a row ends it and needs no room.
            let cells = rows.iter().filter(|row| row.len() > n + 1);
            cells.filter_map(|row| row.get(n)).map(|c| c.width()).max()
        })
        .map(|width| width.unwrap_or(0))
        .collect();
    rows.iter()
        .map(|row| {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(cell);
                line.push_str(&" ".repeat((width + 2).saturating_sub(cell.width())));
            }
            line.trim_end().to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_cells_not_by_bytes() {
        let row = |cells: &[&str]| cells.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        let rows = [
            row(&["é", "1"]),
            row(&["字字", "22", "x"]),
            row(&["a long last cell"]),
        ];
        assert_eq!(
            aligned(&rows),
            ["é     1", "字字  22  x", "a long last cell"]
        );
    }
}
