//! The pen: the only way in which text gets onto the screen.
//!
//! Invariant: every span is made here, and every text in it went through the sanitiser; cutting
//! and padding count terminal columns, never bytes or characters.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::look::Look;
use super::theme::Role;
use crate::app::geometry::Pane;
use crate::ec2::shown::{shown, shown_within};

/// A line on the way to the screen.
pub(super) type Row = Line<'static>;

/// Makes spans in the look's styles.
#[derive(Clone, Copy)]
pub(super) struct Pen<'a> {
    pub look: &'a Look,
}

impl Pen<'_> {
    /// Sanitised text in a role.
    pub fn span(&self, role: Role, text: impl AsRef<str>) -> Span<'static> {
        Span::styled(shown(text.as_ref()).into_owned(), self.look.style(role))
    }

    /// A line of one span.
    pub fn row(&self, role: Role, text: impl AsRef<str>) -> Row {
        Line::from(self.span(role, text))
    }

    /// A line of several spans.
    pub fn rows<const N: usize>(&self, parts: [(Role, &str); N]) -> Row {
        Line::from_iter(parts.map(|(role, text)| self.span(role, text)))
    }

    /// Long text as wrapped lines.
    pub fn wrapped(&self, role: Role, text: &str, width: usize, indent: &str) -> Vec<Row> {
        let room = width.saturating_sub(indent.width()).max(1);
        wrap(text, room)
            .into_iter()
            .map(|line| self.row(role, format!("{indent}{line}")))
            .collect()
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.look.style(role)
    }
}

/// A line as wide as the row: `left`, then `right` against the right edge. What does not fit is
/// cut from the left part, because the right one holds the state.
pub(super) fn spread(mut left: Row, right: Row, width: usize) -> Row {
    let keep = width.saturating_sub(right.width() + usize::from(right.width() > 0));
    cut(&mut left, keep);
    let gap = width.saturating_sub(left.width() + right.width());
    left.spans.push(Span::raw(" ".repeat(gap)));
    left.spans.extend(right.spans);
    left
}

/// A line of a list, cut to `columns`; the chosen one is painted to its end.
pub(super) fn list_row(pen: Pen, mut row: Row, chosen: bool, columns: usize) -> Row {
    cut(&mut row, columns);
    if !chosen {
        return row;
    }
    let gap = columns.saturating_sub(row.width());
    row.spans.push(Span::raw(" ".repeat(gap)));
    row.patch_style(pen.style(Role::Selection))
}

/// Cuts a line to `columns`, with an ellipsis.
pub(super) fn cut(row: &mut Row, columns: usize) {
    if row.width() <= columns {
        return;
    }
    let mut used = 0;
    let mut kept = Vec::new();
    for span in row.spans.drain(..) {
        let width = span.width();
        if used + width < columns {
            used += width;
            kept.push(span);
            continue;
        }
        // What follows is cut too: one column more makes sure that the ellipsis appears.
        let room = columns - used;
        let text = format!("{}x", span.content);
        let text = shown_within(&text, room).into_owned();
        kept.push(Span::styled(text, span.style));
        break;
    }
    row.spans = kept;
}

/// Text in exactly so many columns: padded at the right, or cut with an ellipsis.
pub(super) fn fit(text: &str, columns: usize) -> String {
    let text = shown_within(text, columns);
    let gap = columns.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(gap))
}

/// Text in exactly so many columns, against the right edge.
pub(super) fn fit_right(text: &str, columns: usize) -> String {
    let text = shown_within(text, columns);
    let gap = columns.saturating_sub(text.width());
    format!("{}{text}", " ".repeat(gap))
}

/// Lines of at most `columns`, broken at spaces; a longer word is broken where it must be.
pub(super) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let text = shown(text);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let gap = usize::from(!line.is_empty());
        if line.width() + gap + word.width() <= columns {
            if gap > 0 {
                line.push(' ');
            }
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for c in word.chars() {
            let mut end = line.clone();
            end.push(c);
            if end.width() > columns.max(1) && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// A pane as the painter's rectangle, cut to what there is.
pub(super) fn rect(pane: Pane, area: Rect) -> Rect {
    Rect::new(pane.x, pane.y, pane.width, pane.height).intersection(area)
}

/// Paints lines from `scroll` on; says how many lie below the area.
pub(super) fn paint(buffer: &mut Buffer, area: Rect, rows: &[Row], scroll: usize) -> usize {
    let area = area.intersection(buffer.area);
    for (y, row) in (area.top()..area.bottom()).zip(rows.iter().skip(scroll)) {
        buffer.set_line(area.x, y, row, area.width);
    }
    rows.len().saturating_sub(scroll + usize::from(area.height))
}

/// Makes an area blank, for what lies over it.
pub(super) fn clear(buffer: &mut Buffer, area: Rect) {
    let area = area.intersection(buffer.area);
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            if let Some(cell) = buffer.cell_mut((x, y)) {
                cell.reset();
            }
        }
    }
}

/// A box with a title in its upper edge; returns what is inside.
pub(super) fn boxed(buffer: &mut Buffer, area: Rect, style: Style, title: Row) -> Rect {
    let area = area.intersection(buffer.area);
    if area.width < 2 || area.height < 2 {
        return Rect::ZERO;
    }
    let (right, bottom) = (area.right() - 1, area.bottom() - 1);
    for x in area.x + 1..right {
        put(buffer, x, area.y, "─", style);
        put(buffer, x, bottom, "─", style);
    }
    for y in area.y + 1..bottom {
        put(buffer, area.x, y, "│", style);
        put(buffer, right, y, "│", style);
    }
    put(buffer, area.x, area.y, "┌", style);
    put(buffer, right, area.y, "┐", style);
    put(buffer, area.x, bottom, "└", style);
    put(buffer, right, bottom, "┘", style);
    heading(buffer, area.x + 1, area.y, area.width - 2, title);
    Rect::new(area.x + 1, area.y + 1, area.width - 2, area.height - 2)
}

/// A title in a horizontal line, with a blank at both ends.
pub(super) fn heading(buffer: &mut Buffer, x: u16, y: u16, width: u16, mut title: Row) {
    if title.width() == 0 || width < 5 {
        return;
    }
    cut(&mut title, usize::from(width) - 3);
    title.spans.insert(0, Span::raw(" "));
    title.spans.push(Span::raw(" "));
    buffer.set_line(x + 1, y, &title, width - 1);
}

/// One glyph of ours.
pub(super) fn put(buffer: &mut Buffer, x: u16, y: u16, symbol: &'static str, style: Style) {
    if let Some(cell) = buffer.cell_mut((x, y)) {
        cell.set_symbol(symbol).set_style(style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_keeps_words_and_never_exceeds() {
        for (text, columns, expected) in [
            ("", 5, vec![""]),
            ("one two three", 7, vec!["one two", "three"]),
            (
                "eni-0c1d52aa7be03f9a1 x",
                10,
                vec!["eni-0c1d52", "aa7be03f9a", "1 x"],
            ),
            ("東京 東京", 4, vec!["東京", "東京"]),
        ] {
            assert_eq!(wrap(text, columns), expected, "{text}");
        }
    }

    #[test]
    fn a_spread_line_is_as_wide_as_asked_and_keeps_its_right_part() {
        for (left, right, width, expected) in [
            ("name", "up", 10, "name    up"),
            ("a-long-name", "up", 10, "a-long… up"),
            ("exactly", "up", 10, "exactly up"),
            ("name", "", 6, "name  "),
        ] {
            let line = spread(Line::from(left), Line::from(right), width);
            let text: String = line.spans.iter().map(|s| s.content.as_ref()).collect();
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn a_cut_between_spans_shows_its_ellipsis() {
        let mut row = Line::from_iter([Span::raw("abc"), Span::raw("def"), Span::raw("g")]);
        cut(&mut row, 6);
        let text: String = row.spans.iter().map(|s| s.content.as_ref()).collect();
        assert_eq!(text, "abcde…");
    }
}
