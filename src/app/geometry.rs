//! Where the regions of the screen lie, for a terminal of a given size.
//!
//! The painter draws by it and the model scrolls by it, so that a page down is a page and the
//! cursor is never out of view. Invariants: regions never overlap and lie within the terminal;
//! the tree and the panel never cover each other.

/// The smallest terminal that gets more than a notice: columns, rows.
pub const SIZE_MIN: (u16, u16) = (60, 20);
/// Rows that the timeline takes beyond those of the feed.
const TIMELINE_MORE: u16 = 4;
/// From this width on the tree stays beside a walk.
pub const WALK_BESIDE_TREE_MIN: u16 = 110;

/// A rectangle of cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pane {
    /// First column.
    pub x: u16,
    /// First row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

/// The regions, inside their borders. A region that is not on screen has no rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Panes {
    /// One line at the top.
    pub header: Pane,
    /// One line below it, while an operation is left open.
    pub banner: Pane,
    /// The lesson, where one is being played.
    pub lesson: Pane,
    /// The tree.
    pub tree: Pane,
    /// The attachment panel; the walk where it stands beside the tree.
    pub panel: Pane,
    /// What happened.
    pub feed: Pane,
    /// One line at the bottom.
    pub footer: Pane,
    /// Everything between header and footer, borders included.
    pub body: Pane,
}

/// The regions; `None` where the terminal is too small. `walking`: plan, walk or summary is open;
/// `lesson`: rows that a lesson takes; `banner`: an operation was left open; `looking`: the timeline
/// takes the feed's place, and needs more of it.
pub fn panes(
    size: (u16, u16),
    walking: bool,
    lesson: u16,
    banner: bool,
    looking: bool,
) -> Option<Panes> {
    let (width, height) = size;
    if width < SIZE_MIN.0 || height < SIZE_MIN.1 {
        return None;
    }
    if !banner {
        return Some(laid_out(size, walking, lesson, looking));
    }
    let mut panes = laid_out((width, height - 1), walking, lesson, looking);
    panes.banner = Pane {
        y: 1,
        ..panes.header
    };
    for pane in [
        &mut panes.lesson,
        &mut panes.tree,
        &mut panes.panel,
        &mut panes.feed,
        &mut panes.footer,
        &mut panes.body,
    ] {
        pane.y += 1;
    }
    Some(panes)
}

fn laid_out((width, height): (u16, u16), walking: bool, lesson: u16, looking: bool) -> Panes {
    let line = |y| Pane {
        x: 0,
        y,
        width,
        height: 1,
    };
    let top = 1 + lesson;
    let body = Pane {
        x: 0,
        y: top,
        width,
        height: height - 1 - top,
    };
    let mut panes = Panes {
        header: line(0),
        footer: line(height - 1),
        lesson: Pane {
            height: lesson,
            ..line(1)
        },
        body,
        ..Panes::default()
    };
    if walking && width < WALK_BESIDE_TREE_MIN {
        panes.panel = body;
        return panes;
    }
    // Three vertical borders; two horizontal ones, and a third above the feed.
    let inner = width - 3;
    let tree = if walking {
        // The walk needs the room; the tree is there to see the interface leave and arrive.
        (inner * 36 / 100).clamp(38, 60)
    } else if width < 100 {
        (inner * 52 / 100).max(30)
    } else {
        (inner * 46 / 100).min(76)
    };
    let feed = if walking {
        0
    } else {
        match height - lesson {
            0..24 => 2,
            24..32 => 3,
            32..44 => 5,
            _ => 8,
        }
    };
    // A bar, its marks, where one stands, and what changed.
    let feed = if looking { feed + TIMELINE_MORE } else { feed };
    let borders = if walking { 2 } else { 3 };
    let rows = body.height - borders - feed;
    panes.tree = Pane {
        x: 1,
        y: top + 1,
        width: tree,
        height: rows,
    };
    panes.panel = Pane {
        x: tree + 2,
        y: top + 1,
        width: inner - tree,
        height: rows,
    };
    if feed > 0 {
        panes.feed = Pane {
            x: 1,
            y: top + 2 + rows,
            width: width - 2,
            height: feed,
        };
    }
    panes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apart(a: Pane, b: Pane) -> bool {
        a.height == 0
            || b.height == 0
            || a.x + a.width <= b.x
            || b.x + b.width <= a.x
            || a.y + a.height <= b.y
            || b.y + b.height <= a.y
    }

    #[test]
    fn regions_never_overlap_nor_leave_the_terminal() {
        for width in 1..=300 {
            for height in 1..=120 {
                for (walking, lesson, banner, looking) in [
                    (false, 0, false, false),
                    (true, 0, false, false),
                    (false, 6, false, false),
                    (true, 2, false, false),
                    (false, 0, true, false),
                    (true, 0, true, false),
                    (false, 6, true, false),
                    (true, 2, true, false),
                    (false, 0, false, true),
                    (false, 6, false, true),
                    (false, 6, true, true),
                ] {
                    let Some(p) = panes((width, height), walking, lesson, banner, looking) else {
                        assert!(width < SIZE_MIN.0 || height < SIZE_MIN.1);
                        continue;
                    };
                    let all = [
                        p.header, p.banner, p.lesson, p.tree, p.panel, p.feed, p.footer,
                    ];
                    for (n, a) in all.iter().enumerate() {
                        assert!(a.x + a.width <= width && a.y + a.height <= height);
                        for b in &all[n + 1..] {
                            assert!(apart(*a, *b), "{width}x{height} {a:?} {b:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_floor_shows_enough_of_everything() {
        let p = panes((80, 24), false, 0, false, false).unwrap_or_default();
        assert_eq!((p.tree.width, p.tree.height), (40, 16));
        assert_eq!((p.panel.width, p.feed.height), (37, 3));
        assert!(
            panes((59, 24), false, 0, false, false).is_none()
                && panes((80, 19), false, 0, false, false).is_none()
        );
    }
}
