//! `enipilot learn`: the course on the screen, or as a list.
//!
//! Invariants: a lesson from a file finds its world beside it, or among those of the program; a
//! lesson that does not load says file, line and key.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::args::{GlobalArgs, LearnArgs};
use super::explore::{ended, is_dumb, no_screen, options};
use super::failure::{Exit, Failure};
use super::json;
use super::out::Out;
use super::plain;
use super::suggest::nearest;
use crate::app::school::School;
use crate::ec2::shown::shown;
use crate::lessons::progress::{Progress, State};
use crate::lessons::{Lesson, LessonError, Speech, course};
use crate::runtime;
use crate::sim::Sim;
use crate::sim::worldfile::EMBEDDED;
use crate::store::dir::{StateDir, locate};
use crate::store::progress;

/// Lists the course, or opens a lesson.
pub fn run(args: &LearnArgs, global: &GlobalArgs, out: &mut Out) -> Result<Exit, Failure> {
    let mut lessons = course::lessons().map_err(|e| broken(&e))?;
    let progress = kept(global)?;
    if let Some(text) = &args.list {
        let found = lessons.iter().enumerate().filter(|(_, l)| l.holds(text));
        let found: Vec<(usize, &Arc<Lesson>)> = found.collect();
        if out.json {
            out.json(&as_json(&found, &progress));
        } else if found.is_empty() {
            out.lines(&[format!("no lesson says `{text}`")]);
        } else {
            out.lines(&lines(&found, &progress));
        }
        return Ok(Exit::Done);
    }
    if args.export {
        let version = Progress::VERSION;
        out.json(&json::value(&Progress {
            version,
            ..progress
        }));
        return Ok(Exit::Done);
    }
    if let Some(file) = &args.import {
        return import(file, progress, global, out);
    }
    let mut at = School::first_open(&lessons, &progress);
    if let Some(wanted) = &args.lesson {
        (lessons, at) = chosen(lessons, wanted)?;
    }
    if out.json {
        return Err(Failure::usage(
            "a lesson has no JSON",
            "`enipilot learn --list --json` tells the course and how far you have come",
        ));
    }
    let plain = global.plain || is_dumb();
    if !plain {
        can_be_shown()?;
    }
    let school = School {
        course: lessons.into(),
        at,
        play: None,
        progress,
        speech: if plain { Speech::Words } else { Speech::Keys },
    };
    // Who names no lesson sees the list first.
    let begin = args.lesson.is_some();
    if plain {
        let stage =
            runtime::school_stage(school, begin).map_err(|e| Failure::usage(e.to_string(), ""))?;
        return plain::run(stage, global.state_dir.clone(), out);
    }
    ended(
        runtime::run_school(school, begin, &options(global)),
        "`enipilot learn --list`",
    )
}

/// Takes over a record of another machine.
fn import(
    file: &Path,
    mut progress: Progress,
    global: &GlobalArgs,
    out: &mut Out,
) -> Result<Exit, Failure> {
    let name = file.display();
    let form = "It is what `enipilot learn --export` prints";
    let text = fs::read_to_string(file)
        .map_err(|error| Failure::usage(format!("{name} cannot be read: {error}"), form))?;
    let theirs: Progress = serde_json::from_str(&text).map_err(|error| {
        let line = error.line();
        Failure::usage(format!("{name}:{line}: no progress: {error}"), form)
    })?;
    let whole: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    if whole.get("lessons").is_none() {
        return Err(Failure::usage(format!("{name} holds no `lessons`"), form));
    }
    if theirs.version > Progress::VERSION {
        let (found, known) = (theirs.version, Progress::VERSION);
        let what = format!("{name} is of version {found}; this program reads up to {known}");
        return Err(Failure::usage(
            what,
            "Export it with this version of the program",
        ));
    }
    let before = progress.clone();
    progress.merge(&theirs);
    if progress == before {
        out.lines(&["nothing in it is better than what is known here".to_owned()]);
        return Ok(Exit::Done);
    }
    let root = locate(global.state_dir.as_deref());
    let dir = root.and_then(|root| StateDir::open(&root));
    dir.and_then(|dir| progress::write(&dir, &progress))
        .map_err(|error| {
            Failure::usage(error.to_string(), "Name another place with --state-dir")
        })?;
    let better = progress.lessons.iter();
    let better = better.filter(|(lesson, record)| before.lessons.get(*lesson) != Some(record));
    out.lines(&[format!("taken over: {} lessons", better.count())]);
    Ok(Exit::Done)
}

/// The lesson that a word means, and the course that it stands in: a name, a number, or a file.
fn chosen(course: Vec<Arc<Lesson>>, wanted: &str) -> Result<(Vec<Arc<Lesson>>, usize), Failure> {
    if Path::new(wanted).extension().is_some_and(|e| e == "toml") {
        return Ok((vec![Arc::new(from_file(wanted)?)], 0));
    }
    let found = course::find(&course, wanted).map_err(|why| Failure::usage(why, ""));
    found.map(|(at, _)| (course, at))
}

/// The school with this lesson chosen and nothing played yet.
pub(super) fn school(wanted: &str, global: &GlobalArgs) -> Result<School, Failure> {
    let course = course::lessons().map_err(|e| broken(&e))?;
    let (course, at) = chosen(course, wanted)?;
    Ok(School {
        course: course.into(),
        at,
        play: None,
        progress: kept(global)?,
        speech: Speech::Keys,
    })
}

/// An error that names the way without a screen.
fn can_be_shown() -> Result<(), Failure> {
    no_screen().map_or(Ok(()), |why| {
        let what = format!("{why}; without a screen: `enipilot learn --plain LESSON`");
        Err(Failure::usage(what, ""))
    })
}

/// A lesson from a file, with its world.
fn from_file(path: &str) -> Result<Lesson, Failure> {
    let unreadable = |path: &str, error: std::io::Error| {
        Failure::usage(
            format!("{path} cannot be read: {error}"),
            "A lesson is a TOML file; `enipilot learn --list` names those of the program",
        )
    };
    let text = fs::read_to_string(path).map_err(|e| unreadable(path, e))?;
    let mut lesson = Lesson::parse(path, &text).map_err(|e| broken(&e))?;
    lesson.world_text = world_of(path, &lesson)?;
    let file = format!("{}.toml", lesson.world);
    let sim = Sim::load(&file, &lesson.world_text, 1).map_err(|e| broken(&e))?;
    if let Some(unknown) = lesson.needs.iter().find(|n| !known_lesson(n)) {
        let names = course::EMBEDDED.iter().map(|(name, _)| *name);
        let near = nearest(unknown, names).map(|n| format!("Did you mean `{n}`?"));
        return Err(Failure::usage(
            format!("{path}: `needs` names `{unknown}`, and there is no such lesson"),
            near.unwrap_or_else(|| "`enipilot learn --list` names them all".to_owned()),
        ));
    }
    // What the learner is to make is not there yet, so this stops nobody.
    for what in lesson.unknown_names(&sim.world()) {
        // Nobody may be listening; the lesson can be played all the same.
        let _ = writeln!(io::stderr(), "{path}: {} (yet?)", shown(&what));
    }
    Ok(lesson)
}

fn known_lesson(name: &str) -> bool {
    course::EMBEDDED.iter().any(|(known, _)| *known == name)
}

/// The text of the world that a lesson file names: one of the program, or a file beside it.
fn world_of(path: &str, lesson: &Lesson) -> Result<String, Failure> {
    if let Some(text) = course::world(&lesson.world) {
        return Ok(text.to_owned());
    }
    let beside = Path::new(path).with_file_name(&lesson.world);
    fs::read_to_string(&beside).map_err(|error| {
        let (line, world) = (lesson.world_line, &lesson.world);
        let worlds = EMBEDDED.iter().map(|(name, _)| *name);
        let near = nearest(world, worlds);
        let hint = near.map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
        Failure::usage(
            format!("{path}:{line}: there is no world `{world}`, and no file beside it: {error}"),
            format!("Expected `world` to be a world of the program, or a TOML file{hint}"),
        )
    })
}

fn broken(error: &LessonError) -> Failure {
    Failure::usage(
        format!("{}:{}: {}", error.file, error.line, error.what),
        format!("Expected {}", error.expected),
    )
}

/// How far the person has come; nobody's progress is no error.
fn kept(global: &GlobalArgs) -> Result<Progress, Failure> {
    let read = || {
        let root = locate(global.state_dir.as_deref())?;
        if !root.exists() {
            return Ok(Progress::default());
        }
        progress::read(&StateDir::open(&root)?)
    };
    read().map_err(|error: crate::store::error::StoreError| {
        Failure::usage(
            error.to_string(),
            "Move the file away to begin anew, or name another place with --state-dir",
        )
    })
}

fn lines(lessons: &[(usize, &Arc<Lesson>)], progress: &Progress) -> Vec<String> {
    let row = |(n, lesson): &(usize, &Arc<Lesson>)| {
        let state = match progress.state(&lesson.name) {
            State::New => String::new(),
            State::Begun(steps) => format!("{steps} of {} steps", lesson.steps.len()),
            State::Seen => "done, solution seen".to_owned(),
            State::Solved(calls) => format!("done, {calls} calls, best {}", lesson.best),
        };
        let line = format!(
            "{:>3}  {:<26} {:<40} {state}",
            n + 1,
            lesson.name,
            lesson.title
        );
        shown(line.trim_end()).into_owned()
    };
    lessons.iter().map(row).collect()
}

fn as_json(lessons: &[(usize, &Arc<Lesson>)], progress: &Progress) -> serde_json::Value {
    let item = |(n, lesson): &(usize, &Arc<Lesson>)| {
        let record = progress.lessons.get(&lesson.name).copied();
        let record = record.unwrap_or_default();
        json!({
            "Number": n + 1,
            "Name": lesson.name,
            "Title": lesson.title,
            "Needs": lesson.needs,
            "Steps": lesson.steps.len(),
            "Best": lesson.best,
            "StepsDone": record.steps,
            "Done": record.done,
            "Calls": record.best,
        })
    };
    json::items(lessons.iter().map(item).collect())
}
