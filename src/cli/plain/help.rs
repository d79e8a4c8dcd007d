//! Every word of a conversation.

use super::word::{ACTIONS, Target};
use crate::app::keymap::{self, Scope};
use crate::app::model::Model;

/// Every word with its meaning; those of the school only there.
pub(super) fn lines(model: &Model) -> Vec<String> {
    let mut lines = vec!["Words:".to_owned()];
    let fixed = [
        ("an empty line", "what fits now, with numbers"),
        ("a number", "choose it from the list that was told last"),
        ("look", "the tree; look ID, one resource with every field"),
        (
            "select ID",
            "an id, an address or a name: what is meant from here on",
        ),
        (
            "wait 90s",
            "let virtual time pass: s, m, h; a minute alone, also >",
        ),
        ("goals", "the step and its goals"),
        ("back", "leave a question; nothing happens"),
        ("type TEXT", "answer with this text, even if it is a number"),
        ("quit", "end"),
    ];
    for (word, text) in fixed {
        lines.push(format!("  {word}: {text}"));
    }
    for (word, action, target) in ACTIONS {
        let lesson = keymap::binding(Scope::Lesson, *action).filter(|b| b.scope == Scope::Lesson);
        let open = keymap::binding(Scope::Explorer, *action);
        let Some(binding) = lesson.filter(|_| model.school.is_some()).or(open) else {
            continue;
        };
        let target = match target {
            Target::Eni => " [ENI]",
            Target::Instance => " [INSTANCE]",
            Target::Subnet => " [SUBNET]",
            Target::Nothing => "",
        };
        lines.push(format!("  {word}{target}: {}", binding.description));
    }
    lines.extend([
        "Answers may follow at once: attach app web-2. Commands with ; between them".to_owned(),
        "happen at the same moment: start web-2; attach app web-2.".to_owned(),
        "After a command virtual time passes until all is still, a minute at most.".to_owned(),
    ]);
    lines
}
