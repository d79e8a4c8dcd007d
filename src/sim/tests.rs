//! The simulator as a whole: stories, random walks, going back.

#![allow(clippy::unwrap_used, clippy::panic)]

mod faults;
mod saved;
mod timeline;

use std::time::Duration;

use super::mint::Dice;
use super::*;
use crate::ec2::call::{
    Allocate, AssignPrivate, Associate, Attach, Create, CreateInternetGateway, CreateNatGateway,
    CreateSecurityGroup, CreateTags, CreateVpc, Delete, DeleteNatGateway, DeleteVpc, Detach,
    Disassociate, Modify, PutRoute, Release, Run, UnassignPrivate,
};
use crate::ec2::eni::AttachmentStatus;
use crate::ec2::id::{AttachmentId, InstanceId};
use crate::ec2::resource::Tag;
use crate::ec2::sample::Reply;

fn two_am(edit: impl FnOnce(&str) -> String, seed: u64) -> Sim {
    let (_, text) = worldfile::EMBEDDED[0];
    Sim::load("two-am.toml", &edit(text), seed).unwrap_or_else(|e| panic!("{e}"))
}

/// Adds lines to the table of an instance.
fn with(instance: &'static str, lines: &'static str) -> impl FnOnce(&str) -> String {
    move |text| {
        let head = format!("[instance.{instance}]");
        assert!(text.contains(&head));
        text.replace(&head, &format!("{head}\n{lines}"))
    }
}

fn seconds(s: u64) -> Duration {
    Duration::from_secs(s)
}

fn run(sim: &mut Sim, s: u64) {
    sim.advance(sim.now() + seconds(s));
    sound(sim);
}

fn sound(sim: &Sim) {
    assert_eq!(sim.world().check_invariants(), Vec::<String>::new());
}

const STANDBY: &str = "i-0d1a2b3c4d5e6f702";

fn detach(sim: &Sim, force: bool) -> Call {
    let world = sim.world();
    let eni = world.eni(&sim.focus().unwrap()).unwrap();
    Call::DetachNetworkInterface(Detach {
        attachment_id: eni.attachment.as_ref().unwrap().attachment_id.clone(),
        force,
    })
}

fn attach(sim: &Sim, instance: &str, device_index: u32) -> Call {
    Call::AttachNetworkInterface(Attach {
        network_interface_id: sim.focus().unwrap(),
        instance_id: instance.into(),
        device_index,
        network_card_index: 0,
    })
}

fn attachment_status(sim: &Sim) -> Option<AttachmentStatus> {
    let world = sim.world();
    let eni = world.eni(&sim.focus().unwrap()).unwrap();
    eni.attachment.as_ref().map(|a| a.status.clone())
}

/// Detached, attached to the standby, and time for the guest.
fn fail_over(sim: &mut Sim) {
    sim.call(&detach(sim, false)).unwrap();
    run(sim, 10);
    assert_eq!(attachment_status(sim), None);
    sim.call(&attach(sim, STANDBY, 1)).unwrap();
    run(sim, 10);
    assert_eq!(attachment_status(sim), Some(AttachmentStatus::Attached));
}

fn last_reply(sim: &Sim) -> String {
    match &sim.strips()[0].samples.back().unwrap().reply {
        Reply::Answered(by) => by.to_string(),
        Reply::Reached(how) | Reply::Lost(how) => how.to_string(),
    }
}
#[test]
fn embedded_worlds_load_and_are_sound() {
    for (name, text) in worldfile::EMBEDDED {
        let sim = Sim::load(name, text, 1).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(sim.name(), *name);
        assert_eq!(sim.world().check_invariants(), Vec::<String>::new());
    }
}

#[test]
fn two_am_stands_at_the_storys_moment() {
    let sim = two_am(str::to_owned, 1);
    assert_eq!(sim.now().to_string(), "2026-03-12T02:00:13.000Z");
    let world = sim.world();
    let eni = world.eni(&sim.focus().unwrap()).unwrap();
    assert_eq!(eni.name(), Some("db-service"));
    assert_eq!(eni.tag_set.len(), 4);
    assert_eq!(eni.instance_id().unwrap().as_str(), "i-0d1a2b3c4d5e6f701");
    assert_eq!(world.addresses_on(&eni.id).count(), 1);
    let bastion = InstanceId::from("i-0d1a2b3c4d5e6f703");
    assert_eq!(world.enis_of(&bastion).len(), 2);
    // 251 addresses, 4 primary ones, 2 of the service, 3 of AWS services.
    let app_a = world
        .subnets()
        .find(|s| s.tags[0].value.as_ref() == "app-a");
    assert_eq!(app_a.unwrap().available_ip_address_count, 242);
}

#[test]
fn the_story_can_be_played_to_its_end() {
    let mut sim = two_am(str::to_owned, 1);
    assert_eq!(last_reply(&sim), "db-primary is impaired");
    let outage = sim.strips()[0].outage().unwrap();
    assert_eq!(outage.span(sim.now()), Duration::from_millis(13_250));
    sim.call(&detach(&sim, false)).unwrap();
    run(&mut sim, 1);
    assert_eq!(last_reply(&sim), "10.0.1.50 leaving db-primary");
    run(&mut sim, 9);
    assert_eq!(last_reply(&sim), "nobody holds 10.0.1.50");
    sim.call(&attach(&sim, STANDBY, 1)).unwrap();
    run(&mut sim, 10);
    assert_eq!(last_reply(&sim), STANDBY);
    let outage = sim.strips()[0].outage().unwrap();
    assert!(outage.first_good.is_some());
}

#[test]
fn a_world_handed_out_stays_as_it_is() {
    let mut sim = two_am(str::to_owned, 1);
    let before = sim.world();
    let copy = World::clone(&before);
    fail_over(&mut sim);
    assert!(*before == copy);
    assert!(*sim.world() != copy);
    assert_eq!(before.revision(), copy.revision());
}

#[test]
fn a_slow_guest_answers_late_and_says_why() {
    let mut sim = two_am(with("db-standby", "guest_delay = \"4s\""), 1);
    sim.call(&detach(&sim, false)).unwrap();
    run(&mut sim, 10);
    sim.call(&attach(&sim, STANDBY, 1)).unwrap();
    let mut waited = 0;
    let mut reasons = Vec::new();
    while last_reply(&sim) != STANDBY {
        sim.advance(sim.now() + Duration::from_millis(250));
        waited += 1;
        assert!(waited < 100);
        let reply = last_reply(&sim);
        if reasons.last() != Some(&reply) {
            reasons.push(reply);
        }
    }
    assert_eq!(
        reasons,
        [
            "10.0.1.50 attaching to db-standby",
            "db-standby: guest not up yet",
            STANDBY
        ]
    );
    let dark = sim.strips()[0].samples.iter();
    let dark = dark
        .filter(|s| matches!(&s.reply, Reply::Lost(w) if &**w == "db-standby: guest not up yet"));
    assert_eq!(dark.count(), 16);
}

#[test]
fn a_guest_that_is_never_up_never_answers_though_ec2_is_done() {
    let mut sim = two_am(with("db-standby", "guest_never_up = true"), 1);
    fail_over(&mut sim);
    run(&mut sim, 600);
    assert_eq!(last_reply(&sim), "db-standby: guest not up yet");
    assert!(sim.is_settled());
}

#[test]
fn a_service_that_does_not_listen_is_named() {
    let mut sim = two_am(
        |t| {
            t.replace(
                "on = [\"db-primary\", \"db-standby\"]",
                "on = [\"db-primary\"]",
            )
        },
        1,
    );
    fail_over(&mut sim);
    assert_eq!(last_reply(&sim), "db-standby: nothing listens on 5432");
}

#[test]
fn a_late_route_follows_in_its_own_time() {
    let mut sim = two_am(
        |t| t.to_owned() + "\n[timings]\nroute = \"20s\"\nattach = \"1s\"\n",
        1,
    );
    let route = |sim: &Sim| {
        let world = sim.world();
        let focus = sim.focus().unwrap();
        let mut tables = world.route_tables_to(&focus);
        let route = tables.next().unwrap().routes[1].clone();
        (
            route.state.to_string(),
            route.instance_id.map(|i| i.to_string()),
        )
    };
    let primary = Some("i-0d1a2b3c4d5e6f701".to_owned());
    sim.call(&detach(&sim, false)).unwrap();
    run(&mut sim, 10);
    assert_eq!(route(&sim), ("active".to_owned(), primary));
    run(&mut sim, 20);
    assert_eq!(route(&sim), ("blackhole".to_owned(), None));
    sim.call(&attach(&sim, STANDBY, 1)).unwrap();
    run(&mut sim, 20);
    assert_eq!(route(&sim), ("blackhole".to_owned(), None));
    run(&mut sim, 1);
    assert_eq!(route(&sim), ("active".to_owned(), Some(STANDBY.to_owned())));
}

#[test]
fn a_hung_detach_ends_by_force_or_by_fencing() {
    let hung = || with("db-primary", "detach_hangs = true");
    let mut sim = two_am(hung(), 1);
    run(&mut sim, 60);
    sim.call(&detach(&sim, false)).unwrap();
    run(&mut sim, 3_600);
    assert_eq!(attachment_status(&sim), Some(AttachmentStatus::Detaching));
    assert!(sim.is_settled());

    let mut fenced = sim.clone();
    let primary = InstanceId::from("i-0d1a2b3c4d5e6f701");
    let stop = Call::StopInstances(Call::instances(&primary));
    fenced.call(&stop).unwrap();
    run(&mut fenced, 120);
    assert_eq!(attachment_status(&fenced), None);

    sim.call(&detach(&sim, true)).unwrap();
    run(&mut sim, 3);
    assert_eq!(attachment_status(&sim), None);
    // The position stays unusable until the instance has been stopped.
    let refused = sim.call(&attach(&sim, primary.as_str(), 1)).unwrap_err();
    assert_eq!(&*refused.code, "InvalidParameterValue");
    sim.call(&stop).unwrap();
    run(&mut sim, 120);
    sim.call(&attach(&sim, primary.as_str(), 1)).unwrap();
}

#[test]
fn a_denied_action_is_refused_in_earnest_and_in_a_dry_run() {
    let deny = "\n[deny]\nactions = [\"AttachNetworkInterface\"]\n";
    let mut sim = two_am(|t| t.to_owned() + deny, 1);
    let call = attach(&sim, STANDBY, 1);
    let code = |e: ApiError| (e.code.to_string(), e.http_status());
    let refused = ("UnauthorizedOperation".to_owned(), 403);
    assert_eq!(code(sim.dry_run(&call)), refused);
    assert_eq!(code(sim.call(&call).unwrap_err()), refused);
    let allowed = ("DryRunOperation".to_owned(), 412);
    assert_eq!(code(sim.dry_run(&detach(&sim, false))), allowed);
}

#[test]
fn others_act_at_their_time() {
    let events = r#"
[[event]]
at = "+5s"
by = "nightly job"
call = { action = "DetachNetworkInterface", eni = "db-service", force = true }
[[event]]
at = "+20s"
by = "nightly job"
call = { action = "AttachNetworkInterface", eni = "db-service", instance = "app", device_index = 1 }
[[event]]
at = "+21s"
impair = "db-standby"
"#;
    let mut sim = two_am(|t| t.to_owned() + events, 1);
    sim.advance(sim.now() + Duration::from_millis(4_999));
    assert_eq!(attachment_status(&sim), Some(AttachmentStatus::Attached));
    sim.advance(sim.now() + Duration::from_millis(1));
    assert_eq!(attachment_status(&sim), Some(AttachmentStatus::Detaching));
    run(&mut sim, 30);
    // Another zone: refused, and on record.
    let calls: Vec<_> = sim
        .history()
        .happenings()
        .filter_map(|h| match &h.what {
            history::Happened::Called { by, answer, .. } => {
                let code = answer.as_ref().err().map(|e| e.code.to_string());
                Some((by.as_deref().unwrap_or("").to_owned(), code))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        calls,
        [
            ("nightly job".to_owned(), None),
            (
                "nightly job".to_owned(),
                Some("InvalidParameterCombination".to_owned())
            ),
        ]
    );
    let world = sim.world();
    assert!(world.instance(&STANDBY.into()).unwrap().is_impaired());
}

#[test]
fn going_in_small_steps_is_going_in_one() {
    let mut one = two_am(str::to_owned, 3);
    one.call(&detach(&one, false)).unwrap();
    let mut many = one.clone();
    let end = one.now() + seconds(90);
    one.advance(end);
    while many.now() < end {
        many.advance(many.now() + Duration::from_millis(173).min(end.since(many.now())));
    }
    assert_eq!(one.machine.state(), many.machine.state());
    assert!(*one.world() == *many.world());
}

/// A call that a person could try, sensible or not.
fn any_call(sim: &Sim, dice: &mut Dice) -> Call {
    let world = sim.world();
    let mut pick = |n: usize| usize::try_from(dice.roll() % 1_000).unwrap() % n;
    let enis: Vec<_> = world.enis().collect();
    let eni = enis[pick(enis.len())];
    let instances: Vec<_> = world.instances().collect();
    let instance = &instances[pick(instances.len())].id;
    let attachment_id = match &eni.attachment {
        Some(a) => a.attachment_id.clone(),
        None => AttachmentId::from("eni-attach-00000000000000000"),
    };
    let id = eni.id.clone();
    if pick(3) == 0 {
        let which = pick(20);
        return further_call(&world, eni, which);
    }
    match pick(10) {
        0..=2 => Call::AttachNetworkInterface(Attach {
            network_interface_id: id,
            instance_id: instance.clone(),
            device_index: u32::try_from(pick(4)).unwrap(),
            network_card_index: 0,
        }),
        3 | 4 => Call::DetachNetworkInterface(Detach {
            attachment_id,
            force: pick(2) == 0,
        }),
        5 => Call::ModifyNetworkInterfaceAttribute(Modify {
            network_interface_id: id,
            delete_on_termination: Some((attachment_id, pick(2) == 0)),
            ..Modify::default()
        }),
        6 => Call::CreateNetworkInterface(Create {
            subnet_id: Some(eni.subnet_id.clone()),
            secondary_private_ip_address_count: u32::try_from(pick(3)).unwrap(),
            ..Create::default()
        }),
        7 => Call::DeleteNetworkInterface(Delete {
            network_interface_id: id,
        }),
        8 => Call::StopInstances(Call::instances(instance)),
        _ => match pick(3) {
            0 => Call::TerminateInstances(Call::instances(instance)),
            _ => Call::StartInstances(Call::instances(instance)),
        },
    }
}

/// A call on addresses, routes and what interfaces live in.
fn further_call(world: &World, eni: &crate::ec2::eni::Eni, which: usize) -> Call {
    let id = eni.id.clone();
    let address = world.addresses().last();
    let table = world.route_tables().next().unwrap();
    let subnet_id = Some(eni.subnet_id.clone());
    match which {
        0 | 1 => Call::AssignPrivateIpAddresses(AssignPrivate {
            network_interface_id: id,
            private_ip_addresses: vec![std::net::Ipv4Addr::new(10, 0, 1, 51)],
            allow_reassignment: true,
            ..AssignPrivate::default()
        }),
        2 => Call::UnassignPrivateIpAddresses(UnassignPrivate {
            network_interface_id: id,
            private_ip_addresses: eni
                .private_ip_addresses
                .iter()
                .skip(1)
                .map(|ip| ip.private_ip_address)
                .collect(),
            ..UnassignPrivate::default()
        }),
        3 => Call::AllocateAddress(Allocate::default()),
        4..=6 => Call::AssociateAddress(Associate {
            allocation_id: address.map(|a| a.id.clone()),
            network_interface_id: Some(id),
            ..Associate::default()
        }),
        7 => Call::DisassociateAddress(Disassociate {
            association_id: address.and_then(|a| a.association_id.clone()),
            ..Disassociate::default()
        }),
        8 => Call::ReleaseAddress(Release {
            allocation_id: address.map(|a| a.id.clone()),
            ..Release::default()
        }),
        9 => Call::ReplaceRoute(PutRoute {
            route_table_id: table.id.clone(),
            destination: "172.31.99.0/24".into(),
            network_interface_id: Some(id),
            ..PutRoute::default()
        }),
        10..=12 => Call::RunInstances(Run {
            instance_type: Some("t3.nano".into()),
            min_count: 1,
            max_count: 2,
            subnet_id,
            client_token: (which == 10).then(|| "token".into()),
            ..Run::default()
        }),
        13 => Call::CreateVpc(CreateVpc {
            cidr_block: "10.7.0.0/16".into(),
            ..CreateVpc::default()
        }),
        14 => Call::DeleteVpc(DeleteVpc {
            vpc_id: world.vpcs().last().unwrap().id.clone(),
        }),
        15 => Call::CreateNatGateway(CreateNatGateway {
            subnet_id: eni.subnet_id.clone(),
            connectivity_type: Some("private".into()),
            ..CreateNatGateway::default()
        }),
        16 => Call::DeleteNatGateway(DeleteNatGateway {
            nat_gateway_id: world
                .nat_gateways()
                .next()
                .map(|n| n.id.clone())
                .unwrap_or_default(),
        }),
        17 => Call::CreateInternetGateway(CreateInternetGateway::default()),
        18 => Call::CreateSecurityGroup(CreateSecurityGroup {
            group_name: "new".into(),
            description: "x".into(),
            vpc_id: Some(eni.vpc_id.clone()),
            ..CreateSecurityGroup::default()
        }),
        _ => Call::CreateTags(CreateTags {
            resources: vec![id.as_str().into(), table.id.as_str().into()],
            tags: vec![Tag::name("renamed")],
        }),
    }
}

/// A random walk: what was there before each accepted call, and how many calls were accepted.
fn walk(sim: &mut Sim, seed: u64, mut before: impl FnMut(&Sim)) -> usize {
    let mut dice = Dice::new(seed);
    let mut accepted = 0;
    for _ in 0..60 {
        let call = any_call(sim, &mut dice);
        let undoable = sim.history().undoable();
        before(sim);
        if sim.call(&call).is_ok() {
            accepted += 1;
            assert_eq!(sim.history().undoable(), undoable + 1);
        }
        sound(sim);
        let step = Duration::from_millis(dice.roll() % 9_000);
        sim.advance(sim.now() + step);
        sound(sim);
    }
    accepted
}

fn everything(sim: &Sim) -> (String, World) {
    (sim.machine.state(), World::clone(&sim.world()))
}

#[test]
fn undo_goes_back_exactly() {
    let mut accepted = 0;
    for seed in 0..20 {
        let mut sim = two_am(with("db-primary", "detach_hangs = true"), seed);
        let mut moments = Vec::new();
        accepted += walk(&mut sim, seed, |sim| {
            let count = sim.history().undoable();
            moments.truncate(count);
            moments.push(everything(sim));
        });
        // The last push of each level stands before the call that made that level.
        while sim.history().undoable() > 0 {
            let expected = &moments[sim.history().undoable() - 1];
            sim.undo().unwrap();
            sound(&sim);
            let (state, world) = everything(&sim);
            assert_eq!(state, expected.0, "seed {seed}");
            assert!(world == expected.1, "seed {seed}");
        }
        assert_eq!(sim.undo(), None);
    }
    assert!(accepted > 200, "{accepted}");
}

/// Puts in again what was put in.
fn replay(first: &Sim, second: &mut Sim) {
    assert_eq!(second.replay(first.history().inputs()), Ok(()));
}

#[test]
fn the_same_seed_and_inputs_give_the_same_history() {
    let mut first = two_am(str::to_owned, 7);
    walk(&mut first, 7, |_| {});
    let mut second = two_am(str::to_owned, 7);
    replay(&first, &mut second);
    assert_eq!(everything(&first).0, everything(&second).0);
    let mut third = two_am(str::to_owned, 8);
    walk(&mut third, 7, |_| {});
    assert!(everything(&first).0 != everything(&third).0);
}

fn describe(sim: &Sim, text: &str) -> Call {
    Call::ModifyNetworkInterfaceAttribute(Modify {
        network_interface_id: sim.focus().unwrap(),
        description: Some(text.into()),
        ..Modify::default()
    })
}

#[test]
fn only_the_newest_calls_can_be_taken_back() {
    let mut sim = two_am(str::to_owned, 1);
    for n in 0..history::UNDO_MAX + 5 {
        sim.call(&describe(&sim, &n.to_string())).unwrap();
    }
    assert_eq!(sim.history().undoable(), history::UNDO_MAX);
    while sim.undo().is_some() {}
    let world = sim.world();
    let eni = world.eni(&sim.focus().unwrap()).unwrap();
    // The first five stay: numbers 0 to 4.
    assert_eq!(&*eni.description, "4");
}

#[test]
fn a_refused_call_is_on_record_and_not_to_be_taken_back() {
    let mut sim = two_am(str::to_owned, 1);
    sim.call(&attach(&sim, STANDBY, 1)).unwrap_err();
    assert_eq!(sim.undo(), None);
    sim.call(&describe(&sim, "x")).unwrap();
    sim.call(&attach(&sim, STANDBY, 1)).unwrap_err();
    assert_eq!(sim.history().inputs().count(), 3);
    let undone = sim.undo().unwrap();
    assert_eq!(undone.call.action(), "ModifyNetworkInterfaceAttribute");
    assert_eq!(sim.history().inputs().count(), 1);
}

#[test]
fn a_world_that_nobody_else_holds_is_never_copied() {
    let mut sim = two_am(str::to_owned, 1);
    // The timeline holds its beginning.
    sim.call(&describe(&sim, "first")).unwrap();
    let at = Arc::as_ptr(&sim.machine.world);
    fail_over(&mut sim);
    sim.undo().unwrap();
    assert_eq!(at, Arc::as_ptr(&sim.machine.world));
    // Somebody holds it: one copy, and the held one stays.
    let held = sim.world();
    sim.call(&describe(&sim, "x")).unwrap();
    assert_eq!(at, Arc::as_ptr(&held));
    assert!(at != Arc::as_ptr(&sim.machine.world));
}
