#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use super::{Kept, Told};
use crate::failover::engine::Known;
use crate::failover::mechanism::Mechanism;
use crate::failover::plan::Intent;
use crate::failover::resume::Operation;
use crate::failover::testing::{ENI, ROOT, STANDBY, START, eni, live, planned, sim, wide_world};

fn kept(mechanism: Mechanism) -> Kept {
    let intent = Intent {
        mechanism,
        ..Intent::new(eni(), STANDBY.into())
    };
    let operation = Operation {
        op: "7f3a".to_owned(),
        plan: Arc::new(planned(&wide_world(), &intent, &live())),
        consents: Vec::new(),
        known: Known::default(),
        calls: Vec::new(),
        attachment_id: None,
        seen: Vec::new(),
        absences: Vec::new(),
        notes: Vec::new(),
        opened: START,
        last: START,
        next_seq: 2,
        verdict: None,
        torn: 0,
        retargeted: 0,
    };
    Kept {
        op: "7f3a".to_owned(),
        file: String::new(),
        told: Told::Operation(Box::new(operation)),
        holder: None,
        replay: None,
    }
}

#[test]
fn an_operation_concerns_every_interface_that_it_carries_between() {
    let receiver = "eni-0d1a2b3c4d5e60002";
    // mechanism, interface, concerned
    for (mechanism, eni, expected) in [
        (Mechanism::Interface, ENI, true),
        (Mechanism::Interface, receiver, false),
        (Mechanism::PrivateIp, ENI, true),
        (Mechanism::PrivateIp, receiver, true),
        (Mechanism::ElasticIp, receiver, true),
        (Mechanism::Route, receiver, true),
        (Mechanism::Route, ROOT, false),
    ] {
        let kept = kept(mechanism);
        assert_eq!(
            kept.concerns(&live(), &eni.into()),
            expected,
            "{mechanism} {eni}"
        );
        assert!(!kept.concerns(&sim(), &eni.into()), "another sky");
    }
}
