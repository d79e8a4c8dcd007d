//! Every row of the table of decisions.

use std::time::Duration;

use crate::ec2::eni::{Attachment, AttachmentStatus, EniStatus};
use crate::failover::engine::Gaze;
use crate::failover::engine::decide::{Action, Awaited, Goal, Known, Taken, Tries, decide};
use crate::failover::plan::Plan;
use crate::failover::testing::{
    ATTACHMENT, FAR, OTHER, PRIMARY, STANDBY, START, eni, intent, planned, sim, world,
};

/// `status attachment-status attachment-id holder`, `-` for none.
fn seen(text: &str, known: &Known, plan: &Plan) -> Action {
    let mut world = world();
    let words: Vec<_> = text.split(' ').collect();
    if words[0] == "missing" {
        world.remove_eni(&eni());
        return decide(plan, known, &world, Gaze::Full);
    }
    let holder = match words[3] {
        "source" => Some(PRIMARY),
        "target" => Some(STANDBY),
        "other" => Some(OTHER),
        _ => None,
    };
    world.edit_eni(&eni(), |e| {
        e.status = EniStatus::from(words[0]);
        e.attachment = (words[1] != "-").then(|| Attachment {
            attachment_id: if words[2] == "planned" {
                ATTACHMENT
            } else {
                "eni-attach-x"
            }
            .into(),
            status: AttachmentStatus::from(words[1]),
            instance_id: holder.map(Into::into),
            ..e.attachment.clone().unwrap()
        });
    });
    decide(plan, known, &world, Gaze::Full)
}

fn word(action: &Action) -> &'static str {
    match action {
        Action::Detach => "detach",
        Action::Attach(Goal::Target) => "attach",
        Action::Attach(Goal::Source) => "attach-back",
        Action::Wait(Awaited::Available) => "wait-available",
        Action::Wait(Awaited::Attached) => "wait-attached",
        Action::Wait(Awaited::Understanding(_)) => "wait-unclear",
        Action::Verify(Goal::Target) => "verify",
        Action::Verify(Goal::Source) => "verify-back",
        Action::Foreign(_) => "foreign",
        Action::NotEligible(_) => "not-eligible",
        Action::AskAgain(_) => "ask-again",
        Action::Lost(_) => "lost",
        Action::Disputed(_) => "disputed",
        Action::Handover(_, Goal::Target) => "carry",
        Action::Handover(_, Goal::Source) => "carry-back",
    }
}

#[test]
fn every_observation_has_its_action() {
    // observation | before our detach | after it | on the way back
    let table = "
        in-use attached planned source   | detach       | detach         | verify-back
        in-use attached another source   | foreign      | foreign        | verify-back
        in-use detaching planned source  | foreign      | wait-available | wait-available
        in-use detaching another source  | foreign      | foreign        | foreign
        in-use attaching another source  | foreign      | foreign        | wait-attached
        in-use attached another target   | verify       | verify         | verify
        in-use attaching another target  | wait-attached| wait-attached  | wait-attached
        in-use detaching another target  | foreign      | foreign        | foreign
        in-use attached another other    | foreign      | foreign        | foreign
        in-use attaching another other   | foreign      | foreign        | foreign
        in-use attached another -        | foreign      | foreign        | foreign
        available - - -                  | foreign      | attach         | attach-back
        available detached planned source| foreign      | attach         | attach-back
        available attached planned source| wait-unclear | wait-unclear   | wait-unclear
        in-use - - -                     | wait-unclear | wait-unclear   | wait-unclear
        in-use detached planned source   | wait-unclear | wait-unclear   | wait-unclear
        in-use odd planned source        | wait-unclear | wait-unclear   | wait-unclear
        odd attached planned source      | wait-unclear | wait-unclear   | wait-unclear
        odd - - -                        | wait-unclear | wait-unclear   | wait-unclear
        detaching detaching planned source | foreign    | wait-available | wait-available
        pending - - -                    | wait-unclear | wait-unclear   | wait-unclear
        missing - - -                    | lost         | lost           | lost";
    let plan = planned(&world(), &intent(STANDBY), &sim());
    let detached = Tries {
        made: 1,
        accepted: true,
        ..Tries::default()
    };
    for row in table.lines().filter(|l| !l.trim().is_empty()) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let before = Known::default();
        let after = Known {
            detach: detached.clone(),
            ..Known::default()
        };
        let back = Known {
            goal: Goal::Source,
            ..after.clone()
        };
        for (known, expected) in [(&before, cells[1]), (&after, cells[2]), (&back, cells[3])] {
            let action = seen(cells[0], known, &plan);
            assert_eq!(word(&action), expected, "{} -> {action:?}", cells[0]);
        }
    }
}

#[test]
fn what_was_taken_up_again_is_asked_about_again() {
    let plan = planned(&world(), &intent(STANDBY), &sim());
    // minutes since the last record, detach known to be accepted, fresh preflight agreed to
    for (minutes, accepted, renewed, expected) in [
        (1, true, false, "attach"),
        (16, true, false, "ask-again"),
        (1, false, false, "ask-again"),
        (16, true, true, "attach"),
        (1, false, true, "attach"),
    ] {
        let known = Known {
            detach: Tries {
                made: 1,
                accepted,
                ..Tries::default()
            },
            taken: Some(Taken {
                at: START,
                age: Some(Duration::from_secs(minutes * 60)),
                renewed,
            }),
            ..Known::default()
        };
        let action = seen("available - - -", &known, &plan);
        assert_eq!(
            word(&action),
            expected,
            "{minutes} min, accepted {accepted}"
        );
    }
}

#[test]
fn a_goal_that_will_not_have_it_is_named_with_every_reason() {
    let mut plan = planned(&world(), &intent(STANDBY), &sim());
    plan.intent.target = FAR.into();
    let known = Known {
        detach: Tries {
            made: 1,
            ..Tries::default()
        },
        ..Known::default()
    };
    let action = seen("available - - -", &known, &plan);
    let Action::NotEligible(denials) = &action else {
        panic!("{action:?}");
    };
    assert_eq!(denials[0].code, "InvalidParameterCombination");
}

#[test]
fn a_plan_for_an_unattached_interface_begins_with_the_attach() {
    let mut free = world();
    free.edit_eni(&eni(), |e| {
        e.status = EniStatus::Available;
        e.attachment = None;
    });
    let plan = planned(&free, &intent(STANDBY), &sim());
    for (observation, expected) in [
        ("available - - -", "attach"),
        ("in-use attached another source", "foreign"),
        ("in-use attached another target", "verify"),
    ] {
        let action = seen(observation, &Known::default(), &plan);
        assert_eq!(word(&action), expected, "{observation}");
    }
}
