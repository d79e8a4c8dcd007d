//! The crash matrix: every case ends as `tests/vopr/matrix.txt` says.
//! `cargo bench --no-default-features --bench vopr -- matrix` prints it as it is now.

use std::collections::BTreeMap;

use super::harness::Ground;
use super::harness::matrix::{cases, end_of};

#[test]
fn every_case_ends_as_a_person_would_have_it() {
    let expected: BTreeMap<String, &str> = include_str!("../../vopr/matrix.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let cells: Vec<_> = line.splitn(4, " | ").collect();
            (cells[..3].join(" | "), cells[3])
        })
        .collect();
    let (ground, cases) = (Ground::new(), cases());
    let mut wrong = Vec::new();
    for case in &cases {
        let (end, _) = end_of(&ground, case, false);
        if expected.get(&case.name) != Some(&end.as_str()) {
            wrong.push(format!("{} | {end}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(expected.len(), cases.len(), "the file has other cases");
}
