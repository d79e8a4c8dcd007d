//! What is carried over by calls of its own: private addresses, Elastic IPs, routes.

use std::time::Duration;

use super::rig::{Answering, Rig};
use crate::ec2::call::Call;
use crate::ec2::gap::{Gap, Kind};
use crate::ec2::world::World;
use crate::failover::engine::decide::{Action, Awaited, Crossing, Goal, Known, Tries, decide};
use crate::failover::engine::{Gaze, Input, Output, Pace};
use crate::failover::facts::Mark;
use crate::failover::mechanism::Mechanism;
use crate::failover::mechanism::good::Seen;
use crate::failover::plan::{Intent, Plan, Planned, plan};
use crate::failover::status::{Command, Ending, StepState};
use crate::failover::testing::{FAR, PRIMARY, STANDBY, START, eni, live, planned, sim, wide_world};

fn intent(mechanism: Mechanism, target: &str) -> Intent {
    Intent {
        mechanism,
        ..Intent::new(eni(), target.into())
    }
}

fn rig(mechanism: Mechanism, target: &str) -> Rig {
    let world = wide_world();
    let plan = planned(&world, &intent(mechanism, target), &live());
    Rig::new(world, plan)
}

/// `source`, `target` or `?` for each thing that the plan carries.
fn places(rig: &Rig) -> String {
    let plan = rig.engine.status().plan.clone();
    let word = |seen: Seen| match seen {
        Seen::AtSource => "source",
        Seen::AtTarget => "target",
        Seen::Foreign(_) | Seen::Gone(_) | Seen::Hidden(_) => "?",
    };
    let all: Vec<_> = plan.goods().map(|g| word(g.seen(&rig.ec2.world))).collect();
    all.join(" ")
}

fn name(ending: &Ending) -> &'static str {
    match ending {
        Ending::Done => "done",
        Ending::Aborted => "aborted",
        Ending::PutBack => "put-back",
        Ending::Refused(_) => "refused",
        Ending::ForeignChange(_) => "foreign",
        Ending::IdentityLost(_) => "lost",
        Ending::NeedsPerson(_) => "person",
    }
}

#[test]
fn each_mechanism_carries_all_and_every_row_is_ticked() {
    // mechanism, target, calls, where everything is at the end
    for (mechanism, target, calls, at) in [
        (
            Mechanism::PrivateIp,
            STANDBY,
            "AssignPrivateIpAddresses",
            "target",
        ),
        (Mechanism::ElasticIp, FAR, "AssociateAddress", "target"),
        (Mechanism::ElasticIp, STANDBY, "AssociateAddress", "target"),
        (
            Mechanism::Route,
            FAR,
            "ReplaceRoute ReplaceRoute",
            "target target",
        ),
    ] {
        let mut rig = rig(mechanism, target);
        let ending = rig.fly();
        assert_eq!(ending, Ending::Done, "{mechanism}: {}", rig.notes());
        assert_eq!(rig.calls(), calls, "{mechanism}");
        assert_eq!(places(&rig), at, "{mechanism}");
        assert_eq!(rig.ec2.holder(), Some(PRIMARY.into()), "it stays");
        let status = rig.engine.status();
        assert!(status.steps.iter().all(|s| s.state == StepState::Done));
        for row in status.steps.iter().flat_map(|s| &s.rows) {
            assert_eq!(row.mark, Mark::Tick, "{mechanism}: {row:?}");
        }
        rig.assert_journal_reads_back();
    }
}

#[test]
fn the_way_back_is_a_plan_of_its_own() {
    for (mechanism, target) in [
        (Mechanism::PrivateIp, STANDBY),
        (Mechanism::ElasticIp, FAR),
        (Mechanism::Route, FAR),
    ] {
        let mut there = rig(mechanism, target);
        assert_eq!(there.fly(), Ending::Done);
        let way_back = there.engine.status().plan.way_back().unwrap();
        let world = there.ec2.world.clone();
        let mut back = Rig::new(world, planned(&there.ec2.world, &way_back, &live()));
        assert_eq!(back.fly(), Ending::Done, "{mechanism}: {}", back.notes());
        for good in there.engine.status().plan.goods() {
            assert_eq!(good.seen(&back.ec2.world), Seen::AtSource, "{mechanism}");
        }
        let again = plan(&back.ec2.world, &way_back, &sim(), START);
        assert_eq!(again, Ok(Planned::AlreadyThere), "{mechanism}");
    }
}

#[test]
fn an_elastic_ip_goes_back_to_the_private_address_that_it_had() {
    let [first, second]: [std::net::Ipv4Addr; 2] =
        ["10.0.1.50", "10.0.1.51"].map(|ip| ip.parse().unwrap());
    let mut world = wide_world();
    world.edit_address(&"eipalloc-1".into(), |address| {
        address.private_ip_address = Some(second);
    });
    world.edit_eni(&eni(), |eni| {
        let ips = &mut eni.private_ip_addresses;
        ips[1].association = ips[0].association.take();
    });
    let over = planned(&world, &intent(Mechanism::ElasticIp, FAR), &live());
    let way_back = over.way_back().unwrap();
    let mut there = Rig::new(world, over);
    assert_eq!(there.fly(), Ending::Done);
    let home = there.ec2.world.clone();
    let mut back = Rig::new(home.clone(), planned(&home, &way_back, &live()));
    assert_eq!(back.fly(), Ending::Done, "{}", back.notes());
    assert_eq!(places(&there), "target");
    let good = there.engine.status().plan.goods().next().unwrap().clone();
    assert_eq!(good.seen(&back.ec2.world), Seen::AtSource);

    // Somebody has put another Elastic IP there meanwhile, or has taken the address away.
    let mut taken = home.clone();
    taken.edit_eni(&eni(), |eni| {
        let other = serde_json::json!({"PublicIp": "203.0.113.99", "IpOwnerId": "111122223333",
            "AllocationId": "eipalloc-9", "AssociationId": "eipassoc-9"});
        eni.private_ip_addresses[1].association = serde_json::from_value(other).unwrap();
    });
    let mut gone = home;
    gone.edit_eni(&eni(), |eni| {
        eni.private_ip_addresses
            .retain(|ip| ip.private_ip_address == first);
    });
    for (world, why) in [
        (taken, "10.0.1.51 has 203.0.113.99 by now"),
        (
            gone,
            "10.0.1.51 is no address of eni-0c1d52aa7be03f9a1 any more",
        ),
    ] {
        let sorry = plan(&world, &way_back, &live(), START).unwrap_err();
        assert!(sorry.what.contains(why), "{sorry:?}");
    }
}

#[test]
fn answers_that_are_lost_or_refused_are_looked_into() {
    use Answering::{LostApplied, LostDropped, LostLate, Normal, Refused};
    // answers in order, ending, calls made, where both routes are
    let table: Vec<(Vec<Answering>, &str, usize, &str)> = vec![
        (vec![LostApplied], "done", 2, "target target"),
        (vec![LostDropped], "done", 3, "target target"),
        (vec![LostLate(300)], "done", 2, "target target"),
        (
            vec![Refused("RequestLimitExceeded")],
            "done",
            3,
            "target target",
        ),
        (
            vec![Refused("UnauthorizedOperation")],
            "refused",
            1,
            "source source",
        ),
        (
            vec![Refused("InternalError"); 5],
            "refused",
            5,
            "source source",
        ),
        (vec![LostDropped; 5], "put-back", 5, "source source"),
        // Half of it is over: with nobody to ask it is put back.
        (
            vec![Normal, Refused("UnauthorizedOperation")],
            "put-back",
            3,
            "source source",
        ),
        (
            vec![
                Normal,
                Refused("UnauthorizedOperation"),
                Refused("UnauthorizedOperation"),
            ],
            "person",
            3,
            "target source",
        ),
    ];
    for (answers, expected, calls, at) in table {
        let mut rig = rig(Mechanism::Route, FAR);
        rig.answers = answers.clone().into();
        rig.begin(Pace::Run);
        rig.run(|rig| rig.ending.is_some() || rig.engine.status().question.is_some());
        if rig.ending.is_none() {
            rig.input(Input::Alone("nobody can be asked".to_owned()));
        }
        let ending = rig.end();
        assert_eq!(
            (name(&ending), rig.submitted.len(), places(&rig).as_str()),
            (expected, calls, at),
            "{answers:?} {ending:?} {}",
            rig.notes()
        );
        if let Ending::NeedsPerson(text) = &ending {
            assert!(text.contains("aws ec2 replace-route"), "{text}");
        }
        rig.assert_journal_reads_back();
    }
}

#[test]
fn half_of_it_can_be_put_back_or_tried_again_by_a_person() {
    for (command, expected, at) in [
        (Command::PutBack, Ending::PutBack, "source source"),
        (Command::Finish, Ending::Done, "target target"),
    ] {
        let mut rig = rig(Mechanism::Route, FAR);
        rig.answers = vec![
            Answering::Normal,
            Answering::Refused("UnauthorizedOperation"),
        ]
        .into();
        rig.begin(Pace::Run);
        rig.run(|rig| rig.engine.status().question.is_some());
        rig.command(command);
        assert_eq!(rig.end(), expected, "{}", rig.notes());
        assert_eq!(places(&rig), at);
    }
}

/// Sends the first planned call back as a second operator would.
fn back_again(rig: &mut Rig) {
    let plan = rig.engine.status().plan.clone();
    let back = plan.handovers[0].back.clone();
    rig.ec2.call(&back).unwrap();
}

#[test]
fn what_somebody_else_moves_is_left_alone() {
    for mechanism in [Mechanism::PrivateIp, Mechanism::ElasticIp, Mechanism::Route] {
        let mut rig = rig(mechanism, STANDBY);
        rig.begin(Pace::Run);
        let is_over = |rig: &Rig| !rig.submitted.is_empty() && places(rig).starts_with("target");
        rig.run(is_over);
        // Until a look has shown it there nothing tells it from a call without effect.
        let until = rig.now() + Duration::from_millis(400);
        rig.run(|rig| rig.now() >= until || rig.ending.is_some());
        if rig.ending.is_some() {
            // Verified before anybody could interfere: only routes take a second call.
            assert_ne!(mechanism, Mechanism::Route);
            continue;
        }
        back_again(&mut rig);
        let ending = rig.end();
        assert_eq!(name(&ending), "foreign", "{mechanism} {ending:?}");
    }
}

#[test]
fn a_full_journal_stops_it_before_the_call() {
    let mut rig = rig(Mechanism::ElasticIp, FAR);
    rig.fail_from = Some(2);
    let ending = rig.fly();
    assert_eq!(name(&ending), "refused", "{ending:?}");
    assert_eq!(rig.calls(), "");
}

#[test]
fn what_was_turned_twice_is_not_said_to_have_moved_nothing() {
    let mut first = rig(Mechanism::ElasticIp, FAR);
    first.begin(Pace::Run);
    first.run(|rig| rig.submitted.len() == 1);
    let mut second = first.resumed(Goal::Source, Some(Vec::new()));
    second.begin(Pace::Run);
    second.run(|rig| rig.submitted.len() == 2);
    let mut third = second.resumed(Goal::Target, Some(Vec::new()));
    third.fail_from = Some(third.records.len() as u64);
    let ending = third.fly();
    assert_eq!(name(&ending), "person", "{ending:?}");
}

#[test]
fn no_plan_of_a_handover_can_detach_anything() {
    for (mechanism, target) in [(Mechanism::PrivateIp, STANDBY), (Mechanism::Route, FAR)] {
        let plan: Plan = planned(&wide_world(), &intent(mechanism, target), &live());
        assert_eq!(plan.attachment_id, None);
        assert!(plan.calls().all(|c| !matches!(
            c,
            Call::DetachNetworkInterface(_) | Call::AttachNetworkInterface(_)
        )));
    }
}

#[test]
fn every_pair_of_places_has_its_action() {
    // where the two routes are, seen at the goal after our call | to the target | to the source
    let table = "
        source source | - | carry 0 | verify-back
        target source | - | carry 1 | carry-back 0
        source target | - | carry 0 | carry-back 1
        target target | - | verify  | carry-back 1
        third  source | - | foreign | foreign
        target third  | - | foreign | foreign
        source gone   | - | lost    | lost
        source source | 0 | foreign | verify-back
        target source | 0 | carry 1 | foreign
        target target | 0 | verify  | foreign
        source source | 0, a call the other way had no answer | disputed | verify-back
        target source | 0, a call the other way had no answer | carry 1  | disputed";
    let plan = planned(&wide_world(), &intent(Mechanism::Route, STANDBY), &sim());
    for row in table.lines().filter(|l| !l.trim().is_empty()) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let mut world = wide_world();
        for (good, place) in plan.goods().zip(cells[0].split_whitespace()) {
            let crate::failover::mechanism::good::What::Route { table, destination } = &good.what
            else {
                panic!("{good} is no route");
            };
            world.edit_route_table(table, |t| {
                let n = t.routes.iter().position(|r| r.destination == *destination);
                let route = &mut t.routes[n.unwrap()];
                route.network_interface_id = Some(match place {
                    "source" => good.from.eni.clone(),
                    "target" => good.to.eni.clone(),
                    _ => "eni-0ddddddddddddddddd".into(),
                });
                if place == "gone" {
                    t.routes.remove(n.unwrap());
                }
            });
        }
        for (goal, expected) in [(Goal::Target, cells[2]), (Goal::Source, cells[3])] {
            let mut known = Known {
                goal,
                handovers: vec![Tries::default(); 2],
                ..Known::default()
            };
            if cells[1].starts_with('0') {
                known.handovers[0].made = 1;
                known.handovers[0].seen = true;
                known.handovers[0].crossed = cells[1].ends_with("no answer").then_some(Crossing {
                    answered: START,
                    doubtful: true,
                });
            }
            let word = match decide(&plan, &known, &world, Gaze::Full) {
                Action::Handover(n, Goal::Target) => format!("carry {n}"),
                Action::Handover(n, Goal::Source) => format!("carry-back {n}"),
                Action::Verify(Goal::Target) => "verify".to_owned(),
                Action::Verify(Goal::Source) => "verify-back".to_owned(),
                Action::Foreign(_) => "foreign".to_owned(),
                Action::Lost(_) => "lost".to_owned(),
                Action::Disputed(_) => "disputed".to_owned(),
                other => format!("{other:?}"),
            };
            assert_eq!(word, expected, "{row} {goal:?}");
        }
    }
}

#[test]
fn a_lost_terminal_between_two_calls_finishes() {
    let mut rig = rig(Mechanism::Route, FAR);
    let mut told = false;
    rig.hook = Box::new(move |_, output| {
        if told || !matches!(output, Output::Submit(..)) {
            return Vec::new();
        }
        told = true;
        vec![Input::Alone("SIGHUP".to_owned())]
    });
    assert_eq!(rig.fly(), Ending::Done, "{}", rig.notes());
    assert_eq!(places(&rig), "target target");
}

#[test]
fn at_rest_between_two_steps_it_looks_at_what_is_carried_over() {
    let world = wide_world();
    let plan = planned(&world, &intent(Mechanism::Route, FAR), &sim());
    let mut rig = Rig::new(world, plan);
    rig.hook = Box::new(|_, output| {
        // The interface alone has no routes: they would look deleted.
        assert!(!matches!(output, Output::Look(Gaze::Eni)));
        Vec::new()
    });
    rig.begin(Pace::Step);
    let mut steps = 0;
    while rig.submitted.is_empty() && steps < 9 {
        rig.command(Command::Step);
        let later = rig.now() + Duration::from_secs(5);
        rig.run(|rig| rig.now() >= later || !rig.submitted.is_empty());
        steps += 1;
    }
    let later = rig.now() + Duration::from_secs(30);
    rig.run(|rig| rig.now() >= later);
    assert_eq!(rig.ending, None, "{}", rig.notes());
    assert_eq!(rig.submitted.len(), 1, "{}", rig.calls());
}

#[test]
fn an_old_look_proves_no_call_that_had_no_answer() {
    let mut there = rig(Mechanism::ElasticIp, FAR);
    assert_eq!(there.fly(), Ending::Done);
    let back = there.engine.status().plan.way_back().unwrap();
    let plan = plan(&there.ec2.world, &back, &live(), there.now());
    let Ok(Planned::Plan(plan)) = plan else {
        panic!("{plan:?}");
    };
    let mut rig = there.followed_by(*plan);
    rig.answers = vec![Answering::LostDropped].into();
    rig.begin(Pace::Run);
    rig.run(|rig| rig.submitted.len() == 1);
    // One look shows it as it was before it was moved at all: where it is to go back to.
    rig.lag = rig.now().since(START);
    let known = rig.records.len();
    let observed = |r: &crate::failover::journal::Record| {
        matches!(r.entry, crate::failover::journal::Entry::Observed { .. })
    };
    rig.run(|rig| rig.records.iter().skip(known).any(observed));
    rig.lag = Duration::ZERO;
    assert_eq!(rig.end(), Ending::Done, "{}", rig.notes());
    assert_eq!(rig.submitted.len(), 2, "{}", rig.calls());
}

#[test]
fn what_the_process_before_has_carried_over_has_moved() {
    let mut first = rig(Mechanism::Route, FAR);
    assert_eq!(first.engine.status().plan.handovers.len(), 2);
    first.begin(Pace::Run);
    first.run(|rig| rig.submitted.len() == 1);
    let mut rig = first.resumed(Goal::Target, None);
    rig.answers = vec![Answering::Refused("UnauthorizedOperation"); 9].into();
    rig.begin(Pace::Run);
    rig.input(Input::Alone("SIGHUP".to_owned()));
    let ending = rig.end();
    assert!(rig.submitted.len() > 1, "{}", rig.calls());
    assert!(!matches!(ending, Ending::Refused(_)), "{ending:?}");
}

#[test]
fn what_nobody_may_look_at_is_waited_for_and_never_lost() {
    for (mechanism, kind) in [
        (Mechanism::ElasticIp, Kind::Addresses),
        (Mechanism::Route, Kind::RouteTables),
    ] {
        let full = wide_world();
        let wanted = intent(mechanism, FAR);
        let planned = planned(&full, &wanted, &live());
        // As it comes from an account that lets nobody look.
        let mut world = World::new("us-east-1", "111122223333");
        full.vpcs().for_each(|r| world.put_vpc((**r).clone()));
        full.subnets().for_each(|r| world.put_subnet((**r).clone()));
        full.instances()
            .for_each(|r| world.put_instance((**r).clone()));
        full.enis().for_each(|r| world.put_eni((**r).clone()));
        let code = "UnauthorizedOperation".into();
        assert!(matches!(
            decide(&planned, &Known::default(), &world, Gaze::Full),
            Action::Lost(_)
        ));
        world.put_gap(Gap { kind, code });
        let action = decide(&planned, &Known::default(), &world, Gaze::Full);
        let Action::Wait(Awaited::Understanding(text)) = &action else {
            panic!("{mechanism:?}: {action:?}");
        };
        assert!(text.contains("not permitted"), "{text}");
        let sorry = plan(&world, &wanted, &live(), START).unwrap_err();
        assert!(sorry.what.contains("not permitted"), "{sorry}");
    }
}

#[test]
fn a_late_call_of_its_own_is_not_blamed_on_somebody_else() {
    let mut rig = rig(Mechanism::Route, FAR);
    rig.answers = vec![
        Answering::LostLate(40_000),
        Answering::Normal,
        Answering::Refused("UnauthorizedOperation"),
    ]
    .into();
    rig.begin(Pace::Run);
    rig.run(|rig| rig.engine.status().question.is_some());
    rig.command(Command::PutBack);
    rig.run(|rig| places(rig) == "source source");
    let ending = rig.end();
    assert_eq!(places(&rig), "target source", "the first call came late");
    assert_eq!(name(&ending), "person", "{ending:?} {}", rig.notes());
    // One more decision of a person settles it.
    let mut again = rig.resumed(Goal::Source, Some(Vec::new()));
    assert_eq!(again.fly(), Ending::PutBack, "{}", again.notes());
    assert_eq!(places(&again), "source source");
}

#[test]
fn a_journal_that_fails_before_the_first_look_says_that_nothing_was_seen() {
    let mut first = rig(Mechanism::Route, FAR);
    first.begin(Pace::Run);
    first.run(|rig| rig.submitted.len() == 1);
    let mut rig = first.resumed(Goal::Target, None);
    rig.fail_from = Some(rig.records.len() as u64);
    let Ending::NeedsPerson(text) = rig.fly() else {
        panic!("{:?}", rig.ending);
    };
    assert!(!text.contains(". ."), "{text}");
    assert!(text.contains("was not looked at yet"), "{text}");
    assert!(text.contains(eni().as_str()), "{text}");
}
