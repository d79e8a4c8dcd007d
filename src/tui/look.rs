//! How the screen looks: theme, glyphs and colour depth, chosen once at the start.

use ratatui::style::Style;

use super::glyph::Glyphs;
use super::theme::{Depth, Role, Theme, ThemeError};

/// What the environment and the command line say; read by the runtime, never here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookRequest {
    /// `--theme`, or the configured one.
    pub theme: Option<String>,
    /// NO_COLOR is set and not empty, or `--no-color`.
    pub no_color: bool,
    /// `--ascii`.
    pub ascii: bool,
    /// COLORTERM.
    pub colorterm: Option<String>,
    /// TERM.
    pub term: Option<String>,
    /// The first of LC_ALL, LC_CTYPE and LANG that is set and not empty.
    pub locale: Option<String>,
}

/// Theme, glyphs and depth.
///
/// NO_COLOR is obeyed here, once: without colours the look asks for none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// What roles look like.
    pub theme: Theme,
    /// Unicode or ASCII.
    pub glyphs: Glyphs,
    /// Colours that the terminal can show.
    pub depth: Depth,
}

impl Look {
    /// Chooses a look.
    ///
    /// # Errors
    /// The theme does not exist or is broken; the caller may tell so and ask again without a theme.
    pub fn choose(request: &LookRequest) -> Result<Self, ThemeError> {
        let depth = depth(request);
        let name = match &request.theme {
            Some(name) => name.as_str(),
            None if depth == Depth::Mono => "mono",
            None => "default",
        };
        let glyphs = if request.ascii || !is_utf8(request.locale.as_deref()) {
            Glyphs::Ascii
        } else {
            Glyphs::Unicode
        };
        Ok(Self {
            theme: Theme::embedded(name, depth)?,
            glyphs,
            depth,
        })
    }

    /// What a role looks like.
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }
}

/// COLORTERM speaks first, then TERM; 256 is what most terminals reached over SSH can do.
fn depth(request: &LookRequest) -> Depth {
    if request.no_color {
        return Depth::Mono;
    }
    let colorterm = request.colorterm.as_deref().unwrap_or_default();
    if colorterm == "truecolor" || colorterm == "24bit" {
        return Depth::True;
    }
    let term = request.term.as_deref().unwrap_or_default();
    match term {
        "" | "dumb" => Depth::Mono,
        _ if term.starts_with("vt") => Depth::Mono,
        _ if term.ends_with("-direct") => Depth::True,
        _ if term.contains("256") => Depth::Indexed256,
        _ if ["kitty", "alacritty", "foot", "ghostty", "wezterm"]
            .iter()
            .any(|known| term.contains(known)) =>
        {
            Depth::Indexed256
        }
        _ => Depth::Ansi16,
    }
}

fn is_utf8(locale: Option<&str>) -> bool {
    let locale = locale.unwrap_or_default().to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn depth_and_theme_follow_the_terminal() {
        for (no_color, colorterm, term, depth, theme) in [
            (false, "truecolor", "xterm-256color", Depth::True, "default"),
            (false, "24bit", "xterm", Depth::True, "default"),
            (false, "", "xterm-256color", Depth::Indexed256, "default"),
            (false, "", "tmux-256color", Depth::Indexed256, "default"),
            (false, "", "xterm-direct", Depth::True, "default"),
            (false, "", "xterm", Depth::Ansi16, "default"),
            (false, "", "linux", Depth::Ansi16, "default"),
            (false, "", "screen", Depth::Ansi16, "default"),
            (false, "", "vt100", Depth::Mono, "mono"),
            (false, "", "dumb", Depth::Mono, "mono"),
            (true, "truecolor", "xterm-256color", Depth::Mono, "mono"),
        ] {
            let look = Look::choose(&LookRequest {
                no_color,
                colorterm: Some(colorterm.into()),
                term: Some(term.into()),
                ..LookRequest::default()
            })
            .unwrap();
            assert_eq!((look.depth, &*look.theme.name), (depth, theme), "{term}");
        }
    }

    #[test]
    fn glyphs_follow_the_locale() {
        for (ascii, locale, expected) in [
            (false, Some("en_GB.UTF-8"), Glyphs::Unicode),
            (false, Some("C.utf8"), Glyphs::Unicode),
            (false, Some("C"), Glyphs::Ascii),
            (false, Some("POSIX"), Glyphs::Ascii),
            (false, None, Glyphs::Ascii),
            (true, Some("en_GB.UTF-8"), Glyphs::Ascii),
        ] {
            let request = LookRequest {
                ascii,
                locale: locale.map(Into::into),
                ..LookRequest::default()
            };
            assert_eq!(
                Look::choose(&request).unwrap().glyphs,
                expected,
                "{locale:?}"
            );
        }
    }

    #[test]
    fn an_unknown_theme_is_an_error() {
        let request = LookRequest {
            theme: Some("nope".into()),
            ..LookRequest::default()
        };
        assert!(Look::choose(&request).is_err());
    }
}
