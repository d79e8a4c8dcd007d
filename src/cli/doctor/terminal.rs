//! Terminal, colours, locale, size, multiplexer and SSH.

use super::{Check, Surroundings};

/// Columns and rows below which the screen shows a notice only.
const SIZE_MIN: (u16, u16) = (60, 20);

/// Columns and rows at which everything is usable.
const SIZE_FULL: (u16, u16) = (80, 24);

pub(super) fn checks(here: &Surroundings) -> Vec<Check> {
    vec![
        tty(here),
        term(here),
        colours(here),
        locale(here),
        size(here),
        multiplexer(here),
        ssh(here),
    ]
}

fn tty(here: &Surroundings) -> Check {
    let streams = [
        (here.stdin, "stdin"),
        (here.stdout, "stdout"),
        (here.stderr, "stderr"),
    ];
    let not: Vec<&str> = streams
        .iter()
        .filter(|(is, _)| !is)
        .map(|(_, name)| *name)
        .collect();
    if here.stdin && here.stdout {
        return Check::ok("terminal", "stdin and stdout are a terminal");
    }
    Check::warn(
        "terminal",
        format!("not a terminal: {}", not.join(", ")),
        "the screen needs one (over SSH: ssh -t); tree, show, plan and failover do not",
    )
}

fn term(here: &Surroundings) -> Check {
    match here.var("TERM") {
        None => Check::warn("TERM", "not set", "export TERM, for example xterm-256color"),
        Some("dumb") => Check::warn(
            "TERM",
            "dumb: nothing can be drawn",
            "use another terminal, or tree, show, plan and failover",
        ),
        Some(term) => Check::ok("TERM", term),
    }
}

fn colours(here: &Surroundings) -> Check {
    let term = here.var("TERM").unwrap_or_default();
    if here.var("NO_COLOR").is_some() {
        return Check::ok("colours", "none: NO_COLOR is set");
    }
    let depth = match here.var("COLORTERM") {
        Some("truecolor" | "24bit") => "24-bit (COLORTERM)",
        _ if term.ends_with("-direct") => "24-bit (TERM)",
        _ if term.contains("256") => "256 (TERM); 24-bit where COLORTERM=truecolor is set",
        _ if term == "vt100" || term == "vt220" || term == "dumb" || term.is_empty() => "none",
        _ => "16 (TERM)",
    };
    Check::ok("colours", depth)
}

/// POSIX: the first of these that is set and not empty decides.
fn locale(here: &Surroundings) -> Check {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let found = names
        .iter()
        .find_map(|name| here.var(name).map(|value| (*name, value)));
    let Some((name, value)) = found else {
        return Check::warn(
            "locale",
            "none is set: lines are drawn in ASCII",
            "export LANG=C.UTF-8 for better lines",
        );
    };
    let lower = value.to_ascii_lowercase();
    if lower.contains("utf-8") || lower.contains("utf8") {
        return Check::ok("locale", format!("{name}={value}"));
    }
    Check::warn(
        "locale",
        format!("{name}={value} is not UTF-8: lines are drawn in ASCII"),
        "export LC_ALL=C.UTF-8 for better lines",
    )
}

fn size(here: &Surroundings) -> Check {
    let Some((columns, rows)) = here.size.filter(|s| *s != (0, 0)) else {
        return Check::ok("size", "unknown: stdout is not a terminal");
    };
    let said = format!("{columns}x{rows}");
    if columns < SIZE_MIN.0 || rows < SIZE_MIN.1 {
        return Check::warn(
            "size",
            said,
            "make the terminal at least 60x20, better 80x24",
        );
    }
    if columns < SIZE_FULL.0 || rows < SIZE_FULL.1 {
        return Check::warn("size", said, "80x24 shows everything");
    }
    Check::ok("size", said)
}

fn multiplexer(here: &Surroundings) -> Check {
    if here.var("TMUX").is_some() {
        // tmux(1): `external`, the default, ignores what applications send.
        return Check::warn(
            "multiplexer",
            "tmux: copying reaches the clipboard only if it may",
            "tmux set -s set-clipboard on",
        );
    }
    match here.var("STY") {
        Some(_) => Check::ok("multiplexer", "screen"),
        None => Check::ok("multiplexer", "none"),
    }
}

fn ssh(here: &Surroundings) -> Check {
    match here.var("SSH_CONNECTION") {
        Some(connection) => {
            let server = connection.split_whitespace().nth(2).unwrap_or("unknown");
            let text = format!(
                "this session reaches {server}: an interface with that address must not be moved from here"
            );
            Check::ok("ssh", text)
        }
        None => Check::ok("ssh", "no"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(variables: &str) -> Surroundings {
        let pairs = variables
            .split_whitespace()
            .filter_map(|pair| pair.split_once('='));
        Surroundings {
            variables: pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
            ..Surroundings::default()
        }
    }

    #[test]
    fn locale_follows_posix() {
        for (variables, ok) in [
            ("LANG=en_US.UTF-8", true),
            ("LANG=C.utf8", true),
            ("LANG=C", false),
            ("", false),
            ("LC_ALL=C LANG=en_US.UTF-8", false),
            ("LC_CTYPE=C.UTF-8 LANG=C", true),
            ("LC_ALL= LANG=C.UTF-8", true),
        ] {
            assert_eq!(locale(&here(variables)).ok, ok, "{variables}");
        }
    }

    #[test]
    fn depth_is_guessed_from_two_variables() {
        for (variables, begin) in [
            ("TERM=xterm-256color", "256"),
            ("TERM=xterm COLORTERM=truecolor", "24-bit"),
            ("TERM=xterm-direct", "24-bit"),
            ("TERM=linux", "16"),
            ("TERM=vt100", "none"),
            ("TERM=xterm-256color NO_COLOR=1", "none"),
        ] {
            let finding = colours(&here(variables)).finding;
            assert!(finding.starts_with(begin), "{variables}: {finding}");
        }
    }
}
