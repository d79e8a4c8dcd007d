//! One table of keys: action, scope, chords, words. Footer, help, palette and README derive from it.
//!
//! Invariants: no chord stands twice in one scope or in a scope and the global one; no single
//! letter that a split escape sequence can produce (`[`, `O`, `A` to `D`, `H`, `F`) changes
//! anything; every action has a row, so that the palette can name it.

mod available;
mod table;

pub use available::{Availability, Hint, answer_of, availability, available, consequence, palette};
pub use table::TABLE;

use super::action::Action;
use super::layer::Layer;
use super::model::Model;
use super::msg::Key;
use super::walk::Phase;

/// Where a key works: the topmost layer, or everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Below every layer that does not take text.
    Global,
    /// No layer.
    Explorer,
    /// The filter is being typed.
    Filter,
    /// Where could it go?
    Candidates,
    /// The plan before anything happens.
    Plan,
    /// An operation runs.
    Flight,
    /// It has ended.
    Summary,
    /// The list of operations.
    Operations,
    /// Help, preflight, texts.
    Reading,
    /// A consent is being typed.
    Consent,
    /// A call by hand: one of several choices.
    Prompt,
    /// A call by hand: a name, a number or an address is being typed.
    Input,
    /// Every action by name.
    Palette,
    /// The list of lessons.
    Lessons,
    /// The list of lessons is being searched.
    LessonSearch,
    /// A lesson is being played: its keys come before the explorer's.
    Lesson,
    /// An operation is looked at again.
    Replay,
    /// The past is on the screen.
    Timeline,
    /// Leave although something runs?
    Quit,
}

impl Scope {
    /// Every scope, in the order of the help.
    pub const ALL: [Self; 19] = [
        Self::Explorer,
        Self::Filter,
        Self::Candidates,
        Self::Plan,
        Self::Flight,
        Self::Summary,
        Self::Operations,
        Self::Prompt,
        Self::Input,
        Self::Consent,
        Self::Palette,
        Self::Reading,
        Self::Lesson,
        Self::Lessons,
        Self::LessonSearch,
        Self::Timeline,
        Self::Replay,
        Self::Quit,
        Self::Global,
    ];

    /// Heading in help and README.
    pub fn title(self) -> &'static str {
        match self {
            Self::Global => "Everywhere",
            Self::Explorer => "Explorer",
            Self::Filter => "Typing a filter",
            Self::Candidates => "Where can it go?",
            Self::Plan => "Plan",
            Self::Flight => "Walk",
            Self::Summary => "Summary",
            Self::Operations => "Operations",
            Self::Reading => "Help and texts",
            Self::Consent => "Consent",
            Self::Prompt => "A call by hand",
            Self::Input => "A call by hand, typing",
            Self::Palette => "Palette",
            Self::Lessons => "List of lessons",
            Self::LessonSearch => "Searching lessons",
            Self::Lesson => "In a lesson, besides those of the explorer",
            Self::Timeline => "Timeline",
            Self::Replay => "Replay of an operation",
            Self::Quit => "Leaving",
        }
    }

    /// Characters are text here, not keys.
    pub fn takes_text(self) -> bool {
        matches!(
            self,
            Self::Filter | Self::Input | Self::Consent | Self::Palette | Self::LessonSearch
        )
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// What it does.
    pub action: Action,
    /// Where.
    pub scope: Scope,
    /// Keys, the one to be shown first.
    pub keys: &'static [Key],
    /// One or two words for the footer; empty keeps it out of there.
    pub label: &'static str,
    /// A sentence for help, palette and README.
    pub description: &'static str,
}

/// The scope that gets the keys now.
pub fn scope(model: &Model) -> Scope {
    scope_of(model.layers.last(), model)
}

fn scope_of(layer: Option<&Layer>, model: &Model) -> Scope {
    match layer {
        None => Scope::Explorer,
        Some(Layer::Help { .. } | Layer::Preflight { .. } | Layer::Text(_)) => Scope::Reading,
        Some(Layer::Filter { .. }) => Scope::Filter,
        Some(Layer::Candidates(_)) => Scope::Candidates,
        Some(Layer::Walk) => match model.walk.as_ref().map(|w| w.phase()) {
            None | Some(Phase::Plan) => Scope::Plan,
            Some(Phase::Flight) => Scope::Flight,
            Some(Phase::Summary) => Scope::Summary,
        },
        Some(Layer::Operations { .. }) => Scope::Operations,
        Some(Layer::Consent(_)) => Scope::Consent,
        Some(Layer::Prompt(prompt)) if prompt.typed => Scope::Input,
        Some(Layer::Prompt(_)) => Scope::Prompt,
        Some(Layer::Palette { .. }) => Scope::Palette,
        Some(Layer::Lessons(list)) if list.search.is_some() => Scope::LessonSearch,
        Some(Layer::Lessons(_)) => Scope::Lessons,
        Some(Layer::Timeline(_)) => Scope::Timeline,
        Some(Layer::Replay(_)) => Scope::Replay,
        Some(Layer::Quit) => Scope::Quit,
    }
}

/// The scope whose keys come before those of the present one: that of a lesson on screen.
pub fn before(model: &Model) -> Option<Scope> {
    let school = model.school.is_some() && model.layers.is_empty();
    school.then_some(Scope::Lesson)
}

/// The action of a key in a scope: the scope's own, else the global one unless the key is text.
pub fn lookup(scope: Scope, key: Key) -> Option<Action> {
    let of = |scope: Scope| {
        TABLE
            .iter()
            .find(|b| b.scope == scope && b.keys.contains(&key))
    };
    let text = matches!(key, Key::Char(_)) && scope.takes_text();
    of(scope)
        .or_else(|| (!text).then(|| of(Scope::Global)).flatten())
        .map(|b| b.action)
}

/// The action of a key in this scope alone.
pub fn own(scope: Scope, key: Key) -> Option<Action> {
    let row = TABLE
        .iter()
        .find(|b| b.scope == scope && b.keys.contains(&key));
    row.map(|b| b.action)
}

/// The row of an action in a scope, or its global one.
pub fn binding(scope: Scope, action: Action) -> Option<&'static Binding> {
    let of = |scope: Scope| {
        TABLE
            .iter()
            .find(|b| b.scope == scope && b.action == action)
    };
    of(scope).or_else(|| of(Scope::Global))
}

/// A key as it is written for people.
pub fn name(key: Key) -> String {
    match key {
        Key::Char(' ') => "space".to_owned(),
        Key::Char(c) => c.to_string(),
        Key::Ctrl(c) => format!("ctrl-{c}"),
        Key::Enter => "enter".to_owned(),
        Key::Esc => "esc".to_owned(),
        Key::Tab => "tab".to_owned(),
        Key::BackTab => "shift-tab".to_owned(),
        Key::Backspace => "backspace".to_owned(),
        Key::Delete => "del".to_owned(),
        Key::Up => "up".to_owned(),
        Key::Down => "down".to_owned(),
        Key::Left => "left".to_owned(),
        Key::Right => "right".to_owned(),
        Key::Home => "home".to_owned(),
        Key::End => "end".to_owned(),
        Key::PageUp => "pgup".to_owned(),
        Key::PageDown => "pgdn".to_owned(),
    }
}

/// Every key of a row, `j down`; what has none of its own is found by its name, `:`.
pub fn names(binding: &Binding) -> String {
    if binding.keys.is_empty() {
        return name(Key::Char(':'));
    }
    let names: Vec<String> = binding.keys.iter().copied().map(name).collect();
    names.join(" ")
}

/// The help, by scope: keys and meaning.
pub fn help() -> Vec<(&'static str, Vec<(String, &'static str)>)> {
    let rows = |scope: Scope| -> Vec<(String, &'static str)> {
        TABLE
            .iter()
            .filter(|b| b.scope == scope)
            .map(|b| (names(b), b.description))
            .collect()
    };
    Scope::ALL.iter().map(|s| (s.title(), rows(*s))).collect()
}

/// The key tables of the README.
pub fn markdown() -> String {
    let mut out = String::new();
    for (title, rows) in help() {
        out.push_str(&format!(
            "**{title}**\n\n| key | what it does |\n|---|---|\n"
        ));
        for (keys, description) in rows {
            let keys: Vec<String> = keys.split(' ').map(|k| format!("`{k}`")).collect();
            out.push_str(&format!("| {} | {description} |\n", keys.join(" ")));
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests;
