//! Theme files: TOML with a palette and roles, and errors that point at the line.

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier};
use serde::Deserialize;
use toml::Spanned;

use super::color::{Ink, NAMES, hex, named};
use super::{Role, Spec};

/// What is wrong with a theme.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}{what}")]
pub struct ThemeError {
    place: String,
    what: String,
}

impl ThemeError {
    fn at(file: &str, text: &str, offset: usize, what: String) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        Self {
            place: format!("{file}:{line}: "),
            what,
        }
    }

    pub(super) fn unknown_theme<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.collect();
        let meant = meant(name, known.iter().copied());
        let list = known.join(", ");
        Self {
            place: String::new(),
            what: match meant {
                Some(meant) => {
                    format!("there is no theme `{name}`; did you mean `{meant}`? Themes: {list}")
                }
                None => format!("there is no theme `{name}`. Themes: {list}"),
            },
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    /// For what kind of background it is made: any, dark or light.
    #[serde(default, rename = "kind")]
    _kind: Kind,
    #[serde(default)]
    palette: BTreeMap<String, Spanned<Entry>>,
    #[serde(default)]
    roles: BTreeMap<String, Spanned<StyleSpec>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    #[default]
    Any,
    Dark,
    Light,
}

/// A colour, or the table `ansi16`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Color(String),
    Table(BTreeMap<String, String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StyleSpec {
    fg: Option<String>,
    bg: Option<String>,
    #[serde(default)]
    modifiers: Vec<Attribute>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Attribute {
    Bold,
    Dim,
    Italic,
    Underlined,
    Reversed,
    CrossedOut,
}

impl Attribute {
    fn modifier(self) -> Modifier {
        match self {
            Self::Bold => Modifier::BOLD,
            Self::Dim => Modifier::DIM,
            Self::Italic => Modifier::ITALIC,
            Self::Underlined => Modifier::UNDERLINED,
            Self::Reversed => Modifier::REVERSED,
            Self::CrossedOut => Modifier::CROSSED_OUT,
        }
    }
}

/// Name and roles of a theme file.
pub(super) fn read(file: &str, text: &str) -> Result<(String, BTreeMap<String, Spec>), ThemeError> {
    let parsed: File = toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        ThemeError::at(file, text, offset, rephrased(error.message()))
    })?;
    let palette = palette(file, text, &parsed.palette)?;
    let mut specs = BTreeMap::new();
    for (name, spec) in &parsed.roles {
        let fail = |what| ThemeError::at(file, text, spec.span().start, what);
        // A family such as `state` may be given as the fallback of its members.
        let known = Role::ALL.iter().any(|role| {
            role.name() == name
                || role
                    .name()
                    .strip_prefix(name.as_str())
                    .is_some_and(|rest| rest.starts_with('.'))
        });
        if !known {
            let names = Role::ALL.iter().map(|role| role.name());
            return Err(fail(with_meant(
                format!("there is no role `{name}`"),
                meant(name, names),
            )));
        }
        let ink = |name: &Option<String>| -> Result<Option<Ink>, ThemeError> {
            name.as_deref()
                .map(|name| find(&palette, name).map_err(fail))
                .transpose()
        };
        let spec = spec.get_ref();
        let modifiers = spec.modifiers.iter().map(|a| a.modifier());
        specs.insert(
            name.clone(),
            Spec {
                fg: ink(&spec.fg)?,
                bg: ink(&spec.bg)?,
                modifiers: modifiers.fold(Modifier::empty(), |all, one| all | one),
            },
        );
    }
    Ok((parsed.name, specs))
}

fn palette(
    file: &str,
    text: &str,
    entries: &BTreeMap<String, Spanned<Entry>>,
) -> Result<BTreeMap<String, Ink>, ThemeError> {
    let ansi16 = match entries.get("ansi16").map(Spanned::get_ref) {
        Some(Entry::Table(table)) => Some(table),
        _ => None,
    };
    let mut palette = BTreeMap::new();
    for (name, entry) in entries {
        let fail = |what| Err(ThemeError::at(file, text, entry.span().start, what));
        let Entry::Color(value) = entry.get_ref() else {
            if name == "ansi16" {
                continue;
            }
            return fail(format!("`{name}` is a table; only `ansi16` may be one"));
        };
        let ansi = match ansi16.and_then(|table| table.get(name)) {
            Some(ansi) => match named(ansi) {
                Some(color) => Some(color),
                None => return fail(not_a_colour(ansi, NAMES.iter().map(|(n, _)| *n))),
            },
            None => None,
        };
        let ink = match (named(value), hex(value), ansi) {
            (Some(full), _, ansi) => Ink {
                full,
                ansi: ansi.unwrap_or(full),
            },
            (None, Some(full), Some(ansi)) => Ink { full, ansi },
            (None, Some(_), None) => {
                return fail(format!(
                    "`{name}` is a 24-bit colour, so [palette.ansi16] must name one of the 16 for it"
                ));
            }
            (None, None, _) => return fail(not_a_colour(value, NAMES.iter().map(|(n, _)| *n))),
        };
        palette.insert(name.clone(), ink);
    }
    Ok(palette)
}

fn find(palette: &BTreeMap<String, Ink>, name: &str) -> Result<Ink, String> {
    if let Some(ink) = palette.get(name) {
        return Ok(ink.clone());
    }
    if let Some(color) = named(name) {
        return Ok(Ink {
            full: color,
            ansi: color,
        });
    }
    if let Some(Color::Rgb(..)) = hex(name) {
        return Err(format!(
            "`{name}` belongs into [palette]; roles name its entries"
        ));
    }
    let known = palette.keys().map(String::as_str);
    Err(not_a_colour(
        name,
        known.chain(NAMES.iter().map(|(n, _)| *n)),
    ))
}

fn not_a_colour<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    if name.starts_with('#') {
        return format!("`{name}` is not a colour such as #56b4e9");
    }
    with_meant(
        format!("`{name}` is neither in [palette] nor a colour"),
        meant(name, known),
    )
}

/// Turns "unknown field `fgg`, expected one of `fg`, `bg`" into what helps.
fn rephrased(message: &str) -> String {
    let message = message.lines().next().unwrap_or(message);
    if !message.starts_with("unknown ") {
        return message.to_owned();
    }
    let mut words = message.split('`').skip(1).step_by(2);
    let Some(wrong) = words.next() else {
        return message.to_owned();
    };
    let head = message.split(',').next().unwrap_or(message).to_owned();
    match meant(wrong, words) {
        Some(meant) => format!("{head}; did you mean `{meant}`?"),
        None => message.to_owned(),
    }
}

fn with_meant(what: String, meant: Option<&str>) -> String {
    match meant {
        Some(meant) => format!("{what}; did you mean `{meant}`?"),
        None => what,
    }
}

/// The known word that is at most two edits (a third of its length, for long ones) away.
fn meant<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|word| (edits(wrong, word), word))
        .filter(|(edits, word)| *edits <= (word.len() / 3).clamp(1, 3))
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, word)| word)
}

/// Edits between two words: one letter inserted, left out or changed, two neighbours swapped.
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (rows[i - 1][j] + 1)
                .min(row[j - 1] + 1)
                .min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().unwrap_or(0)
}
