//! The law of the house, read from the sources: who may import whom, who may touch a clock, a
//! file, a terminal or the AWS SDK, and which calls can ever change an account.
//!
//! It guards layers and safety, not taste. Each rule is a function of one source text; the tests
//! at the end plant a violation of each and see it caught.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "tidy/tokens.rs"]
mod tokens;

use std::fs;
use std::path::Path;

use tokens::{Token, paths, tokens};

/// The pure layers below the screen.
const PURE: &[&str] = &["ec2", "rules", "sim", "failover", "lessons"];

/// Every layer and the layers that it may import besides itself. `sim` and `failover` do not know
/// each other: a rule that both need stands in `rules`, once.
const LAYERS: &[(&str, &[&str])] = &[
    ("ec2", &[]),
    ("rules", &["ec2"]),
    ("sim", &["ec2", "rules"]),
    ("failover", &["ec2", "rules"]),
    ("lessons", &["ec2", "rules", "sim", "failover"]),
    ("app", PURE),
    (
        "tui",
        &["ec2", "rules", "sim", "failover", "lessons", "app"],
    ),
    ("wire", PURE),
    ("cloud", PURE),
    ("store", PURE),
    (
        "runtime",
        &[
            "ec2", "rules", "sim", "failover", "lessons", "app", "tui", "wire", "cloud", "store",
        ],
    ),
    (
        "cli",
        &[
            "ec2", "rules", "sim", "failover", "lessons", "app", "tui", "wire", "cloud", "store",
            "runtime",
        ],
    ),
    // The binary's own root; it parses, calls and ends.
    ("main", &["cli"]),
];

/// A path, and the only layers that may name it. A trailing `*` stands for any ending of the word.
const CONFINED: &[(&[&str], &[&str])] = &[
    (&["Instant", "now"], &["cloud", "store", "runtime", "cli"]),
    (
        &["SystemTime", "now"],
        &["cloud", "store", "runtime", "cli"],
    ),
    (
        &["OffsetDateTime", "now_utc"],
        &["cloud", "store", "runtime", "cli"],
    ),
    (
        &["OffsetDateTime", "now_local"],
        &["cloud", "store", "runtime", "cli"],
    ),
    (&["std", "fs"], &["cloud", "store", "runtime", "cli"]),
    (
        &["std", "env"],
        &["cloud", "store", "runtime", "cli", "main"],
    ),
    (&["std", "net", "Tcp*"], &["cloud", "runtime", "cli"]),
    (&["std", "net", "Udp*"], &["cloud", "runtime", "cli"]),
    (&["std", "process"], &["store", "runtime", "cli", "main"]),
    (&["std", "thread"], &["store", "runtime", "cli"]),
    (&["rustix"], &["store", "runtime", "cli"]),
    (&["tokio"], &["cloud", "runtime"]),
    (&["hyper*"], &["runtime"]),
    (&["http_body_util"], &["runtime"]),
    (&["ratatui*"], &["tui", "runtime"]),
    (&["tui_tree_widget"], &["tui", "runtime"]),
    (&["crossterm"], &["runtime"]),
    // Its reader spins on a terminal that is gone and reads a split arrow key as letters.
    (&["crossterm", "event"], &[]),
    (&["aws_*"], &["cloud"]),
    (&["clap*"], &["cli"]),
    // Nowhere: waiting is the runtime's timer, and a queue has a bound.
    (&["thread", "sleep"], &[]),
    (&["mpsc", "unbounded*"], &[]),
    (&["unbounded_channel"], &[]),
];

/// Methods and macros that end the program where an answer is due.
const PANICS: &[(&str, &str)] = &[
    ("unwrap", "("),
    ("expect", "("),
    ("unwrap_err", "("),
    ("expect_err", "("),
    ("panic", "!"),
    ("todo", "!"),
    ("unimplemented", "!"),
    ("dbg", "!"),
];

/// The only operations that may ever change an account.
const MUTATING_ALLOWED: &[&str] = &[
    "detach_network_interface",
    "attach_network_interface",
    "modify_network_interface_attribute",
    "assign_private_ip_addresses",
    "associate_address",
    "replace_route",
    "stop_instances",
];

/// The file that submits calls, and the one that asks for them as dry runs: no other may name one.
const WRITES: &str = "src/cloud/aws/act.rs";
const DRY_RUNS: &str = "src/cloud/aws/dry.rs";

/// The first words of EC2's operations that change something (EC2 API Reference, "Actions").
const MUTATING_VERBS: &[&str] = &[
    "accept",
    "advertise",
    "allocate",
    "apply",
    "assign",
    "associate",
    "attach",
    "authorize",
    "bundle",
    "cancel",
    "confirm",
    "copy",
    "create",
    "delete",
    "deprovision",
    "deregister",
    "detach",
    "disable",
    "disassociate",
    "enable",
    "export",
    "import",
    "lock",
    "modify",
    "monitor",
    "move",
    "provision",
    "purchase",
    "reboot",
    "register",
    "reject",
    "release",
    "replace",
    "request",
    "reset",
    "restore",
    "revoke",
    "run",
    "send",
    "start",
    "stop",
    "terminate",
    "unassign",
    "unlock",
    "unmonitor",
    "update",
    "withdraw",
];

/// Getters of answers whose first word is one of those verbs.
const GETTERS: &[&str] = &[
    "attach_time",
    "create_time",
    "delete_on_termination",
    "request_id",
    "start_time",
    "update_time",
];

/// One violation: line and what is wrong.
type Wrong = (usize, String);

fn layer_of(path: &str) -> &str {
    let tail = path.strip_prefix("src/").unwrap_or(path);
    tail.split(['/', '.']).next().unwrap_or(tail)
}

/// Modules above a file: 1 for `src/app.rs`, 2 for `src/app/tree.rs`, 0 for the roots.
fn depth_of(path: &str) -> usize {
    match path {
        "src/lib.rs" | "src/main.rs" => 0,
        _ => path.matches('/').count(),
    }
}

/// Files that a source declares behind `#[cfg(test)]` (`mod testing;`), as paths without `.rs`.
fn test_modules(path: &str, tokens: &[Token]) -> Vec<String> {
    let home = match path {
        "src/lib.rs" | "src/main.rs" => "src",
        _ => path.trim_end_matches(".rs"),
    };
    tokens
        .windows(3)
        .filter(|w| w[0].test && w[0].text == "mod" && w[2].text == ";")
        .map(|w| format!("{home}/{}", w[1].text))
        .collect()
}

/// Everything that is wrong with one file of `src`.
///
/// `test` says that the whole file is only compiled for tests.
fn violations(path: &str, text: &str, test: bool) -> Vec<Wrong> {
    let mut tokens = tokens(text);
    tokens.iter_mut().for_each(|token| token.test |= test);
    let layer = layer_of(path);
    let mut out = Vec::new();
    if path.ends_with("/mod.rs") {
        out.push((
            1,
            "a module stands in x.rs beside x/, never in mod.rs".into(),
        ));
    }
    if !text.starts_with("//!") && !test {
        out.push((1, "a module opens with //!: what it is for".into()));
    }
    for (first, path_found) in paths(&tokens) {
        let token = &tokens[first];
        imports(path, layer, token, &path_found, &mut out);
        confined(layer, token, &path_found, &mut out);
    }
    for n in 0..tokens.len() {
        panics(&tokens, n, &mut out);
        unbounded(&tokens, n, &mut out);
        if layer == "cloud" {
            mutating(path, &tokens, n, &mut out);
        }
    }
    out.sort();
    out.dedup();
    out
}

/// The layer that a path names from the crate's root, by `crate::`, `enipilot::` or enough `super`.
fn layer_named<'a>(path: &str, token: &Token, found: &'a [String]) -> Option<&'a str> {
    let head = found.first()?.as_str();
    let named = match head {
        "crate" | "enipilot" => found.get(1)?,
        "super" => {
            let supers = found.iter().take_while(|s| *s == "super").count();
            if supers != depth_of(path) + token.inline_mods {
                return None;
            }
            found.get(supers)?
        }
        _ => return None,
    };
    Some(named)
}

fn imports(path: &str, layer: &str, token: &Token, found: &[String], out: &mut Vec<Wrong>) {
    let Some(named) = layer_named(path, token, found) else {
        return;
    };
    let known = LAYERS.iter().any(|(name, _)| *name == named);
    let allowed = LAYERS.iter().find(|(name, _)| *name == layer);
    if !known || named == layer || layer == "lib" {
        return;
    }
    if !allowed.is_some_and(|(_, may)| may.contains(&named)) {
        out.push((token.line, format!("`{layer}` may not import `{named}`")));
    }
}

fn confined(layer: &str, token: &Token, found: &[String], out: &mut Vec<Wrong>) {
    for (banned, home) in CONFINED {
        let same = |word: &str, pattern: &str| match pattern.strip_suffix('*') {
            Some(begin) => word.starts_with(begin),
            None => word == pattern,
        };
        let hit = found.windows(banned.len()).enumerate().any(|(n, words)| {
            // A single word is a crate, and a crate stands first.
            (banned.len() > 1 || n == 0)
                && words
                    .iter()
                    .zip(*banned)
                    .all(|(word, pattern)| same(word, pattern))
        });
        // A lone word is a name of our own (`clap` the field), unless a path goes on from it.
        let is_path = found.len() > 1 || *banned == ["unbounded_channel"];
        if hit && is_path && !home.contains(&layer) {
            let home = if home.is_empty() {
                "nowhere".into()
            } else {
                home.join(", ")
            };
            out.push((
                token.line,
                format!("`{}` belongs in: {home}", banned.join("::")),
            ));
        }
    }
}

fn panics(tokens: &[Token], n: usize, out: &mut Vec<Wrong>) {
    let token = &tokens[n];
    if token.test {
        return;
    }
    for (word, follows) in PANICS {
        let next = tokens.get(n + 1).is_some_and(|t| t.text == *follows);
        let called =
            *follows == "!" || (n > 0 && matches!(tokens[n - 1].text.as_str(), "." | "::"));
        if token.text == *word && next && called {
            out.push((
                token.line,
                format!("`{word}` outside tests: answer instead"),
            ));
        }
    }
}

/// `channel()` and `channel::<T>()`: only the unbounded ones take no argument.
fn unbounded(tokens: &[Token], n: usize, out: &mut Vec<Wrong>) {
    if tokens[n].text != "channel" {
        return;
    }
    let mut open = n + 1;
    if tokens.get(open).is_some_and(|t| t.text == "::") {
        let close = tokens.iter().skip(open).position(|t| t.text == "(");
        open = close.map_or(tokens.len(), |k| open + k);
    }
    let is = |k: usize, text: &str| tokens.get(k).is_some_and(|t| t.text == text);
    if is(open, "(") && is(open + 1, ")") {
        out.push((
            tokens[n].line,
            "an unbounded channel: give it a bound".into(),
        ));
    }
}

/// A fluent call `.verb_noun()`, a function `::verb_noun`, or a module `operation::verb_noun` that
/// would change an account by an operation outside the list, or from elsewhere than the two files
/// behind the ports. In that of the dry runs each says so as its first word, and nowhere else.
fn mutating(path: &str, tokens: &[Token], n: usize, out: &mut Vec<Wrong>) {
    let token = &tokens[n];
    let dry = [".", "dry_run", "(", "true", ")"];
    let says_dry = |from: usize| {
        let words = tokens.iter().skip(from).map(|t| t.text.as_str());
        words.take(dry.len()).eq(dry)
    };
    if matches!(token.text.as_str(), "dry_run" | "set_dry_run") && !token.test {
        let first = n > 0 && path == DRY_RUNS && says_dry(n - 1);
        if !first {
            let what = "a dry run is asked for by `.dry_run(true)` in its own file";
            out.push((token.line, what.to_owned()));
        }
    }
    let before = if n > 0 {
        tokens[n - 1].text.as_str()
    } else {
        ""
    };
    let is = |k: usize, text: &str| tokens.get(k).is_some_and(|t| t.text == text);
    let fluent = before == "." && is(n + 1, "(") && is(n + 2, ")");
    // `Client::terminate_instances(&client)` and `operation::terminate_instances::…`.
    let named =
        before == "::" && n > 1 && matches!(tokens[n - 2].text.as_str(), "Client" | "operation");
    let Some((verb, _)) = token.text.split_once('_') else {
        return;
    };
    let name = token.text.as_str();
    if !(fluent || named) || !MUTATING_VERBS.contains(&verb) || GETTERS.contains(&name) {
        return;
    }
    if !MUTATING_ALLOWED.contains(&name) {
        out.push((
            token.line,
            format!("`{name}` may never be sent to an account"),
        ));
    }
    match path {
        _ if token.test || path == WRITES => {}
        DRY_RUNS if fluent && says_dry(n + 3) => {}
        DRY_RUNS => out.push((
            token.line,
            format!("`{name}` without `.dry_run(true)` right behind it"),
        )),
        _ => out.push((
            token.line,
            format!("`{name}` is sent behind the ports alone: {WRITES}, {DRY_RUNS}"),
        )),
    }
}

/// Rust files below a directory, as paths from the package's root.
fn sources(dir: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut out = Vec::new();
    let mut open = vec![root.join(dir)];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path
                    .strip_prefix(root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace('\\', "/");
                out.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    out.sort();
    out
}

#[test]
fn the_sources_keep_the_law() {
    let mut wrong = Vec::new();
    let sources = sources("src");
    assert!(
        sources.len() > 40,
        "the sources are not where they were: {}",
        sources.len()
    );
    let for_tests: Vec<String> = sources
        .iter()
        .flat_map(|(path, text)| test_modules(path, &tokens(text)))
        .collect();
    for (path, text) in &sources {
        // The file itself, or one below it.
        let is_below = |module: &String| {
            let rest = path.strip_prefix(module.as_str());
            rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        };
        let test = for_tests.iter().any(is_below);
        for (line, what) in violations(path, text, test) {
            wrong.push(format!("{path}:{line}: {what}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn tests_never_sleep() {
    let mut wrong = Vec::new();
    for (path, text) in sources("tests").iter().chain(&sources("benches")) {
        let tokens = tokens(text);
        for (first, found) in paths(&tokens) {
            if found.ends_with(&["thread".into(), "sleep".into()]) {
                wrong.push(format!(
                    "{path}:{}: a test waits for an event, not for time",
                    tokens[first].line
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The cells of a table, one row a line.
fn rows(table: &str) -> Vec<Vec<&str>> {
    let lines = table.lines().filter(|l| !l.starts_with('#'));
    lines.map(|line| line.split(" | ").collect()).collect()
}

/// A module with this code.
fn module(code: &str) -> String {
    format!("//! A module.\n{}\n", code.replace("\\n", "\n"))
}

#[test]
fn planted_violations_are_caught() {
    let planted = rows(include_str!("tidy/planted.txt"));
    assert!(planted.len() >= 50, "{}", planted.len());
    for row in planted {
        let [path, code, part] = row.as_slice() else {
            panic!("{row:?}");
        };
        let found = violations(path, &module(code), false);
        assert!(
            found
                .iter()
                .any(|(line, what)| *line >= 1 && what.contains(part)),
            "{path}: {code}\nexpected {part}, found {found:?}"
        );
    }
    let headless = violations("src/sim/x.rs", "use std::fmt;\n", false);
    assert_eq!(
        headless,
        [(1, "a module opens with //!: what it is for".to_owned())]
    );
}

#[test]
fn the_lawful_is_left_alone() {
    let lawful = rows(include_str!("tidy/lawful.txt"));
    assert!(lawful.len() >= 16, "{}", lawful.len());
    for row in lawful {
        let [path, code] = row.as_slice() else {
            panic!("{row:?}");
        };
        let found = violations(path, &module(code), false);
        assert!(found.is_empty(), "{path}: {code}\nfound {found:?}");
    }
}

#[test]
fn test_modules_are_known_by_their_declaration() {
    let declared = "#[cfg(test)]\nmod testing;\nmod real;\n#[cfg(test)]\n#[allow(x)]\nmod tests;";
    let found = test_modules("src/failover.rs", &tokens(declared));
    assert_eq!(found, ["src/failover/testing", "src/failover/tests"]);
    assert_eq!(
        test_modules("src/lib.rs", &tokens(declared))[0],
        "src/testing"
    );
}

/// Policies that are broken on purpose are for the test of the fault simulation alone.
#[test]
fn broken_policies_are_in_no_default_set() {
    let manifest =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    assert!(may_release(&manifest), "{manifest}");
    for planted in [
        "[features]\nmutants = []\ndefault = [\"aws\", \"mutants\"]\n",
        "[features]\nmutants = []\ndefault = [\"aws\"]\naws = [\"mutants\"]\n",
    ] {
        assert!(!may_release(planted), "{planted}");
    }
}

/// The feature is there, and nothing but its own line names it.
fn may_release(manifest: &str) -> bool {
    let naming = manifest.lines().filter(|line| line.contains("mutants"));
    let naming: Vec<_> = naming.collect();
    naming == ["mutants = []"]
}
