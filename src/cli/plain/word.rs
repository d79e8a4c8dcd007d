//! One line that a person typed, as a wish.
//!
//! Invariants: pure; what is no word of this program stays text and is judged where text is
//! expected; a single character is the screen's own key.

use std::time::Duration;

use crate::app::action::Action;
use crate::app::keymap::{self, Scope};
use crate::app::msg::Key;

/// Virtual time that one `wait` lets pass at most.
const WAIT_MAX: Duration = Duration::from_secs(24 * 3_600);

/// What a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// An empty line: say again what can be chosen.
    Menu,
    /// The choice with this number, from 1.
    Number(usize),
    /// The tree, or one resource with every field.
    Look(Option<String>),
    /// This resource is meant from here on.
    Select(String),
    /// The lesson's step and goals.
    Goals,
    /// Let this much virtual time pass.
    Wait(Duration),
    /// What can be typed.
    Help,
    /// The end.
    Quit,
    /// An action, and what belongs to it: a resource, answers to its questions.
    Do(Action, Vec<String>),
    /// An answer, letter by letter as it stands.
    Type(String),
    /// Whatever else.
    Text(String),
}

/// Actions by the word that asks for them, with what they are done to.
pub(super) const ACTIONS: &[(&str, Action, Target)] = &[
    ("failover", Action::FailOver, Target::Eni),
    ("attach", Action::Attach, Target::Eni),
    ("detach", Action::Detach, Target::Eni),
    ("create", Action::Create, Target::Subnet),
    ("delete", Action::Delete, Target::Eni),
    ("groups", Action::Groups, Target::Eni),
    ("source-dest-check", Action::SourceDestCheck, Target::Eni),
    (
        "delete-on-termination",
        Action::DeleteOnTermination,
        Target::Eni,
    ),
    ("assign", Action::Assign, Target::Eni),
    ("unassign", Action::Unassign, Target::Eni),
    ("associate", Action::Associate, Target::Eni),
    ("disassociate", Action::Disassociate, Target::Eni),
    ("allocate", Action::Allocate, Target::Nothing),
    ("release", Action::Release, Target::Nothing),
    ("create-route", Action::CreateRoute, Target::Eni),
    ("replace-route", Action::ReplaceRoute, Target::Eni),
    ("delete-route", Action::DeleteRoute, Target::Eni),
    ("start", Action::Start, Target::Instance),
    ("stop", Action::Stop, Target::Instance),
    ("reboot", Action::Reboot, Target::Instance),
    ("terminate", Action::Terminate, Target::Instance),
    ("resize", Action::Resize, Target::Instance),
    ("launch", Action::Launch, Target::Eni),
    ("answer", Action::Answer, Target::Nothing),
    ("hint", Action::Hint, Target::Nothing),
    ("undo", Action::Undo, Target::Nothing),
    ("redo", Action::Redo, Target::Nothing),
    ("reset", Action::Restart, Target::Nothing),
    ("solution", Action::Solution, Target::Nothing),
    ("next", Action::NextLesson, Target::Nothing),
    ("lessons", Action::Lessons, Target::Nothing),
    ("sandbox", Action::Sandbox, Target::Nothing),
    ("timeline", Action::Timeline, Target::Nothing),
];

/// What an action is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A network interface.
    Eni,
    /// An instance.
    Instance,
    /// A subnet.
    Subnet,
    /// Nothing that would have to be selected.
    Nothing,
}

/// Words that are no actions.
const OTHERS: &[&str] = &["look", "select", "goals", "wait", "help", "quit", "back"];

/// The word that asks for an action.
pub(super) fn word_of(action: Action) -> Option<&'static str> {
    let row = ACTIONS.iter().find(|(_, a, _)| *a == action);
    row.map(|(word, _, _)| *word)
}

/// What an action is done to.
pub(super) fn target_of(action: Action) -> Target {
    let row = ACTIONS.iter().find(|(_, a, _)| *a == action);
    row.map_or(Target::Nothing, |(_, _, target)| *target)
}

/// Every word, for "did you mean".
pub(super) fn known() -> impl Iterator<Item = &'static str> {
    let actions = ACTIONS.iter().map(|(word, _, _)| *word);
    actions.chain(OTHERS.iter().copied())
}

/// Reads one line. `open` is true where nothing is asked: an action may begin only there, and
/// otherwise its word is an answer like any other.
pub(super) fn parse(line: &str, open: bool) -> Result<Word, String> {
    let line = line.trim();
    let parts = split(line);
    let Some((first, rest)) = parts.split_first() else {
        return Ok(Word::Menu);
    };
    let number = first.strip_prefix('#').unwrap_or(first).parse();
    if let (Ok(n), []) = (number, rest) {
        return Ok(Word::Number(n));
    }
    let whole = || rest.join(" ");
    let alone = rest.is_empty();
    Ok(match first.to_lowercase().as_str() {
        "look" | "show" if alone => Word::Look(None),
        "look" | "show" => Word::Look(Some(whole())),
        "select" if !alone => Word::Select(whole()),
        "select" => return Err("select what? An id, an address or a name follows".to_owned()),
        "goals" | "step" if alone => Word::Goals,
        "wait" => Word::Wait(span(&whole())?),
        "?" | "help" if alone => Word::Help,
        "menu" if alone => Word::Menu,
        "quit" | "exit" | "q" if alone && (open || *first != "q") => Word::Quit,
        "back" if alone => Word::Do(Action::Close, Vec::new()),
        "type" if !alone => Word::Type(line.get(4..).unwrap_or_default().trim().to_owned()),
        word if open => match ACTIONS.iter().find(|(w, _, _)| *w == word) {
            Some((_, action, _)) => Word::Do(*action, rest.to_vec()),
            None => match key(first) {
                Some(Action::Skip) => Word::Wait(Duration::from_secs(60)),
                Some(Action::Quit) => Word::Quit,
                Some(action) => Word::Do(action, rest.to_vec()),
                None => Word::Text(line.to_owned()),
            },
        },
        _ => Word::Text(line.to_owned()),
    })
}

/// The action of a single character that is one of the screen's keys and has a word here.
fn key(word: &str) -> Option<Action> {
    let mut letters = word.chars();
    let (Some(letter), None) = (letters.next(), letters.next()) else {
        return None;
    };
    let key = Key::Char(letter);
    let action = keymap::own(Scope::Lesson, key).or_else(|| keymap::own(Scope::Explorer, key))?;
    let kept = word_of(action).is_some() || matches!(action, Action::Skip | Action::Quit);
    kept.then_some(action)
}

/// Words of a line; quotes keep blanks together.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => {
                quote = None;
                words.push(std::mem::take(&mut word));
            }
            (None, c) if c.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            (_, c) => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Commands of one line, which happen at the same moment: `start db; attach app db`.
pub(super) fn commands(line: &str) -> Vec<&str> {
    let mut quote = None;
    let mut out = Vec::new();
    let mut from = 0;
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, ';') => {
                out.push(line.get(from..at).unwrap_or_default());
                from = at + 1;
            }
            _ => {}
        }
    }
    out.push(line.get(from..).unwrap_or_default());
    out
}

/// `90`, `90s`, `2m`, `1h`; a minute when nothing is said.
fn span(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Duration::from_secs(60));
    }
    let (number, unit) = match text.char_indices().next_back() {
        Some((at, 's')) => (text.get(..at), 1.0),
        Some((at, 'm')) => (text.get(..at), 60.0),
        Some((at, 'h')) => (text.get(..at), 3_600.0),
        _ => (Some(text), 1.0),
    };
    let seconds = number.and_then(|n| n.trim().parse::<f64>().ok());
    let seconds = seconds.map(|n| n * unit).filter(|s| *s >= 0.0);
    let seconds = seconds.filter(|s| *s <= WAIT_MAX.as_secs_f64());
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| format!("wait {text}: a time up to a day, such as `wait 90s` or `wait 2m`"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn acts(action: Action, rest: &[&str]) -> Word {
        Word::Do(action, rest.iter().map(|w| (*w).to_owned()).collect())
    }

    #[test]
    fn lines_are_wishes() {
        for (line, wish) in [
            ("", Word::Menu),
            ("  3 ", Word::Number(3)),
            ("#3", Word::Number(3)),
            ("look", Word::Look(None)),
            ("look db-service", Word::Look(Some("db-service".to_owned()))),
            ("wait", Word::Wait(Duration::from_secs(60))),
            (">", Word::Wait(Duration::from_secs(60))),
            ("wait 1.5m", Word::Wait(Duration::from_secs(90))),
            ("d", acts(Action::Detach, &[])),
            ("Detach app", acts(Action::Detach, &["app"])),
            (
                "attach app 'web 2'",
                acts(Action::Attach, &["app", "web 2"]),
            ),
            ("U", acts(Action::Redo, &[])),
            ("q", Word::Quit),
            // A key that only a screen has a use for.
            ("/", Word::Text("/".to_owned())),
            ("web-2", Word::Text("web-2".to_owned())),
        ] {
            assert_eq!(parse(line, true), Ok(wish), "{line}");
        }
    }

    #[test]
    fn where_something_is_asked_an_action_is_an_answer() {
        for line in ["detach", "d", "start x"] {
            assert_eq!(
                parse(line, false),
                Ok(Word::Text(line.to_owned())),
                "{line}"
            );
        }
        assert_eq!(parse("type 2", false), Ok(Word::Type("2".to_owned())));
        assert_eq!(parse("back", false), Ok(acts(Action::Close, &[])));
    }

    #[test]
    fn a_time_that_is_none_says_what_is_one() {
        for line in ["wait soon", "wait -1s", "wait 2d", "wait 25h", "wait nan"] {
            let error = parse(line, true).unwrap_err();
            assert!(error.contains("wait 90s"), "{line}: {error}");
        }
    }

    #[test]
    fn commands_of_one_line_stand_between_semicolons() {
        assert_eq!(
            commands("start a; attach b 'x;y'"),
            ["start a", " attach b 'x;y'"]
        );
        assert_eq!(commands(""), [""]);
    }

    #[test]
    fn every_word_is_there_once() {
        let mut words: Vec<&str> = known().collect();
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all);
    }
}
