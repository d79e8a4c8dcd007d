//! The catalogue of codes: `tests/data/errors.txt`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{judged, lines};

/// What looks like a code in the sources of the rules and is none: parameters and services.
const NO_CODES: &[&str] = &[
    "AllocationId",
    "AssociationId",
    "CodeConnections",
    "ElastiCache",
    "GroupDescription",
    "GroupName",
    "InstanceId",
    "Lambda",
    "MaxCount",
    "MinCount",
    "QuickSight",
    "RDSNetworkInterface",
    "Redshift",
    "RedshiftNetworkInterface",
    "SageMaker",
];

/// Code and mark of every line.
fn catalogue() -> BTreeMap<&'static str, &'static str> {
    let lines = lines(include_str!("../../data/errors.txt"));
    let pairs: Vec<_> = lines
        .map(|(_, line)| line.split_once(" | ").expect(line))
        .collect();
    let catalogue: BTreeMap<_, _> = pairs.iter().copied().collect();
    assert_eq!(catalogue.len(), pairs.len(), "a code twice");
    catalogue
}

/// The table of verdicts gives every code with the mark that the catalogue says.
#[test]
fn every_code_has_its_mark() {
    let mut seen: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (line, text) in lines(include_str!("../../data/verdicts.txt")) {
        let case = text.split_once('|').unwrap().0.trim();
        if let (_, _, Err(denial)) = judged(case, line) {
            let mark = format!("{:?}", denial.wording).to_lowercase();
            // What the rules know reaches whoever is shown the error.
            assert_eq!(denial.error().approximate, mark == "approximate", "{case}");
            seen.entry(denial.code).or_default().insert(mark);
        }
    }
    let mut wrong = Vec::new();
    for (code, said) in catalogue() {
        let marks = seen.remove(code).unwrap_or_default();
        let marks: Vec<_> = marks.iter().map(String::as_str).collect();
        let mark = match marks[..] {
            [] => "approximate (no case)",
            [mark] => mark,
            _ => "both",
        };
        if mark != said {
            wrong.push(format!("{code}: {said}, but {mark}"));
        }
    }
    wrong.extend(seen.keys().map(|code| format!("{code} is not listed")));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Texts between quotes, of a source without its comments and tests.
fn literals(source: &str) -> impl Iterator<Item = &str> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let code = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split('"').skip(1).step_by(2))
}

/// `InvalidGroup.NotFound`, `VpcLimitExceeded`.
fn looks_like_a_code(text: &str) -> bool {
    let parts: Vec<_> = text.split('.').collect();
    let word = |part: &&str| {
        part.len() > 5
            && part.starts_with(|c: char| c.is_ascii_uppercase())
            && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    parts.len() <= 2 && parts.first().is_some_and(word) && {
        parts.len() == 1 || parts[1].starts_with(|c: char| c.is_ascii_uppercase())
    }
}

fn sources(dir: &Path, out: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(std::fs::read_to_string(path).unwrap());
        }
    }
}

/// No rule gives a code that the catalogue does not list.
#[test]
fn every_code_in_the_sources_is_listed() {
    let mut texts = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules"),
        &mut texts,
    );
    let catalogue = catalogue();
    let found: BTreeSet<&str> = texts
        .iter()
        .flat_map(|text| literals(text))
        .filter(|text| looks_like_a_code(text))
        .collect();
    assert!(found.contains("AttachmentLimitExceeded"));
    let unlisted: Vec<_> = found
        .iter()
        .filter(|code| !catalogue.contains_key(**code) && !NO_CODES.contains(code))
        .collect();
    assert!(unlisted.is_empty(), "{unlisted:?}");
    let stale: Vec<_> = catalogue.keys().filter(|c| !found.contains(**c)).collect();
    assert!(stale.is_empty(), "{stale:?}");
}
