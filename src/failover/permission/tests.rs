//! What each answer to a dry run means, and what is left of one that was carried out.

use std::sync::Arc;
use std::time::Duration;

use super::{Deed, Permissions, Reply, asks, judge};
use crate::ec2::call::{Answer, Call};
use crate::ec2::error::ApiError;
use crate::ec2::time::Time;
use crate::failover::engine::{Action, Goal};
use crate::failover::journal::line::{decode, encode};
use crate::failover::mechanism::Mechanism;
use crate::failover::plan::{Intent, Level, Plan};
use crate::failover::resume::{Operation, next};
use crate::failover::testing::{
    ATTACHMENT, ENI, Fake, PRIMARY, STANDBY, START, eni, intent, live, planned, wide_world, world,
};

fn plan_of(mechanism: &str) -> Plan {
    let intent = Intent {
        mechanism: Mechanism::of_word(mechanism).unwrap(),
        ..Intent::new(eni(), STANDBY.into())
    };
    planned(&wide_world(), &intent, &live())
}

#[test]
fn a_plan_asks_for_its_calls_and_for_those_that_put_it_back() {
    let lines = |mechanism: &str| -> Vec<String> {
        let asks = asks(&plan_of(mechanism));
        asks.iter()
            .map(|ask| format!("{}: {}", ask.id, ask.call.line()))
            .collect()
    };
    assert_eq!(
        lines("interface"),
        [
            format!("may-detach: DetachNetworkInterface AttachmentId={ATTACHMENT}"),
            format!(
                "may-attach: AttachNetworkInterface NetworkInterfaceId={ENI} InstanceId={STANDBY} DeviceIndex=1 \
                 NetworkCardIndex=0"
            ),
            format!(
                "may-undo: AttachNetworkInterface NetworkInterfaceId={ENI} InstanceId={PRIMARY} DeviceIndex=1 \
                 NetworkCardIndex=0"
            ),
        ]
    );
    for (mechanism, action, calls) in [
        ("private-ip", "AssignPrivateIpAddresses", 1),
        ("elastic-ip", "AssociateAddress", 1),
        ("route", "ReplaceRoute", 2),
    ] {
        let lines = lines(mechanism);
        let of = |id: &str| {
            let begin = format!("{id}: {action} ");
            lines.iter().filter(|line| line.starts_with(&begin)).count()
        };
        assert_eq!(
            (of("may-carry"), of("may-undo")),
            (calls, calls),
            "{lines:?}"
        );
        assert_eq!(lines.len(), 2 * calls, "{lines:?}");
    }
}

/// The interface is deleted with its instance, and the instance may be stopped.
fn full_plan() -> Plan {
    let mut world = world();
    world.edit_eni(&eni(), |e| {
        e.attachment.as_mut().unwrap().delete_on_termination = true;
    });
    let intent = Intent {
        fence: Some(PRIMARY.into()),
        ..intent(STANDBY)
    };
    planned(&world, &intent, &live())
}

#[test]
fn protecting_is_asked_for_first_and_the_fence_last() {
    let asks = asks(&full_plan());
    let asked: Vec<_> = asks.iter().map(|a| (a.id, a.call.action())).collect();
    assert_eq!(
        asked,
        [
            ("may-protect", "ModifyNetworkInterfaceAttribute"),
            ("may-detach", "DetachNetworkInterface"),
            ("may-attach", "AttachNetworkInterface"),
            ("may-undo", "AttachNetworkInterface"),
            ("may-fence", "StopInstances"),
        ]
    );
}

#[test]
fn an_answer_is_judged_as_the_table_says() {
    // item | code, or what else came back | level, and whether it may be accepted
    let table = "may-detach | DryRunOperation               | pass
                 may-undo   | DryRunOperation               | pass
                 may-detach | UnauthorizedOperation         | block
                 may-attach | UnauthorizedOperation         | block
                 may-undo   | UnauthorizedOperation         | block may
                 may-attach | AccessDenied                  | block
                 may-detach | RequestLimitExceeded          | warn
                 may-detach | InvalidAction                 | warn
                 may-detach | InvalidAttachmentID.NotFound  | block may
                 may-detach | InvalidParameterValue         | block may
                 may-attach | InvalidParameterValue         | warn
                 may-attach | InvalidNetworkInterface.InUse | warn
                 may-attach | AttachmentLimitExceeded       | block may
                 may-undo   | AuthFailure                   | block may
                 may-protect | UnauthorizedOperation        | warn
                 may-protect | DryRunOperation              | pass
                 may-fence  | UnauthorizedOperation         | block may
                 may-fence  | DryRunOperation               | pass
                 may-attach | no answer                     | warn
                 may-attach | no dry run                    | warn
                 may-detach | executed                      | block";
    let plan = full_plan();
    for row in table.lines() {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let ask = asks(&plan).into_iter().find(|a| a.id == cells[0]).unwrap();
        let reply = match cells[1] {
            "no answer" => Reply::Unknown("no route to host".to_owned()),
            "no dry run" => Reply::NotOffered,
            "executed" => Reply::Executed(Answer::default()),
            code => Reply::of_error(ApiError::new(code, format!("text of {code}"))),
        };
        let checks = judge(&plan, &Permissions::Asked(vec![(ask, reply)]));
        let ids: Vec<_> = checks.iter().map(|c| c.id.as_str()).collect();
        let all = "may-protect may-detach may-attach may-undo may-fence";
        assert_eq!(ids.join(" "), all, "{row}");
        let check = checks.iter().find(|c| c.id == cells[0]).unwrap();
        let word = match check.level {
            Level::Pass => "pass",
            Level::Warn => "warn",
            Level::Block if check.acceptable => "block may",
            Level::Block => "block",
        };
        assert_eq!(word, cells[2], "{row}: {check:?}");
        assert_eq!(check.remedy.is_empty(), check.level == Level::Pass, "{row}");
        // What was not answered is not passed.
        let others = checks.iter().filter(|c| c.id != cells[0]);
        assert!(others.clone().all(|c| c.level == Level::Warn), "{row}");
    }
}

#[test]
fn the_encoded_message_is_told_of_and_never_printed() {
    let plan = plan_of("interface");
    let ask = asks(&plan).remove(0);
    let text = "You are not authorized to perform this operation. Encoded authorization failure \
                message: SECRET4x7";
    let reply = Reply::of_error(ApiError::new("UnauthorizedOperation", text));
    let checks = judge(&plan, &Permissions::Asked(vec![(ask, reply)]));
    let check = checks.iter().find(|c| c.level == Level::Block).unwrap();
    assert!(
        check.finding.contains("ec2:DetachNetworkInterface"),
        "{check:?}"
    );
    assert!(check.finding.contains("encoded message"), "{check:?}");
    assert!(check.finding.contains(" --dry-run"), "{check:?}");
    assert!(!format!("{check:?}").contains("SECRET"), "{check:?}");
}

#[test]
fn the_worst_of_several_answers_counts() {
    let plan = plan_of("route");
    let mut asks = asks(&plan).into_iter();
    let denied = ApiError::new("UnauthorizedOperation", "no");
    let replies = vec![
        (asks.next().unwrap(), Reply::Permitted),
        (asks.next().unwrap(), Reply::Refused(denied)),
    ];
    let checks = judge(&plan, &Permissions::Asked(replies));
    let carry = checks.iter().find(|c| c.id == "may-carry").unwrap();
    assert_eq!(carry.level, Level::Block);
}

#[test]
fn who_was_not_asked_is_not_passed() {
    let plan = plan_of("interface");
    assert!(judge(&plan, &Permissions::NotWanted).is_empty());
    for permissions in [
        Permissions::MayExecute,
        Permissions::NoJournal("no space".to_owned()),
    ] {
        let checks = judge(&plan, &permissions);
        assert_eq!(checks.len(), 3);
        for check in checks {
            assert_eq!(check.level, Level::Warn);
            assert!(check.finding.starts_with("not asked"), "{check:?}");
        }
    }
}

#[test]
fn a_dry_run_that_was_carried_out_can_be_put_back_from_its_journal() {
    let plan = planned(&world(), &intent(STANDBY), &live());
    let ask = asks(&plan).remove(0);
    let mut ec2 = Fake::new(world());
    let answer = ec2.call(&ask.call).unwrap();
    let deed = Deed {
        ask,
        at: START,
        answer,
        took: Duration::from_millis(80),
        seen: Ok(Arc::new(ec2.world.clone())),
        looked: START + Duration::from_millis(90),
    };
    let told = deed.executed(&plan, Ok("7f3a"));
    assert!(told.what.contains("EXECUTED"), "{told:?}");
    assert!(told.what.contains("detaching at db-primary"), "{told:?}");
    assert!(
        told.remedy.contains("ops resume 7f3a --put-back"),
        "{told:?}"
    );
    let checks = judge(&plan, &Permissions::Executed(Box::new(told)));
    assert!(matches!(&checks[..], [c] if c.level == Level::Block && !c.acceptable));
    // As it is written, so it is read.
    let now = START + Duration::from_millis(100);
    let records = deed.records(&plan, "7f3a", now);
    let text: String = records
        .iter()
        .map(|record| encode("7f3a", record).unwrap() + "\n")
        .collect();
    let operation = Operation::read(&decode(text.as_bytes()).unwrap()).unwrap();
    assert!(operation.is_open() && operation.may_have_moved());
    assert!(operation.consents.is_empty());
    assert_eq!(operation.calls.len(), 1);
    assert!(operation.plan.sky.writes);
    ec2.settle();
    let then: Time = ec2.now;
    let action = next(&operation, Goal::Source, true, then, &ec2.world);
    let Action::Attach(Goal::Source) = action else {
        panic!("{action:?}");
    };
    // Without a journal it still says how it goes back.
    let told = deed.executed(&plan, Err("no space"));
    assert!(
        told.remedy.contains("aws ec2 attach-network-interface"),
        "{told:?}"
    );
    let back = asks_back(&plan);
    assert!(told.remedy.contains(&plan.sky.aws_cli(&back)), "{told:?}");
}

fn asks_back(plan: &Plan) -> Call {
    asks(plan).pop().unwrap().call
}
