//! Paints a model. One file per screen region; colours only through theme roles.
//!
//! Invariants: no I/O and no clock; painting never changes the model; every state is a word or a
//! glyph before it is a colour; every string from outside goes through
//! [`crate::ec2::shown::shown`], and a last sweep over the frame catches what did not.

mod banner;
mod candidates;
mod dialog;
mod feed;
mod footer;
pub mod glyph;
mod header;
mod lesson;
pub mod look;
mod panel;
mod pen;
mod served;
mod strip;
pub mod theme;
mod timeline;
mod tree;
mod walk;
mod words;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::geometry::{Panes, SIZE_MIN};
use crate::app::layer::Layer;
use crate::app::model::Model;
use crate::app::walk::Walk;
pub use look::{Look, LookRequest};
use pen::{Pen, boxed, heading, put, rect};
use theme::Role;

/// Paints the whole screen.
pub fn view(frame: &mut Frame, model: &Model, look: &Look) {
    let area = frame.area();
    let pen = Pen { look };
    let buffer = frame.buffer_mut();
    let walk = open_walk(model);
    match model.panes((area.width, area.height)) {
        Some(panes) => {
            header::view(pen, model, buffer, rect(panes.header, area));
            banner::view(pen, model, buffer, rect(panes.banner, area));
            if let Some(school) = &model.school {
                lesson::view(pen, school, buffer, rect(panes.lesson, area));
            }
            body(pen, model, walk, buffer, &panes, area);
            footer::view(pen, model, buffer, rect(panes.footer, area));
        }
        None => too_small(pen, buffer, area),
    }
    glyph::sweep(buffer, look.glyphs);
    // Whoever does not see the screen hears the row on which the terminal's cursor stands.
    if let Some(place) = cursor(model, area) {
        frame.set_cursor_position(place);
    }
}

/// The beginning of the chosen row, while the tree takes the keys.
fn cursor(model: &Model, area: Rect) -> Option<(u16, u16)> {
    let panes = model.panes((area.width, area.height))?;
    let tree = rect(panes.tree, area);
    let line = tree::cursor_line(model, tree)?;
    let active = matches!(model.layers.last(), None | Some(Layer::Timeline(_)));
    active.then_some((tree.x, line))
}

/// The walk, if its layer is open.
fn open_walk(model: &Model) -> Option<&Walk> {
    let open = model.layers.contains(&Layer::Walk) && model.looking().is_none();
    model.walk.as_ref().filter(|_| open)
}

fn body(
    pen: Pen,
    model: &Model,
    walk: Option<&Walk>,
    buffer: &mut Buffer,
    panes: &Panes,
    area: Rect,
) {
    let whole = rect(panes.body, area);
    let (tree, panel) = (rect(panes.tree, area), rect(panes.panel, area));
    if panes.tree.height > 0 {
        frames(pen, buffer, panes, whole);
        tree_title(pen, model, buffer, tree);
        let active = matches!(
            model.layers.last(),
            None | Some(Layer::Filter { .. } | Layer::Timeline(_))
        );
        tree::view(pen, model, buffer, tree, active);
    }
    match walk {
        Some(walk) => {
            if panes.tree.height > 0 {
                let title = walk::title(pen, walk);
                heading(buffer, panel.x, whole.y, panel.width, title);
            }
            walk::view(pen, model, walk, buffer, panel);
        }
        None => {
            let (title, above, below) = panel::view(pen, model, buffer, panel);
            heading(
                buffer,
                panel.x,
                panel.y.saturating_sub(1),
                panel.width,
                title,
            );
            dialog::more(pen, buffer, panel, above, below);
            let feed = rect(panes.feed, area);
            match model.looking() {
                Some(looking) => timeline::view(pen, model, looking, buffer, feed),
                None => {
                    feed::view(pen, model, buffer, feed);
                    served::view(pen, model, buffer, panes, area);
                }
            }
        }
    }
    // The walk and the timeline cover what was open before them.
    let covers = |l: &Layer| match l {
        Layer::Walk => walk.is_some(),
        Layer::Timeline(_) => true,
        _ => false,
    };
    let below = model.layers.iter().rposition(covers);
    let first = below.map_or(0, |n| n + 1);
    let last = model.layers.len().saturating_sub(1);
    for (n, layer) in model.layers.iter().enumerate().skip(first) {
        // Of several questions of one call only the newest one is seen.
        if n < last && matches!(layer, Layer::Prompt(_)) {
            continue;
        }
        if let Layer::Candidates(list) = layer {
            let over = over(panes, area);
            candidates::view(pen, model, list, buffer, over);
            joints(pen, buffer, over, panes);
        } else {
            dialog::view(pen, model, layer, buffer, whole);
        }
    }
}

/// Where the candidates stand: beside the tree where there is room, else over both panes.
fn over(panes: &Panes, area: Rect) -> Rect {
    let whole = rect(panes.body, area);
    let panel = rect(panes.panel, area);
    let feed = panes.feed.height + 1;
    let height = whole.height.saturating_sub(feed);
    if panel.width >= 62 {
        let x = panel.x.saturating_sub(1);
        Rect::new(x, whole.y, panel.width + 2, height)
    } else {
        Rect { height, ..whole }
    }
}

/// Joins the box of the candidates with the lines around it.
fn joints(pen: Pen, buffer: &mut Buffer, over: Rect, panes: &Panes) {
    if panes.feed.height == 0 || over.height == 0 {
        return;
    }
    let style = pen.style(Role::BorderFocus);
    let left = if over.x == 0 { "├" } else { "┴" };
    put(buffer, over.x, over.bottom() - 1, left, style);
    put(buffer, over.right() - 1, over.bottom() - 1, "┤", style);
    if over.x > 0 {
        put(buffer, over.x, over.y, "┬", style);
    }
}

/// The lines around tree, panel and feed.
fn frames(pen: Pen, buffer: &mut Buffer, panes: &Panes, whole: Rect) {
    let style = pen.style(Role::Border);
    boxed(buffer, whole, style, pen::Row::default());
    let x = panes.panel.x.saturating_sub(1);
    let below = panes.tree.y + panes.tree.height;
    for y in panes.tree.y..below {
        put(buffer, x, y, "│", style);
    }
    put(buffer, x, whole.y, "┬", style);
    put(buffer, x, below, "┴", style);
    if panes.feed.height > 0 {
        for column in whole.x + 1..whole.right().saturating_sub(1) {
            if column != x {
                put(buffer, column, below, "─", style);
            }
        }
        put(buffer, whole.x, below, "├", style);
        put(buffer, whole.right().saturating_sub(1), below, "┤", style);
    }
}

/// ` VPCs `, and the filter with the number of its matches.
fn tree_title(pen: Pen, model: &Model, buffer: &mut Buffer, tree: Rect) {
    let (typing, old) = match model.layers.last() {
        Some(Layer::Filter { old }) => (true, *old),
        _ => (false, false),
    };
    let filter = &model.filter;
    let title = if typing || !filter.text.is_empty() {
        let cursor = if typing { "▏" } else { "" };
        let matches = match filter.text.as_str() {
            "" => String::new(),
            _ => format!(" {}", words::matches(filter.matches)),
        };
        pen.rows([
            (Role::Key, "/"),
            // What the next character takes the place of looks chosen.
            (
                if old { Role::Selection } else { Role::Input },
                &filter.text,
            ),
            (Role::Key, cursor),
            (Role::Muted, &matches),
        ])
    } else {
        pen.row(Role::Title, "VPCs")
    };
    heading(buffer, tree.x, tree.y.saturating_sub(1), tree.width, title);
}

/// One line, as much of it as fits.
fn too_small(pen: Pen, buffer: &mut Buffer, area: Rect) {
    let text = format!(
        "terminal {}x{}, enipilot needs {}x{}",
        area.width, area.height, SIZE_MIN.0, SIZE_MIN.1
    );
    let rows = pen.wrapped(Role::Text, &text, usize::from(area.width).max(1), "");
    pen::paint(buffer, area, &rows, 0);
}
