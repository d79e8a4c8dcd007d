//! A lesson, read from its file.
//!
//! ```toml
//! name = "primary-secondary"          # also the name of the file
//! title = "primary and secondary"
//! world = "web-pair"                  # a world of demo/worlds, or a TOML file beside the lesson
//! needs = ["movable-bundle"]          # lessons that come before; a recommendation, not a lock
//! best = 3                            # calls of the shortest known solution
//! allow = ["DetachNetworkInterface"]  # calls by hand that it keeps to; all when absent
//! story = "…"                         # why one would want to know
//! idea = "…"                          # said at the end
//! solution = ["keys D enter", "settle"]   # as keys of the screen
//! words = ["detach app", "wait 1m"]       # the same as lines of `learn --plain`
//! compare = ["orders", "billing"]     # two clients whose stories stand side by side at the end
//!
//! [[step]]
//! text = "Try to detach the primary interface of web-1."
//! goals = ["refused DetachNetworkInterface OperationNotPermitted"]
//! hints = ["…", "`d enter`"]          # from a nudge to the keys; the last one says all of them
//! typed = ["…", "`detach`"]           # the same for `learn --plain`; `hints` when absent
//! ```
//!
//! What stands between backticks in the last hint of a step can be done as it stands there: keys as in `solution`, or lines of
//! `learn --plain`. The test of the course does all of it, and nothing else, and has to come to the end of the lesson.
//!
//! Invariants: a lesson has three steps or more, each with a goal; every goal names what exists in its
//! world; what does not load says file, line, key, and what was expected.

use serde::Deserialize;
use toml::Spanned;

use super::goal::Goal;
use crate::ec2::call::Call;
use crate::ec2::world::World;
pub use crate::sim::worldfile::WorldFileError as LessonError;
use crate::sim::worldfile::{Source, nearest};

/// What a line of a solution begins with.
const COMMANDS: &[&str] = &["keys", "settle", "advance"];

/// Steps that a lesson has at least.
const STEPS_MIN: usize = 3;

/// How a person acts, which is what hints have to speak of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speech {
    /// With keys, on a screen.
    #[default]
    Keys,
    /// With words, in linear text.
    Words,
}

/// A lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// Its name: `primary-secondary`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Name of its world.
    pub world: String,
    /// Line of its file that names the world, for errors of whoever finds it.
    pub world_line: usize,
    /// Text of its world file; whoever reads the lesson finds it.
    pub world_text: String,
    /// Lessons that come before it.
    pub needs: Vec<String>,
    /// Calls of the shortest known solution.
    pub best: u32,
    /// Actions by hand that it keeps to; empty allows all.
    pub allow: Vec<String>,
    /// Why one would want to know.
    pub story: String,
    /// The idea, said at the end.
    pub idea: String,
    /// Its steps.
    pub steps: Vec<Step>,
    /// A solution, one command a line.
    pub solution: Vec<String>,
    /// The same for `learn --plain`, one line of input each.
    pub words: Vec<String>,
    /// Two clients whose stories are shown side by side at the end; none for most lessons.
    pub compare: Vec<String>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What to do.
    pub text: String,
    /// What has to be so at its end; all of it, in any order.
    pub goals: Vec<Goal>,
    /// Hints, from a nudge to the keys.
    pub hints: Vec<String>,
    /// The same for who types words; empty where they do not differ.
    pub typed: Vec<String>,
}

impl Step {
    /// Its hints for who acts so.
    pub fn hints(&self, speech: Speech) -> &[String] {
        match speech {
            Speech::Words if !self.typed.is_empty() => &self.typed,
            _ => &self.hints,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    title: String,
    world: Spanned<String>,
    #[serde(default)]
    needs: Vec<String>,
    best: u32,
    #[serde(default)]
    allow: Vec<Spanned<String>>,
    story: String,
    idea: String,
    step: Spanned<Vec<FileStep>>,
    solution: Vec<Spanned<String>>,
    #[serde(default)]
    words: Vec<String>,
    compare: Option<Spanned<Vec<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileStep {
    text: String,
    goals: Spanned<Vec<Spanned<String>>>,
    #[serde(default)]
    hints: Vec<String>,
    #[serde(default)]
    typed: Vec<String>,
}

impl Lesson {
    /// Reads a lesson; `file` names it in errors.
    pub fn parse(file: &str, text: &str) -> Result<Self, LessonError> {
        let source = Source { file, text };
        let parsed: File = toml::from_str(text).map_err(|e| source.toml_error(&e))?;
        if parsed.step.get_ref().len() < STEPS_MIN {
            let found = format!("{} steps", parsed.step.get_ref().len());
            let expected = format!("{STEPS_MIN} `[[step]]` tables or more");
            return Err(source.error(parsed.step.span(), found, expected));
        }
        for (n, line) in parsed.solution.iter().enumerate() {
            known_command(source, n, line)?;
        }
        let solution = parsed.solution.into_iter().map(Spanned::into_inner);
        let solution = solution.collect();
        let mut allow = Vec::new();
        for action in parsed.allow {
            allow.push(known_action(source, &action)?);
        }
        let mut steps = Vec::new();
        for step in parsed.step.into_inner() {
            steps.push(read_step(source, step)?);
        }
        Ok(Self {
            name: parsed.name,
            title: parsed.title,
            world_line: source.error(parsed.world.span(), "", "").line,
            world: parsed.world.into_inner(),
            world_text: String::new(),
            needs: parsed.needs,
            best: parsed.best,
            allow,
            story: paragraphs(&parsed.story),
            idea: paragraphs(&parsed.idea),
            steps,
            solution,
            words: parsed.words,
            compare: two_or_none(source, parsed.compare)?,
        })
    }

    /// Says which goals mean nothing in the lesson's world, one sentence each. What a learner makes
    /// (`launch`, `create`) can be meant only by a goal that does not need it at the start, and is
    /// listed too: a lesson's own test decides.
    pub fn unknown_names(&self, world: &World) -> Vec<String> {
        let steps = self.steps.iter().enumerate();
        steps
            .flat_map(|(n, step)| step.goals.iter().map(move |g| (n + 1, g)))
            .flat_map(|(n, goal)| {
                let unknown = goal.unknown(world);
                unknown
                    .into_iter()
                    .map(move |what| format!("step {n}, goal `{}`: no {what}", goal.words()))
            })
            .collect()
    }

    /// Whether a text stands in its name, title, story or idea, in whatever case.
    pub fn holds(&self, text: &str) -> bool {
        let text = text.trim().to_lowercase();
        let parts = [&self.name, &self.title, &self.story, &self.idea];
        parts.iter().any(|part| part.to_lowercase().contains(&text))
    }

    /// What counts over the wire for a goal that names no call, if it has such goals.
    pub fn over_the_wire(&self) -> Vec<&'static str> {
        let goals = || self.steps.iter().flat_map(|step| &step.goals);
        let mut told = Vec::new();
        if goals().any(|goal| matches!(goal, Goal::Moved(..))) {
            told.push(
                "Over the wire, a detach and an attach of the same interface are a failover.",
            );
        }
        if goals().any(|goal| matches!(goal, Goal::Report)) {
            told.push(
                "Over the wire, a tag `report` on the interface (CreateTags) says that a report was written, and where.",
            );
        }
        told
    }

    /// Whether a call by hand belongs to it.
    pub fn allows(&self, action: &str) -> bool {
        self.allow.is_empty() || self.allow.iter().any(|a| a == action)
    }
}

/// Two clients are compared, or none.
fn two_or_none(
    source: Source,
    list: Option<Spanned<Vec<String>>>,
) -> Result<Vec<String>, LessonError> {
    let Some(list) = list else {
        return Ok(Vec::new());
    };
    match list.get_ref().len() {
        2 => Ok(list.into_inner()),
        n => Err(source.error(
            list.span(),
            format!("{n} clients"),
            "the labels of two clients",
        )),
    }
}

fn known_action(source: Source<'_>, action: &Spanned<String>) -> Result<String, LessonError> {
    let word = action.get_ref();
    if Call::ACTIONS.contains(&word.as_str()) {
        return Ok(word.clone());
    }
    let near = nearest(word, Call::ACTIONS.iter().copied());
    let hint = near.map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
    Err(source.error(
        action.span(),
        format!("unknown action `{word}` in `allow`"),
        format!("an action such as DetachNetworkInterface{hint}"),
    ))
}

/// A line of the solution begins with a command that exists.
fn known_command(source: Source<'_>, n: usize, line: &Spanned<String>) -> Result<(), LessonError> {
    let text = line.get_ref();
    let word = text.split_whitespace().next().unwrap_or_default();
    if COMMANDS.contains(&word) {
        return Ok(());
    }
    let near = nearest(word, COMMANDS.iter().copied());
    let hint = near.map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
    Err(source.error(
        line.span(),
        format!("line {} of `solution`: `{text}`", n + 1),
        format!("`keys …`, `settle` or `advance SECONDS`{hint}"),
    ))
}

/// One line a paragraph: where a file breaks a line is for its editor, not for the screen.
fn paragraphs(text: &str) -> String {
    let parts = text.trim().split("\n\n");
    let parts = parts.map(|p| p.split_whitespace().collect::<Vec<_>>().join(" "));
    parts.collect::<Vec<_>>().join("\n\n")
}

fn read_step(source: Source<'_>, step: FileStep) -> Result<Step, LessonError> {
    if step.goals.get_ref().is_empty() {
        return Err(source.error(step.goals.span(), "no goal", "one goal or more a step"));
    }
    let mut goals = Vec::new();
    for line in step.goals.into_inner() {
        let goal = Goal::parse(line.get_ref()).map_err(|e| {
            let what = format!("goal `{}`: {}", line.get_ref(), e.what);
            source.error(line.span(), what, e.expected)
        })?;
        goals.push(goal);
    }
    Ok(Step {
        text: paragraphs(&step.text),
        goals,
        hints: step.hints,
        typed: step.typed,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const GOOD: &str = r#"name = "a"
title = "A"
world = "two-am"
best = 1
story = "s"
idea = "i"
solution = ["keys q"]
[[step]]
text = "one"
goals = ["eni db-service available"]
[[step]]
text = "two"
goals = ["instance db-primary stopped"]
[[step]]
text = "three"
goals = ["eip db-public free"]
"#;

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        assert!(Lesson::parse("a.toml", GOOD).is_ok());
        for (from, to, expected) in [
            ("best = 1\n", "", "a.toml:1: no `best` here"),
            ("best", "bset", "a.toml:4: unknown key `bset`"),
            (
                "available",
                "avialable",
                "a.toml:10: goal `eni db-service avialable`",
            ),
            ("available", "avialable", "did you mean `available`?"),
            (
                "[\"eip db-public free\"]",
                "[]",
                "a.toml:16: no goal; expected one goal or more a step",
            ),
        ] {
            let text = GOOD.replacen(from, to, 1);
            let error = Lesson::parse("a.toml", &text).unwrap_err().to_string();
            assert!(error.contains(expected), "{from} -> {to}: {error}");
        }
        let two = GOOD.rsplit_once("[[step]]").unwrap().0;
        let error = Lesson::parse("a.toml", two).unwrap_err().to_string();
        assert!(error.contains("2 steps; expected 3"), "{error}");
    }
}
