//! Themes: what a role looks like, at each of four colour depths.
//!
//! Invariants: painters name roles, never colours; every role resolves at every depth; 256 colours
//! are computed from 24-bit ones, 16 colours never are (the theme names them); at
//! [`Depth::Mono`] no colour is left, only attributes.

mod color;
mod file;
mod role;

use std::collections::BTreeMap;

use ratatui::style::Style;

pub use color::Depth;
pub use file::ThemeError;
pub use role::Role;

use color::Ink;

/// Embedded themes: name and text.
pub const EMBEDDED: &[(&str, &str)] = &[
    ("default", include_str!("../../themes/default.toml")),
    ("mono", include_str!("../../themes/mono.toml")),
];

/// A theme, resolved for one depth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Its name.
    pub name: String,
    styles: Vec<Style>,
}

/// What a theme file says of one role, before it is resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Spec {
    fg: Option<Ink>,
    bg: Option<Ink>,
    modifiers: ratatui::style::Modifier,
}

impl Theme {
    /// An embedded theme by name.
    ///
    /// # Errors
    /// There is no theme of that name; the error names those that exist.
    pub fn embedded(name: &str, depth: Depth) -> Result<Self, ThemeError> {
        match EMBEDDED.iter().find(|(known, _)| *known == name) {
            Some((known, text)) => Self::parse(&format!("themes/{known}.toml"), text, depth),
            None => Err(ThemeError::unknown_theme(
                name,
                EMBEDDED.iter().map(|(known, _)| *known),
            )),
        }
    }

    /// A theme from the text of its file; `file` names it in errors.
    ///
    /// # Errors
    /// What is wrong, with file and line, and what was probably meant.
    pub fn parse(file: &str, text: &str, depth: Depth) -> Result<Self, ThemeError> {
        let (name, specs) = file::read(file, text)?;
        let styles = Role::ALL
            .iter()
            .map(|role| resolve(&specs, role.name()).style(depth))
            .collect();
        Ok(Self { name, styles })
    }

    /// What a role looks like.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }
}

/// Dotted fallback: `state.moving`, then `state`, then `text`.
fn resolve(specs: &BTreeMap<String, Spec>, role: &str) -> Spec {
    let mut name = role;
    loop {
        if let Some(spec) = specs.get(name) {
            return spec.clone();
        }
        match name.rsplit_once('.') {
            Some((head, _)) => name = head,
            None if name == "text" => return Spec::default(),
            None => name = "text",
        }
    }
}

impl Spec {
    fn style(&self, depth: Depth) -> Style {
        let mut style = Style::new().add_modifier(self.modifiers);
        if let Some(fg) = self.fg.as_ref().and_then(|ink| ink.at(depth)) {
            style = style.fg(fg);
        }
        if let Some(bg) = self.bg.as_ref().and_then(|ink| ink.at(depth)) {
            style = style.bg(bg);
        }
        style
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use ratatui::style::{Color, Modifier};

    use super::*;

    const DEPTHS: [Depth; 4] = [Depth::Mono, Depth::Ansi16, Depth::Indexed256, Depth::True];

    #[test]
    fn every_embedded_theme_is_sound_at_every_depth() {
        for (name, text) in EMBEDDED {
            for depth in DEPTHS {
                let theme = Theme::embedded(name, depth).unwrap();
                assert_eq!(theme.name, *name);
                for role in Role::ALL {
                    let style = theme.style(role);
                    if depth == Depth::Mono || *name == "mono" {
                        assert_eq!((style.fg, style.bg), (None, None), "{name} {role:?}");
                    }
                    if depth != Depth::True {
                        assert!(!matches!(style.fg, Some(Color::Rgb(..))), "{name} {role:?}");
                    }
                    let painted =
                        style.bg.is_some() || style.add_modifier.contains(Modifier::REVERSED);
                    let may = ["selection", "badge", "diff.mismatch", "state.failed"];
                    assert!(
                        !painted || may.iter().any(|prefix| role.name().starts_with(prefix)),
                        "{name}: {} paints a background",
                        role.name()
                    );
                    // Vanishing colours on common terminals.
                    assert!(!matches!(
                        style.fg,
                        Some(Color::Blue | Color::DarkGray | Color::Black)
                    ));
                }
            }
            // Complete without any fallback: a role that was forgotten would be told only by eye.
            let (_, specs) = file::read(name, text).unwrap();
            for role in Role::ALL {
                assert!(
                    specs.contains_key(role.name()),
                    "{name} lacks {}",
                    role.name()
                );
            }
        }
    }

    #[test]
    fn the_selection_is_reversed() {
        for (name, _) in EMBEDDED {
            let theme = Theme::embedded(name, Depth::Mono).unwrap();
            let style = theme.style(Role::Selection);
            assert!(style.add_modifier.contains(Modifier::REVERSED), "{name}");
        }
    }

    #[test]
    fn mono_keeps_the_members_of_a_family_apart() {
        let theme = Theme::embedded("mono", Depth::Mono).unwrap();
        for family in [
            vec![
                Role::StateGood,
                Role::StateIdle,
                Role::StateMoving,
                Role::StateFailed,
            ],
            vec![
                Role::StepTodo,
                Role::StepDoing,
                Role::StepDone,
                Role::StepFailed,
            ],
            vec![
                Role::DiffBefore,
                Role::DiffAfter,
                Role::DiffSame,
                Role::DiffMatch,
                Role::DiffMismatch,
            ],
            vec![
                Role::BadgeSim,
                Role::BadgeRehearsal,
                Role::BadgeReadonly,
                Role::BadgeLive,
            ],
        ] {
            for (n, a) in family.iter().enumerate() {
                for b in &family[n + 1..] {
                    assert_ne!(theme.style(*a), theme.style(*b), "{a:?} {b:?}");
                }
            }
        }
    }

    #[test]
    fn a_missing_role_falls_back_along_its_dots() {
        let text = "name = \"t\"\n[palette]\n[roles]\ntext = { modifiers = [\"dim\"] }\nstate = { fg = \"red\" }\n";
        let theme = Theme::parse("t.toml", text, Depth::Ansi16).unwrap();
        assert_eq!(theme.style(Role::StateMoving).fg, Some(Color::Red));
        assert_eq!(theme.style(Role::Key).add_modifier, Modifier::DIM);
    }

    #[test]
    fn a_palette_entry_has_its_own_form_at_each_depth() {
        let text = "name = \"t\"\n[palette]\nok = \"#56b4e9\"\n[palette.ansi16]\nok = \"light-cyan\"\n[roles]\ntext = { fg = \"ok\" }\n";
        for (depth, expected) in [
            (Depth::True, Some(Color::Rgb(0x56, 0xb4, 0xe9))),
            (Depth::Indexed256, Some(Color::Indexed(74))),
            (Depth::Ansi16, Some(Color::LightCyan)),
            (Depth::Mono, None),
        ] {
            let theme = Theme::parse("t.toml", text, depth).unwrap();
            assert_eq!(theme.style(Role::Text).fg, expected, "{depth:?}");
        }
    }

    #[test]
    fn mistakes_name_file_line_and_what_was_meant() {
        let head = "name = \"t\"\n[palette]\nok = \"cyan\"\n[roles]\n";
        for (line, expected) in [
            (
                "txet = {}",
                "t.toml:5: there is no role `txet`; did you mean `text`?",
            ),
            (
                "\"state.movin\" = {}",
                "t.toml:5: there is no role `state.movin`; did you mean `state.moving`?",
            ),
            (
                "text = { fgg = \"ok\" }",
                "t.toml:5: unknown field `fgg`; did you mean `fg`?",
            ),
            (
                "text = { fg = \"okk\" }",
                "t.toml:5: `okk` is neither in [palette] nor a colour; did you mean `ok`?",
            ),
            (
                "text = { modifiers = [\"blod\"] }",
                "t.toml:5: unknown variant `blod`; did you mean `bold`?",
            ),
            (
                "text = { fg = \"#12345\" }",
                "t.toml:5: `#12345` is not a colour such as #56b4e9",
            ),
        ] {
            let error =
                Theme::parse("t.toml", &format!("{head}{line}\n"), Depth::True).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
        for (text, expected) in [
            (
                "nmae = \"t\"\n",
                "t.toml:1: unknown field `nmae`; did you mean `name`?",
            ),
            (
                "name = \"t\"\n[palette]\nok = \"#56b4e9\"\n[roles]\n",
                "t.toml:3: `ok` is a 24-bit colour, so [palette.ansi16] must name one of the 16 for it",
            ),
        ] {
            let error = Theme::parse("t.toml", text, Depth::True).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
        let error = Theme::embedded("defualt", Depth::True).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no theme `defualt`; did you mean `default`? Themes: default, mono"
        );
    }
}
