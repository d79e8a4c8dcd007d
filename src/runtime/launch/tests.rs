#![allow(clippy::unwrap_used)]

use super::*;
use crate::failover::journal::{Entry, Record};
use crate::failover::mechanism::Mechanism;
use crate::failover::plan::Intent;
use crate::failover::testing::{ENI, STANDBY, START, intent, live, planned, wide_world};

fn way(mechanism: Mechanism) -> Plan {
    let intent = Intent {
        mechanism,
        ..intent(STANDBY)
    };
    planned(&wide_world(), &intent, &live())
}

/// What moves the other way, at the same time.
fn opposite(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    plan.intent = plan.way_back().unwrap();
    for handover in &mut plan.handovers {
        std::mem::swap(&mut handover.over, &mut handover.back);
        for good in &mut handover.goods {
            std::mem::swap(&mut good.from, &mut good.to);
        }
    }
    plan
}

const CARRYING: [Mechanism; 3] = [Mechanism::PrivateIp, Mechanism::ElasticIp, Mechanism::Route];

#[test]
fn nobody_else_is_at_any_interface_that_a_plan_touches() {
    for mechanism in CARRYING {
        let home = tempfile::tempdir().unwrap();
        let dir = StateDir::open(home.path()).unwrap();
        let over = way(mechanism);
        let first = lock(&dir, &over, "aaaa0001", START).unwrap();
        let whole = way(Mechanism::Interface);
        for second in [&opposite(&over), &over, &whole] {
            let refused = lock(&dir, second, "aaaa0002", START).unwrap_err();
            let refused = Refusal::from(refused);
            assert_eq!(refused.exit_code(), 6, "{mechanism}");
            let text = refused.to_string();
            assert!(text.contains("operation aaaa0001 (process"), "{text}");
        }
        drop(first);
        assert!(lock(&dir, &opposite(&over), "aaaa0002", START).is_ok());
    }
}

#[test]
fn nothing_begins_at_an_interface_where_an_operation_was_left_open() {
    for mechanism in CARRYING {
        let home = tempfile::tempdir().unwrap();
        let dir = StateDir::open(home.path()).unwrap();
        let over = way(mechanism);
        let mut file = JournalFile::create(&dir, START, &over.intent.eni, "aaaa0001").unwrap();
        let call = over.calls().next().unwrap().clone();
        let plan = Arc::new(over.clone());
        let entries = [Entry::Plan { plan }, Entry::Intent { call, attempt: 1 }];
        for (seq, entry) in (0..).zip(entries) {
            let wall = START;
            let record = Record { seq, wall, entry };
            file.append(&line::encode("aaaa0001", &record).unwrap())
                .unwrap();
        }
        let whole = way(Mechanism::Interface);
        for second in [&opposite(&over), &over, &whole] {
            let refused = unfinished(&dir, second).unwrap_err();
            assert_eq!(refused.exit_code(), 6, "{mechanism}");
            // It is agreed to with the interface of the one that was left open.
            let text = refused.to_string();
            assert!(text.contains(&format!("--confirm {ENI} ")), "{text}");
        }
    }
}
