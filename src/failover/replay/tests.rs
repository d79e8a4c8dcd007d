#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use super::*;
use crate::ec2::call::{Answer, Attach, Call, Detach};
use crate::ec2::error::ApiError;
use crate::failover::journal::line::{decode, encode, readable};
use crate::failover::testing::{ATTACHMENT, STANDBY, START, intent, live, planned, world};

fn entries() -> Vec<Entry> {
    let plan = planned(&world(), &intent(STANDBY), &live());
    let source = plan.source.clone().unwrap();
    let attach = Call::AttachNetworkInterface(Attach {
        network_interface_id: plan.intent.eni.clone(),
        instance_id: STANDBY.into(),
        device_index: 1,
        network_card_index: 0,
    });
    let detach = Call::DetachNetworkInterface(Detach {
        attachment_id: ATTACHMENT.into(),
        force: false,
    });
    let seen = |eni: String| Entry::Observed {
        asked: START,
        eni,
        hash: "0".to_owned(),
    };
    let outcome = |of, result| Entry::Outcome {
        of,
        result,
        millis: 210,
    };
    vec![
        Entry::Plan {
            plan: Arc::new(plan),
        },
        Entry::Consent {
            to: "plan".to_owned(),
            typed: "03f9a1".to_owned(),
            how: "--confirm".to_owned(),
        },
        seen(format!(
            "in-use, {ATTACHMENT} attached {source} card 0 index 1"
        )),
        Entry::Intent {
            call: detach,
            attempt: 1,
        },
        outcome(3, CallResult::Accepted(Answer::default())),
        seen("available".to_owned()),
        Entry::Intent {
            call: attach,
            attempt: 2,
        },
        outcome(6, CallResult::Unknown("reset".to_owned())),
        outcome(6, CallResult::Refused(ApiError::new("AuthFailure", "no"))),
        seen(format!(
            "in-use, eni-attach-1 attached {STANDBY} card 0 index 1"
        )),
        seen("in-use, eni-attach-2 attaching i-00000000000000001 card 0 index 1".to_owned()),
        seen("in-use, eni-attach-2 attached no instance card 0 index 1".to_owned()),
        Entry::Note {
            text: "hang-up".to_owned(),
        },
        Entry::Verdict {
            ending: "needs-person".to_owned(),
            text: "look".to_owned(),
        },
    ]
}

fn written() -> String {
    let records = (0..).zip(entries()).map(|(seq, entry)| Record {
        seq,
        wall: START,
        entry,
    });
    records
        .map(|record| encode("7f3a", &record).unwrap() + "\n")
        .collect()
}

#[test]
fn every_record_is_a_moment_and_the_place_follows_the_looks() {
    let replay = Replay::of(&decode(written().as_bytes()).unwrap(), None);
    let elsewhere = Place::Elsewhere("i-00000000000000001".into());
    let expected = [
        (Kind::Plan, Place::Unknown),
        (Kind::Consent, Place::Unknown),
        (Kind::Seen, Place::Source),
        (Kind::Call, Place::Source),
        (Kind::Accepted, Place::Source),
        (Kind::Seen, Place::Nowhere),
        (Kind::Call, Place::Nowhere),
        (Kind::Doubtful, Place::Nowhere),
        (Kind::Refused, Place::Nowhere),
        (Kind::Seen, Place::Target),
        (Kind::Seen, elsewhere),
        (Kind::Seen, Place::Unknown),
        (Kind::Note, Place::Unknown),
        (Kind::Verdict, Place::Unknown),
    ];
    let moments = replay.moments.iter();
    let found: Vec<_> = moments.map(|m| (m.kind, m.place.clone())).collect();
    assert_eq!(found, expected);
    assert_eq!(
        replay.moments[4].text,
        "DetachNetworkInterface, answered in 0.210 s"
    );
    assert!(replay.moments[6].text.ends_with("(attempt 2)"));
    assert_eq!((replay.op.as_str(), replay.broken), ("7f3a", None));
}

/// Cut off anywhere, or with any line spoilt, it goes as far as it can be read, and says so.
#[test]
fn a_broken_journal_is_told_as_far_as_it_goes() {
    let whole = written();
    let all = entries().len();
    for cut in 0..whole.len() {
        let bytes = &whole.as_bytes()[..cut];
        let lines = bytes.iter().filter(|b| **b == b'\n').count();
        let (journal, why) = readable(bytes);
        assert_eq!(why, None, "cut at {cut}");
        let replay = Replay::of(&journal, None);
        // Where only the newline is missing, the record is whole.
        let unended = usize::from(journal.unended);
        assert_eq!(replay.moments.len(), lines + unended, "cut at {cut}");
        let partial = !bytes.ends_with(b"\n") && !bytes.is_empty() && unended == 0;
        assert_eq!(replay.broken.is_some(), partial, "cut at {cut}");
    }
    let ends: Vec<usize> = whole.match_indices('\n').map(|(at, _)| at).collect();
    for (line, end) in ends.iter().enumerate().take(all - 1) {
        let mut bytes = whole.clone().into_bytes();
        bytes[end - 20] = 0xff;
        let (journal, why) = readable(&bytes);
        let why = why.unwrap();
        assert_eq!((why.line, journal.records.len()), (line + 1, line));
        let replay = Replay::of(&journal, Some(why.to_string()));
        assert_eq!(replay.moments.len(), line);
        assert!(
            replay
                .broken
                .unwrap()
                .contains(&format!("line {}", line + 1))
        );
    }
}
