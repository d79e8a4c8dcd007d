//! Linear text, talked with on the real binary: transcripts in `tests/data/plain`, and every lesson
//! solved by its own `words`.
//!
//! A transcript begins with `$ enipilot ARGUMENTS` and ends with `exit N`; between them stands what
//! the program prints, and what is typed stands behind `> `. `BLESS=1` writes what was printed; what
//! is typed stays as it is.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use enipilot::lessons::{Speech, course};
use unicode_width::UnicodeWidthStr;

use crate::cli::enipilot;

/// Columns of a line, at most.
const COLUMNS: usize = 78;

/// Talks with the program; what it printed, and its exit code.
fn talk(arguments: &[&str], input: &[&str]) -> (String, Option<i32>) {
    let home = tempfile::tempdir().unwrap();
    let mut child = enipilot()
        .args(arguments)
        .arg("--state-dir")
        .arg(home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut text = input.join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    // Who has left reads no more.
    let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
    let output = child.wait_with_output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let printed = printed.replace(home.path().to_str().unwrap(), "{state}");
    (printed, output.status.code())
}

fn transcripts() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/plain");
    let mut files: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

#[test]
fn transcripts_hold() {
    let files = transcripts();
    assert!(files.len() >= 5, "the transcripts are not where they were");
    for file in files {
        let expected = fs::read_to_string(&file).unwrap();
        let (first, rest) = expected.split_once('\n').unwrap();
        let arguments = first.strip_prefix("$ enipilot ").unwrap();
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        let typed: Vec<&str> = rest.lines().filter_map(|l| l.strip_prefix("> ")).collect();
        // The last prompt is the one at which the input ends.
        let typed: Vec<&str> = match typed.split_last() {
            Some((&"", others)) => others.to_vec(),
            _ => typed,
        };
        let (printed, code) = talk(&arguments, &typed);
        for line in printed.lines() {
            assert!(line.width() <= COLUMNS, "{}: {line}", file.display());
            assert!(!line.contains('\u{1b}'), "{}: {line}", file.display());
        }
        let found = format!("{first}\n{printed}exit {}\n", code.unwrap());
        if std::env::var_os("BLESS").is_some() {
            fs::write(&file, found).unwrap();
        } else {
            assert_eq!(found, expected, "{}: BLESS=1 writes it", file.display());
        }
    }
}

#[test]
fn every_lesson_is_solved_by_its_words_and_by_nothing_less() {
    let mut wrong = Vec::new();
    for lesson in course::lessons().unwrap() {
        let name = lesson.name.as_str();
        let words: Vec<&str> = lesson.words.iter().map(String::as_str).collect();
        assert!(!words.is_empty(), "{name} has no words");
        let arguments = ["learn", name, "--plain"];
        let (printed, code) = talk(&arguments, &words);
        if code != Some(0) || !printed.contains("Done with ") {
            wrong.push(format!("{name} is not solved:\n{printed}"));
        }
        let wide = printed.lines().find(|line| line.width() > COLUMNS);
        wrong.extend(wide.map(|line| format!("{name}: {line}")));
        for n in 0..words.len() {
            let mut less = words.clone();
            let dropped = less.remove(n);
            let (_, code) = talk(&arguments, &less);
            if code != Some(4) {
                wrong.push(format!("{name}: {code:?} without `{dropped}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_last_typed_hint_of_each_step_is_enough() {
    let mut wrong = Vec::new();
    for lesson in course::lessons().unwrap() {
        let hints = lesson.steps.iter();
        let hints = hints.filter_map(|step| step.hints(Speech::Words).last());
        let typed: Vec<&str> = hints
            .flat_map(|hint| super::lessons::quoted(hint))
            .collect();
        let (printed, code) = talk(&["learn", &lesson.name, "--plain"], &typed);
        if code != Some(0) || !printed.contains("Done with ") {
            wrong.push(format!("{}:\n{printed}", lesson.name));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_lesson_in_plain_text_keeps_its_progress() {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().to_str().unwrap();
    let mut child = enipilot()
        .args(["learn", "one-zone", "--plain", "--state-dir", state])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let input = child.stdin.take().unwrap();
    (&input).write_all(b"detach ledger detach\n").unwrap();
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(4));
    let list = enipilot()
        .args(["learn", "--list", "--state-dir", state])
        .output()
        .unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    let line = list.lines().find(|l| l.contains("one-zone")).unwrap();
    assert!(line.ends_with("1 of 3 steps"), "{line}");
}

/// What the program says of a lesson file.
fn said_of(text: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("lesson.toml");
    fs::write(&file, text).unwrap();
    let done = enipilot()
        .args(["learn", "--plain"])
        .arg(&file)
        .output()
        .unwrap();
    String::from_utf8(done.stderr).unwrap()
}

#[test]
fn a_broken_lesson_file_is_named_with_line_key_and_a_suggestion() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let good = fs::read_to_string(root.join("lesson.toml")).unwrap();
    assert_eq!(said_of(&good), "");
    let table = fs::read_to_string(root.join("broken_lessons.txt")).unwrap();
    let mut wrong = Vec::new();
    for line in table.lines().filter(|l| !l.starts_with('#')) {
        let parts: Vec<&str> = line.split(" => ").collect();
        let [from, to, expected] = parts.as_slice() else {
            panic!("{line}");
        };
        let from = from.replace("\\n", "\n");
        assert!(good.contains(&from), "{line}");
        let said = said_of(&good.replacen(&from, to, 1));
        if !said.contains(expected) {
            wrong.push(format!("{line}\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn progress_goes_from_one_machine_to_another() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let run = |home: &Path, args: &[&str]| {
        let done = enipilot()
            .arg("learn")
            .args(args)
            .arg("--state-dir")
            .arg(home)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (done.status.code(), text(done.stdout), text(done.stderr))
    };
    let record = here.path().join("record.json");
    let done = r#"{"version": 1, "lessons": {"one-zone": {"steps": 3, "best": 3, "done": true}}}"#;
    fs::write(&record, done).unwrap();
    let import = ["--import", record.to_str().unwrap()];
    assert!(
        run(here.path(), &import)
            .1
            .contains("taken over: 1 lessons")
    );
    assert!(
        run(here.path(), &import)
            .1
            .contains("nothing in it is better")
    );
    let (code, exported, _) = run(here.path(), &["--export"]);
    assert_eq!(code, Some(0));
    fs::write(&record, &exported).unwrap();
    assert_eq!(run(there.path(), &import).0, Some(0));
    assert_eq!(run(there.path(), &["--export"]).1, exported);
    let (_, list, _) = run(there.path(), &["--list", "ZONE, one"]);
    assert_eq!(list.lines().count(), 1, "{list}");
    assert!(list.contains("done, 3 calls, best 3"), "{list}");
    let (_, list, _) = run(there.path(), &["--list", "unheard of"]);
    assert!(list.contains("no lesson says"), "{list}");
    for (text, words) in [
        ("{", "record.json:1: no progress"),
        ("{}", "holds no `lessons`"),
        (r#"{"version": 9, "lessons": {}}"#, "version 9"),
        (r#"{"lessons": {"a": {"best": "x"}}}"#, "record.json:1"),
    ] {
        fs::write(&record, text).unwrap();
        let (code, _, err) = run(there.path(), &import);
        assert_eq!(code, Some(1), "{text}");
        assert!(err.contains(words), "{text}: {err}");
    }
}
