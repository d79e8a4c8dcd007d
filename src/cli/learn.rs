//! `enipilot learn`: the course on the screen, or as a list.
//!
//! Invariants: a lesson from a file finds its world beside it, or among those of the program; a
//! lesson that does not load says file, line and key.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::args::{GlobalArgs, LearnArgs};
use super::explore::{ended, is_dumb, no_screen, options};
use super::failure::{Exit, Failure};
use super::json;
use super::out::Out;
use super::plain;
use crate::app::school::School;
use crate::ec2::shown::shown;
use crate::lessons::progress::{Progress, State};
use crate::lessons::{Lesson, LessonError, course};
use crate::runtime;
use crate::store::dir::{StateDir, locate};
use crate::store::progress;

/// Lists the course, or opens a lesson.
pub fn run(args: &LearnArgs, global: &GlobalArgs, out: &mut Out) -> Result<Exit, Failure> {
    let mut lessons = course::lessons().map_err(|e| broken(&e))?;
    let progress = kept(global)?;
    if args.list {
        if out.json {
            out.json(&as_json(&lessons, &progress));
        } else {
            out.lines(&lines(&lessons, &progress));
        }
        return Ok(Exit::Done);
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
    lesson.world_text = match course::world(&lesson.world) {
        Some(text) => text.to_owned(),
        None => {
            let beside = Path::new(path).with_file_name(&lesson.world);
            let name = beside.display().to_string();
            fs::read_to_string(&beside).map_err(|e| unreadable(&name, e))?
        }
    };
    Ok(lesson)
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

fn lines(lessons: &[Arc<Lesson>], progress: &Progress) -> Vec<String> {
    let row = |(n, lesson): (usize, &Arc<Lesson>)| {
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
    lessons.iter().enumerate().map(row).collect()
}

fn as_json(lessons: &[Arc<Lesson>], progress: &Progress) -> serde_json::Value {
    let item = |(n, lesson): (usize, &Arc<Lesson>)| {
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
    json::items(lessons.iter().enumerate().map(item).collect())
}
