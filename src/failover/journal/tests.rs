#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use super::line::decode;
use super::{CallResult, Entry, MemoryJournal, Record};
use crate::ec2::call::{Answer, Call, Detach};
use crate::ec2::error::ApiError;
use crate::failover::testing::{ATTACHMENT, STANDBY, START, intent, live, planned, world};

fn entries() -> Vec<Entry> {
    let call = Call::DetachNetworkInterface(Detach {
        attachment_id: ATTACHMENT.into(),
        force: false,
    });
    let outcome = |result| Entry::Outcome {
        of: 2,
        result,
        millis: 210,
    };
    vec![
        Entry::Plan {
            plan: Arc::new(planned(&world(), &intent(STANDBY), &live())),
        },
        Entry::Consent {
            to: "plan".to_owned(),
            typed: "03f9a1".to_owned(),
            how: "tui".to_owned(),
        },
        Entry::Intent { call, attempt: 1 },
        outcome(CallResult::Accepted(Answer::default())),
        outcome(CallResult::Refused(ApiError::new(
            "AuthFailure",
            "no \"quotes\"\n",
        ))),
        outcome(CallResult::Unknown("reset \u{202e}".to_owned())),
        outcome(CallResult::NotSubmitted("given up".to_owned())),
        Entry::Observed {
            asked: START,
            eni: "available".to_owned(),
            hash: "0".to_owned(),
        },
        Entry::Note {
            text: "hang-up".to_owned(),
        },
        Entry::Verdict {
            ending: "done".to_owned(),
            text: String::new(),
        },
        Entry::Measured {
            text: "4.8 s".to_owned(),
            millis: 4_800,
            parts: vec![("detach".to_owned(), 2_900), ("guest".to_owned(), 1_900)],
        },
    ]
}

fn written() -> (Vec<Record>, String) {
    let mut journal = MemoryJournal::default();
    let mut records = Vec::new();
    for (seq, entry) in (0..).zip(entries()) {
        let record = Record {
            seq,
            wall: START,
            entry,
        };
        journal.append("7f3a", &record).unwrap();
        records.push(record);
    }
    (records, journal.text().to_owned())
}

#[test]
fn every_kind_of_record_reads_back_as_written() {
    let (records, text) = written();
    let read = decode(text.as_bytes()).unwrap();
    assert_eq!((read.op.as_str(), read.torn), ("7f3a", 0));
    assert_eq!(read.records, records);
}

#[test]
fn cut_off_at_any_byte_it_reads_as_far_as_it_is_whole() {
    let (records, text) = written();
    let ends: Vec<_> = text.match_indices('\n').map(|(at, _)| at).collect();
    let plan = ends[0];
    // Every byte of the later lines, and some of the long first one.
    for cut in (0..plan).step_by(97).chain(plan..=text.len()) {
        let whole = ends.iter().filter(|end| **end <= cut).count();
        let read = decode(&text.as_bytes()[..cut]).unwrap();
        assert_eq!(read.records, records[..whole], "cut at {cut}");
    }
}

#[test]
fn a_bad_earlier_line_is_an_error_with_its_number() {
    let (_, text) = written();
    let lines: Vec<_> = text.lines().collect();
    let flipped = text.replacen("\"03f9a1\"", "\"03f9a2\"", 1);
    let missing = [&lines[..1], &lines[2..]].concat().join("\n");
    let mixed = text.replacen("not there", "", 1)
        + &{
            let mut other = MemoryJournal::default();
            let record = Record {
                seq: 11,
                wall: START,
                entry: Entry::Note {
                    text: String::new(),
                },
            };
            other.append("beef", &record).unwrap();
            other.text().to_owned()
        };
    for (text, line, what) in [
        (flipped, 2, "checksum"),
        (missing, 2, "number 2, 1 is due"),
        (mixed, 12, "operation beef"),
    ] {
        let error = decode(text.as_bytes()).unwrap_err();
        assert_eq!(error.line, line);
        assert!(error.what.contains(what), "{error}");
    }
}

#[test]
fn no_tag_value_but_name_is_written() {
    let (_, text) = written();
    assert!(text.contains("db-service"));
    assert!(!text.contains("secret-team"));
}
