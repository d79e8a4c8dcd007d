//! The table: one case a line, `number | marks | before | call | expected`.

/// The files of the table, by subject. They are read when it is run: a case that is added or
/// corrected needs no build.
pub const SUBJECTS: &[(&str, &str)] = &[
    ("attach and detach", "attach.txt"),
    ("create and delete", "create.txt"),
    ("attributes", "attributes.txt"),
    ("instances", "instances.txt"),
    ("addresses", "addresses.txt"),
    ("networks", "networks.txt"),
    ("reads", "reads.txt"),
];

/// A file of the folder of the table.
pub fn file(name: &str) -> &'static str {
    let path = format!("{}/tests/conformance/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    text.leak()
}

/// One case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub subject: &'static str,
    /// The check that it belongs to; `None` of a case beyond the sixty.
    pub check: Option<u32>,
    /// What it counts for when EC2-compatible servers are compared.
    pub scores: Vec<u32>,
    /// Why it does not hold yet.
    pub todo: Option<String>,
    /// It needs a switch of the simulator, which no call can set.
    pub switch: Option<String>,
    pub before: Vec<String>,
    pub call: String,
    pub expected: Vec<String>,
    /// The whole line.
    pub text: &'static str,
}

/// Every case of every subject.
pub fn all() -> Vec<Line> {
    let mut lines = Vec::new();
    for (subject, name) in SUBJECTS {
        let cases = file(name)
            .lines()
            .filter(|l| !l.starts_with('#') && !l.is_empty());
        lines.extend(cases.map(|line| parse(subject, line)));
    }
    lines
}

fn parse(subject: &'static str, text: &'static str) -> Line {
    let columns: Vec<_> = text.split(" |").map(str::trim).collect();
    let [number, marks, before, call, expected] = columns[..] else {
        panic!("five columns: {text}");
    };
    let parts = |cell: &str, by: &str| -> Vec<String> {
        let parts = cell.split(by).map(str::trim);
        parts.filter(|p| !p.is_empty()).map(str::to_owned).collect()
    };
    let mut line = Line {
        subject,
        check: (number != "-").then(|| number.parse().expect(text)),
        before: parts(before, ";"),
        call: call.to_owned(),
        expected: parts(expected, "; "),
        text,
        ..Line::default()
    };
    for mark in parts(marks, ";") {
        match mark.split_once(": ") {
            Some(("todo", why)) => line.todo = Some(why.to_owned()),
            Some(("switch", what)) => line.switch = Some(what.to_owned()),
            None if mark.starts_with('s') => line.scores.push(mark[1..].parse().expect(text)),
            _ => panic!("no such mark `{mark}`: {text}"),
        }
    }
    line
}
