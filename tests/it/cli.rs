//! The command line, run on the real binary: tables of command lines in `tests/data/cli`.
//!
//! A case begins with `> enipilot ARGUMENTS` and goes on with one expectation a line: `exit N`;
//! `out TEXT` and `err TEXT`, a part of the stream; `out-not TEXT`, no part of it; `out-empty` and
//! `err-empty`; `harmless`, nothing that drives a terminal; `env NAME=VALUE` before the run.
//! `{tmp}` is an empty directory of the case.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The package's own directory.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The binary in surroundings that are the same everywhere.
pub fn enipilot() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_enipilot"));
    command
        .env_clear()
        .env("TERM", "xterm-256color")
        .env("LANG", "C.UTF-8")
        .env("HOME", "/nonexistent")
        .current_dir(root())
        .stdin(Stdio::null());
    command
}

#[derive(Debug, Default)]
struct Case {
    place: String,
    arguments: Vec<String>,
    expected: Vec<(String, String)>,
}

/// Words of a line; single quotes keep spaces together.
fn words(line: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (n, part) in line.split('\'').enumerate() {
        if n % 2 == 1 {
            out.push(part.to_owned());
        } else {
            out.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    out
}

fn cases(path: &Path) -> Vec<Case> {
    let text = fs::read_to_string(path).unwrap();
    let mut out: Vec<Case> = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let place = format!("{}:{}", path.file_name().unwrap().display(), n + 1);
        if let Some(arguments) = line.strip_prefix("> enipilot") {
            out.push(Case {
                place,
                arguments: words(arguments),
                expected: Vec::new(),
            });
        } else if !line.starts_with('#') && !line.trim().is_empty() {
            let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
            let case = out
                .last_mut()
                .unwrap_or_else(|| panic!("{place}: before any case"));
            case.expected.push((verb.to_owned(), rest.to_owned()));
        }
    }
    out
}

/// What is wrong with one case, if anything.
fn mistakes(case: &Case) -> Vec<String> {
    let tmp = tempfile::tempdir().unwrap();
    let with_tmp = |text: &str| text.replace("{tmp}", tmp.path().to_str().unwrap());
    let mut command = enipilot();
    command.args(case.arguments.iter().map(|a| with_tmp(a)));
    for (_, pair) in case.expected.iter().filter(|(verb, _)| verb == "env") {
        let (name, value) = pair.split_once('=').unwrap();
        command.env(name, with_tmp(value));
    }
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let out = String::from_utf8(stdout).unwrap();
    let err = String::from_utf8(stderr).unwrap();
    let mut wrong = Vec::new();
    let mut told_exit = false;
    for (verb, text) in &case.expected {
        let text = with_tmp(text);
        let holds = match verb.as_str() {
            "env" => true,
            "exit" => {
                told_exit = true;
                status.code().map(|c| c.to_string()).as_deref() == Some(&*text)
            }
            "out" => out.contains(&text),
            "out-not" => !out.contains(&text),
            "out-empty" => out.is_empty(),
            "err" => err.contains(&text),
            "err-empty" => err.is_empty(),
            "harmless" => [&out, &err].iter().all(|text| {
                let hidden = |c| c != '\n' && enipilot::ec2::shown::is_hidden(c);
                !text.contains(hidden)
            }),
            other => panic!("{}: unknown expectation {other}", case.place),
        };
        if !holds {
            wrong.push(format!("{verb} {text}"));
        }
    }
    assert!(told_exit, "{}: a case names its exit code", case.place);
    if !wrong.is_empty() {
        wrong.insert(0, format!("{} enipilot {:?}", case.place, case.arguments));
        wrong.push(format!(
            "--- exit {:?}\n--- stdout\n{out}--- stderr\n{err}",
            status.code()
        ));
    }
    wrong
}

#[test]
fn the_tables_hold() {
    let mut files: Vec<PathBuf> = fs::read_dir(root().join("tests/data/cli"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    files.sort();
    assert!(files.len() >= 3, "the tables are not where they were");
    let cases: Vec<Case> = files.iter().flat_map(|file| cases(file)).collect();
    let wrong: Vec<String> = cases.iter().flat_map(mistakes).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_closed_pipe_is_no_error() {
    for arguments in [
        "tree --world two-am",
        "keys",
        "--help",
        "completions bash",
        "plan db-service --to db-standby --world two-am --json",
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let child = enipilot()
            .args(arguments.split(' '))
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.unwrap();
        let mut err = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut err)
            .unwrap();
        let code = child.wait().unwrap().code();
        assert_eq!((code, err.as_str()), (Some(0), ""), "enipilot {arguments}");
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full");
    let Ok(full) = full else { return };
    let output = enipilot()
        .args(["tree", "--world", "two-am"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("could not be written"));
}

/// Stdout of a command that must succeed, as JSON.
fn json_of(arguments: &str) -> Value {
    let output = enipilot().args(arguments.split(' ')).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "enipilot {arguments}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_headless_failover_streams_events_and_ends_with_its_result() {
    let eni = "eni-0c1d52aa7be03f9a1";
    let arguments =
        format!("failover {eni} --to i-0d1a2b3c4d5e6f702 --confirm {eni} --world two-am --json");
    let output = enipilot().args(arguments.split(' ')).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let stream = String::from_utf8(output.stdout).unwrap();
    let events: Vec<Value> = stream
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(events.iter().all(|event| event["version"] == 1), "{stream}");
    let kinds: Vec<_> = events
        .iter()
        .map(|e| e["event"].as_str().unwrap())
        .collect();
    for kind in ["step", "call", "answer"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    let results = kinds.iter().filter(|kind| **kind == "result").count();
    assert_eq!((results, kinds.last()), (1, Some(&"result")));
    let done = events.last().unwrap();
    assert_eq!(done["changed"], true);
    assert_eq!(done["Ending"], "done");
    assert_eq!(done["NetworkInterfaceId"], eni);
    assert_eq!(done["SourceInstanceId"], "i-0d1a2b3c4d5e6f701");
    assert_eq!(done["TargetInstanceId"], "i-0d1a2b3c4d5e6f702");
    let actions: Vec<_> = done["Calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["Call"]["Action"])
        .collect();
    assert_eq!(
        actions,
        ["DetachNetworkInterface", "AttachNetworkInterface"]
    );
    let attachment = done["AttachmentId"].as_str().unwrap();
    assert_ne!(attachment, "eni-attach-0b7e5c21d09f1a338");
}

/// The fixture with no field left at its default, and what EC2 would answer about it.
const EVERY_FIELD: &str = "show eni-0f000000000000006 --world tests/worlds/every-field.toml";

#[test]
fn show_answers_every_field_of_an_interface() {
    let expected = fs::read_to_string(root().join("tests/data/every-field.json")).unwrap();
    let expected: Value = serde_json::from_str(&expected).unwrap();
    let shown = json_of(&format!("{EVERY_FIELD} --json"));
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(shown.get(name), Some(value), "{name}");
    }
    let added = ["version", "ResourceType", "Routes", "ManagedBy"];
    for name in shown.as_object().unwrap().keys() {
        assert!(
            expected.get(name).is_some() || added.contains(&&**name),
            "{name}"
        );
    }
}

#[test]
fn the_text_of_show_names_every_field_too() {
    let output = enipilot().args(EVERY_FIELD.split(' ')).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let expected = fs::read_to_string(root().join("tests/data/every-field.json")).unwrap();
    let mut leaves = Vec::new();
    leaves_of(&serde_json::from_str(&expected).unwrap(), "", &mut leaves);
    assert!(leaves.len() > 60, "{}", leaves.len());
    for (name, value) in leaves {
        let said = text.lines().any(|line| {
            let (label, rest) = line.split_once(&name).unwrap_or_default();
            let label = label.trim_start_matches([' ', '-']);
            label.is_empty()
                && rest
                    .split("  ")
                    .any(|cell| cell.split(", ").any(|c| c.trim() == value))
        });
        assert!(said, "{name} {value}\n{text}");
    }
}

/// Name and value of every member that holds no further ones; a tag goes by its key.
fn leaves_of(value: &Value, name: &str, out: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) if members.contains_key("Key") => {
            let text = |name: &str| members[name].as_str().unwrap().to_owned();
            out.push((text("Key"), text("Value")));
        }
        Value::Object(members) => {
            members
                .iter()
                .for_each(|(name, member)| leaves_of(member, name, out));
        }
        Value::Array(list) => list.iter().for_each(|item| leaves_of(item, name, out)),
        Value::String(text) => out.push((name.to_owned(), text.clone())),
        other => out.push((name.to_owned(), other.to_string())),
    }
}

#[test]
fn the_readme_lists_every_key() {
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once("when BLESS=1 -->\n").unwrap();
    let (found, after) = rest.split_once("<!-- end of keys -->").unwrap();
    let expected = enipilot::app::keymap::markdown();
    if std::env::var_os("BLESS").is_some() {
        let text = format!("{before}when BLESS=1 -->\n{expected}<!-- end of keys -->{after}");
        fs::write(&path, text).unwrap();
    } else {
        assert_eq!(found, expected, "BLESS=1 cargo test the_readme writes it");
    }
}

#[test]
fn the_readme_names_every_command_and_flag() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let help = enipilot().arg("--help").output().unwrap().stdout;
    let help = String::from_utf8(help).unwrap();
    let (_, rest) = help.split_once("Commands:\n").unwrap();
    let (commands, flags) = rest.split_once("\n\n").unwrap();
    let commands = commands.lines().filter_map(|l| l.split_whitespace().next());
    let flags = flags
        .split_whitespace()
        .map(|word| word.trim_end_matches([',', '.']));
    let flags = flags.filter(|word| word.starts_with("--"));
    let words: Vec<&str> = commands.chain(flags).collect();
    assert!(words.len() > 20, "{words:?}");
    let obvious = ["--help", "--version"];
    for word in words.iter().filter(|w| !obvious.contains(*w)) {
        assert!(readme.contains(word), "{word}");
    }
}
