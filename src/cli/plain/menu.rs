//! What can be chosen now, by number or by word: the same actions and prompts as on the screen.
//!
//! Invariants: a function of the model; what EC2 would refuse is offered with its reason, as the
//! screen does; what needs a screen to make sense is left out.

use super::word::word_of;
use crate::app::action::Action;
use crate::app::keymap::{self, Availability, Scope};
use crate::app::layer::{Asks, HandAction, Layer};
use crate::app::model::Model;
use crate::ec2::shown::shown;
use crate::failover::candidates::Candidate;
use crate::lessons::progress::State;

/// What a choice leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chosen {
    /// The action, as if its key were pressed.
    Action(Action),
    /// The line with this index of the list that is open.
    Line(usize),
}

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    /// What can be typed for it.
    pub word: String,
    /// What it does, or is.
    pub text: String,
    /// Why it does not work, or what it means.
    pub remark: String,
    /// What it leads to.
    pub chosen: Chosen,
}

/// A question, and what can be answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Menu {
    /// The question; empty where nothing is asked.
    pub title: String,
    /// Numbered from 1.
    pub offers: Vec<Offer>,
    /// A bare number would be an answer of its own here: choices are `#1`.
    pub marked: bool,
    /// Other words are typed as an answer, letter by letter.
    pub typed: bool,
    /// What else can be typed.
    pub also: &'static str,
}

impl Menu {
    /// The menu as lines of text.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.title.is_empty() {
            lines.push(self.title.clone());
        }
        let mark = if self.marked { "#" } else { "" };
        for (n, offer) in self.offers.iter().enumerate() {
            let number = format!("{mark}{}", n + 1);
            let text = match offer.text.is_empty() {
                true => String::new(),
                false => format!(": {}", offer.text),
            };
            let remark = match offer.remark.is_empty() {
                true => String::new(),
                false => format!(" ({})", offer.remark.trim_end_matches('.')),
            };
            lines.push(format!("{number:>4}  {}{text}{remark}", offer.word));
        }
        if !self.also.is_empty() {
            lines.push(self.also.to_owned());
        }
        lines
    }
}

/// What can be chosen now.
pub(super) fn menu(model: &Model) -> Menu {
    match model.layer() {
        Some(Layer::Prompt(prompt)) => prompt_menu(prompt),
        Some(Layer::Candidates(candidates)) => {
            let offers = candidates.list.iter().enumerate();
            Menu {
                title: "Where could it go? Ready ones first:".to_owned(),
                offers: offers.map(|(n, c)| candidate(model, n, c)).collect(),
                also: "A number or a name plans the move; `back` leaves it.",
                ..Menu::default()
            }
        }
        Some(Layer::Lessons(_)) => lessons(model),
        Some(Layer::Timeline(_)) => super::past::menu(),
        Some(Layer::Walk) => walk(model),
        Some(Layer::Consent(consent)) => Menu {
            title: match &consent.asks {
                Asks::Force(text) | Asks::Fence(text) => {
                    format!("{text} To agree, type exactly: {}", consent.expected)
                }
                _ => format!("To agree, type: {}", consent.expected),
            },
            typed: true,
            also: "`back` does nothing.",
            ..Menu::default()
        },
        Some(Layer::Quit) => Menu {
            title: "Something is under way. Leave all the same?".to_owned(),
            offers: of_scope(model, Scope::Quit),
            ..Menu::default()
        },
        _ => open(model),
    }
}

fn prompt_menu(prompt: &crate::app::layer::Prompt) -> Menu {
    let choices = prompt.choices.iter().enumerate();
    let marked = matches!(prompt.action, HandAction::Assign(_));
    Menu {
        title: shown(&prompt.title).into_owned(),
        offers: choices
            .map(|(n, choice)| Offer {
                word: shown(&choice.words).into_owned(),
                text: String::new(),
                remark: shown(&choice.remark).into_owned(),
                chosen: Chosen::Line(n),
            })
            .collect(),
        marked,
        typed: prompt.typed,
        also: match (prompt.typed, marked) {
            (true, true) => "Type a number of addresses, or an address; #1 chooses; `back`.",
            (true, false) => "A number chooses; other text is the answer; `back` does nothing.",
            (false, _) => "",
        },
    }
}

/// The actions that fit what is selected.
fn open(model: &Model) -> Menu {
    let hints = keymap::palette(model, "");
    let fits = hints.into_iter().filter_map(|hint| {
        let wanted = hint.action.is_by_hand() || hint.action == Action::FailOver;
        let word = word_of(hint.action).filter(|_| wanted)?;
        let remark = match hint.availability {
            Availability::Works => String::new(),
            Availability::Refused(why) => format!("EC2 would refuse: {why}"),
            Availability::Idle(why) => why,
            Availability::Not(_) => return None,
        };
        Some(Offer {
            word: word.to_owned(),
            text: hint.description.to_owned(),
            remark: shown(&remark).into_owned(),
            chosen: Chosen::Action(hint.action),
        })
    });
    Menu {
        title: "You can do:".to_owned(),
        offers: fits.collect(),
        also: "Also: look [ID], select ID, wait 1m, undo, redo, timeline, ? for all words.",
        ..Menu::default()
    }
}

fn candidate(model: &Model, n: usize, candidate: &Candidate) -> Offer {
    let name = crate::app::feed::story::instance_name(&model.world, &candidate.instance);
    let remark = match (candidate.blockers.first(), candidate.slot) {
        (Some(denial), _) => format!("blocked: {} {}", denial.because, denial.code),
        (None, Some((card, index))) => {
            let mut parts = vec![format!("{}, card {card} index {index}", candidate.manner)];
            parts.extend(candidate.reasons.iter().cloned());
            parts.extend(candidate.warnings.iter().cloned());
            parts.join("; ")
        }
        (None, None) => String::new(),
    };
    Offer {
        word: name,
        text: candidate.instance.to_string(),
        remark: shown(&remark).into_owned(),
        chosen: Chosen::Line(n),
    }
}

fn lessons(model: &Model) -> Menu {
    let Some(school) = &model.school else {
        return Menu::default();
    };
    let offers = school.course.iter().enumerate().map(|(n, lesson)| Offer {
        word: lesson.name.clone(),
        text: lesson.title.clone(),
        remark: match school.progress.state(&lesson.name) {
            State::New => String::new(),
            State::Begun(steps) => format!("{steps} of {} steps done", lesson.steps.len()),
            State::Seen => "done, solution seen".to_owned(),
            State::Solved(calls) => format!("done, {calls} calls, best {}", lesson.best),
        },
        chosen: Chosen::Line(n),
    });
    Menu {
        title: "Lessons:".to_owned(),
        offers: offers.collect(),
        also: "A number or a name begins one.",
        ..Menu::default()
    }
}

/// Plan, walk and summary. While a question waits its answers stand with their consequences.
fn walk(model: &Model) -> Menu {
    let status = model.walk.as_ref().and_then(|w| w.status.as_deref());
    let question = status.and_then(|s| s.question.as_ref());
    let scope = keymap::scope(model);
    if let Some(question) = question {
        let offers = question.choices.iter().map(|(command, text)| {
            let action = keymap::answer_of(command);
            let label = keymap::binding(scope, action).map_or("", |b| b.label);
            Offer {
                word: label.to_owned(),
                text: shown(keymap::consequence(label, text)).into_owned(),
                remark: String::new(),
                chosen: Chosen::Action(action),
            }
        });
        return Menu {
            title: shown(&question.text).into_owned(),
            offers: offers.collect(),
            ..Menu::default()
        };
    }
    Menu {
        offers: of_scope(model, scope),
        ..Menu::default()
    }
}

/// What the footer of the screen offers, but moving and copying.
fn of_scope(model: &Model, scope: Scope) -> Vec<Offer> {
    let hints = keymap::available(model).into_iter();
    let wanted = hints.filter(|h| {
        !matches!(
            h.action,
            Action::Up | Action::Down | Action::Palette | Action::Help
        )
    });
    wanted
        .filter(|h| keymap::binding(scope, h.action).is_some_and(|b| b.scope == scope))
        .map(|hint| Offer {
            word: hint.label.to_owned(),
            text: hint.description.to_owned(),
            remark: String::new(),
            chosen: Chosen::Action(hint.action),
        })
        .collect()
}
