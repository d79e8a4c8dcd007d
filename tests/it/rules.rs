//! EC2's rules, as tables: what is refused and how, what an accepted call changes, who owns what.

mod catalogue;
mod facts;
mod property;
mod world;

use std::fmt::Write;
use std::net::Ipv4Addr;
use std::time::Duration;

use enipilot::ec2::call::Call;
use enipilot::ec2::eni::Eni;
use enipilot::ec2::time::Time;
use enipilot::ec2::world::World;
use enipilot::rules::effect::{Effect, Forecast, Mint, effect, settle};
use enipilot::rules::verdict::{Denial, Verdict};
use enipilot::rules::{attach, check, ownership};
use enipilot::sim::Sim;

const NOW: Time = Time::from_millis(1_773_280_813_000);

/// The lines of a table that are neither empty nor comments, with their numbers.
fn lines(table: &'static str) -> impl Iterator<Item = (usize, &'static str)> {
    let numbered = table
        .lines()
        .enumerate()
        .map(|(n, line)| (n + 1, line.trim()));
    numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

/// `{A}` becomes the id of what is named A in the world as it was at first.
fn with_ids(text: &str, world: &World) -> String {
    crate::notation::with_ids(text, world, world::id)
}

/// Fresh identifiers that differ from each other.
#[derive(Default)]
struct Counter(usize);

impl Mint for Counter {
    fn id(&mut self, prefix: &str) -> String {
        self.0 += 1;
        world::id(prefix, 0x1000 + self.0)
    }

    fn mac(&mut self) -> String {
        self.0 += 1;
        format!("02:00:00:00:10:{:02x}", self.0)
    }

    fn public_ip(&mut self) -> Ipv4Addr {
        Ipv4Addr::new(198, 51, 100, 99)
    }
}

fn sound(world: &World, when: &str) {
    let wrong = world.check_invariants();
    assert!(wrong.is_empty(), "{when}: {wrong:?}");
}

fn begin(world: &mut World, effect: &Effect) {
    for change in &effect.at_once {
        world.apply(change);
    }
}

/// Lets everything that an effect set under way come to its end.
fn end(world: &mut World, effect: Effect) {
    let mut under_way = effect.under_way;
    while !under_way.is_empty() {
        let settled = settle(world, &under_way.remove(0));
        for change in &settled.changes {
            world.apply(change);
        }
        under_way.extend(settled.under_way);
    }
}

/// Makes calls that must all be accepted. Neither world of any call's forecast may be unsound.
fn make(world: &mut World, mint: &mut Counter, calls: &[&str], line: usize) {
    for text in calls {
        let at = format!("line {line}: {text}");
        let (text, settles) = match text.strip_prefix("now ") {
            Some(text) => (text, false),
            None => (*text, true),
        };
        let call = world::call(world, text);
        assert_eq!(check(world, &call), Ok(()), "{at}");
        let (at_once, settled) = enipilot::rules::effect::forecast(world, &call, NOW);
        sound(&at_once, &at);
        sound(&settled, &at);
        let effect = effect(world, &call, mint, NOW);
        begin(world, &effect);
        if settles {
            end(world, effect);
        }
        sound(world, &at);
    }
}

/// Judges the last of the calls after making the others.
fn judged(case: &str, line: usize) -> (World, Call, Verdict) {
    let mut world = world::world();
    let case = with_ids(case, &world);
    let mut calls: Vec<_> = case.split(';').map(str::trim).collect();
    let last = calls.pop().unwrap();
    make(&mut world, &mut Counter::default(), &calls, line);
    let call = world::call(&world, last);
    let verdict = check(&world, &call);
    (world, call, verdict)
}

#[test]
fn the_world_of_the_tests_is_sound() {
    sound(&world::world(), "at first");
}

#[test]
fn verdicts() {
    let mut wrong = String::new();
    for (line, text) in lines(include_str!("../data/verdicts.txt")) {
        let (case, expected) = text.split_once('|').unwrap();
        let columns = expected.split('|').map(str::trim).collect::<Vec<_>>();
        let expected = with_ids(&columns.join(" | "), &world::world());
        let (_, _, verdict) = judged(case.trim(), line);
        let got = match verdict {
            Ok(()) => "ok".to_owned(),
            Err(d) => format!("{} | {:?} | {}", d.code, d.wording, d.message),
        };
        if got != expected {
            writeln!(
                wrong,
                "line {line}: {case}\n  expected {expected}\n  got      {got}"
            )
            .unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Every code that the tables refuse with is also there to be allowed: the same action succeeds in
/// another line, so no check can refuse everything.
#[test]
fn every_action_is_both_allowed_and_denied() {
    let mut seen = std::collections::BTreeMap::<String, [usize; 2]>::new();
    for (line, text) in lines(include_str!("../data/verdicts.txt")) {
        let (_, call, verdict) = judged(text.split_once('|').unwrap().0.trim(), line);
        seen.entry(call.action().to_owned()).or_default()[usize::from(verdict.is_ok())] += 1;
    }
    let all: Vec<_> = Call::ACTIONS.to_vec();
    let missing = all.iter().filter(|a| !seen.contains_key(**a));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&&str>::new());
    assert!(
        seen.values()
            .all(|[denied, allowed]| *denied > 0 && *allowed > 0),
        "denied, allowed: {seen:?}"
    );
}

fn told(denial: &Denial) -> String {
    format!(
        "{}\n    because {}\n    instead {}\n",
        denial.code, denial.because, denial.instead
    )
}

/// The reasons and remedies of every refusal of the table, to be read by a person.
#[test]
fn reasons() {
    let mut out = String::new();
    for (line, text) in lines(include_str!("../data/verdicts.txt")) {
        let case = text.split_once('|').unwrap().0.trim();
        if let (_, _, Err(denial)) = judged(case, line) {
            assert!(
                denial.because.ends_with('.') && denial.instead.ends_with('.'),
                "{case}"
            );
            write!(out, "{case}\n  {}", told(&denial)).unwrap();
        }
    }
    insta::with_settings!({snapshot_path => "../snapshots", prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("rules_reasons", out);
    });
}

/// All that stands in the way of a target at once, as if the interface were already detached.
#[test]
fn blockers() {
    // Interface, instance, index: codes in EC2's order.
    let cases: [(&str, &[&str]); 11] = [
        ("attach E B 1", &[]),
        ("attach E A 1", &[]),
        ("attach E S 1", &[]),
        ("attach E N 1", &["AttachmentLimitExceeded"]),
        ("attach E N 2", &["AttachmentLimitExceeded"]),
        ("attach E C 1", &["InvalidParameterCombination"]),
        ("attach E K 1", &["IncorrectState"]),
        ("attach E A 0", &["InvalidParameterValue"]),
        (
            "attach many N 1",
            &["AttachmentLimitExceeded", "PrivateIpAddressLimitExceeded"],
        ),
        (
            "attach rds C 0",
            &[
                "AuthFailure",
                "InvalidParameterCombination",
                "InvalidParameterValue",
            ],
        ),
        ("attach E nonsense 1", &["InvalidInstanceID.Malformed"]),
    ];
    for (text, expected) in cases {
        let world = world::world();
        let Call::AttachNetworkInterface(call) = world::call(&world, text) else {
            panic!("{text}");
        };
        let blockers = attach::blockers(&world, &call);
        let codes: Vec<_> = blockers.iter().map(|d| d.code).collect();
        assert_eq!(codes, expected, "{text}");
    }
}

#[test]
fn free_slots() {
    let cases = [
        ("", "A", Some((0, 2))),
        ("", "B", Some((0, 1))),
        ("", "N", None),
        ("", "U", Some((0, 1))),
        ("attach F B 2", "B", Some((0, 1))),
        ("attach F A 2", "A", None),
        ("now detach E", "A", Some((0, 2))),
        ("detach E", "A", Some((0, 1))),
        ("detach mine", "N", Some((0, 1))),
    ];
    for (before, instance, expected) in cases {
        let mut world = world::world();
        let calls: Vec<_> = before.split(';').filter(|c| !c.is_empty()).collect();
        make(&mut world, &mut Counter::default(), &calls, 0);
        let id = world::instance_id(&world, instance);
        assert_eq!(
            attach::free_slot(&world, &id),
            expected,
            "{before}; {instance}"
        );
    }
    // Fifteen interfaces fill card 0 of a p4d.24xlarge; sixty fill all four cards.
    let mut world = world::world();
    let mut mint = Counter::default();
    let id = world::instance_id(&world, "M");
    for n in 1..60 {
        let (card, index) = attach::free_slot(&world, &id).unwrap();
        assert_eq!(card, n / 15, "{n}");
        let calls = [
            format!("create app name=x{n}"),
            format!("attach x{n} M {index} {card}"),
        ];
        make(&mut world, &mut mint, &[&calls[0], &calls[1]], n as usize);
    }
    assert_eq!(attach::free_slot(&world, &id), None);
}

#[test]
fn effects() {
    let mut wrong = String::new();
    for (line, text) in lines(include_str!("../data/effects.txt")) {
        let (calls, facts) = text.split_once('|').unwrap();
        let mut world = world::world();
        let first = world.clone();
        let calls = with_ids(calls, &world);
        let calls: Vec<_> = calls.split(';').map(str::trim).collect();
        make(&mut world, &mut Counter::default(), &calls, line);
        for fact in facts.split(';') {
            let (name, expected) = fact.split_once('=').unwrap();
            let got = facts::fact_of(&first, &world, name.trim());
            if got != expected.trim() {
                writeln!(
                    wrong,
                    "line {line}: {}: {name}= {got}, not {expected}",
                    calls.join("; ")
                )
                .unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Every attach begins anew: id, time, index, flag. Everything else travels.
#[test]
fn an_attachment_is_new_and_the_rest_travels() {
    let mut world = world::world();
    let id = world::eni_id(&world, "E");
    let before = Eni::clone(world.eni(&id).unwrap());
    make(
        &mut world,
        &mut Counter::default(),
        &["detach E", "attach E B 2"],
        0,
    );
    let mut after = Eni::clone(world.eni(&id).unwrap());
    let (old, new) = (
        before.attachment.clone().unwrap(),
        after.attachment.clone().unwrap(),
    );
    assert_ne!(old.attachment_id, new.attachment_id);
    assert_eq!((new.attach_time, new.device_index), (Some(NOW), 2));
    after.attachment.clone_from(&before.attachment);
    after.ipv6_addresses[0].is_primary_ipv6 = true;
    assert_eq!(after, before);
}

/// A transition that was overtaken changes nothing.
#[test]
fn late_transitions_settle_to_nothing() {
    let mut world = world::world();
    let mut mint = Counter::default();
    let attach = effect(&world, &world::call(&world, "attach F B 1"), &mut mint, NOW);
    begin(&mut world, &attach);
    let detach = effect(&world, &world::call(&world, "detach F"), &mut mint, NOW);
    begin(&mut world, &detach);
    let before = world.clone();
    end(&mut world, attach);
    assert_eq!(world, before, "still detaching");
    end(&mut world, detach);
    let f = world.eni(&world::eni_id(&world, "F")).unwrap();
    assert_eq!(f.attachment, None);

    let mut world = world::world();
    let detach = effect(&world, &world::call(&world, "detach E"), &mut mint, NOW);
    make(&mut world, &mut mint, &["detach E", "attach E B 1"], 0);
    let before = world.clone();
    end(&mut world, detach);
    assert_eq!(world, before);
    let stop = effect(&world, &world::call(&world, "stop A"), &mut mint, NOW);
    make(&mut world, &mut mint, &["terminate A"], 0);
    let before = world.clone();
    end(&mut world, stop);
    assert_eq!(world, before);
}

/// The simulator asks the rules first: what is refused changes nothing, now or later.
#[test]
fn a_denied_call_has_no_effect() {
    let text = include_str!("../../demo/worlds/two-am.toml");
    let mut sim = Sim::load("two-am.toml", text, 1).unwrap();
    // Call, code.
    let cases = [
        (
            "attach db-service db-standby 1",
            "InvalidNetworkInterface.InUse",
        ),
        (
            "attach eni-00000000000000000 db-standby 1",
            "InvalidNetworkInterfaceID.NotFound",
        ),
        (
            "detach eni-attach-00000000000000000",
            "InvalidAttachmentID.NotFound",
        ),
        (
            "modify db-service check=off text=x",
            "InvalidParameterCombination",
        ),
        ("create", "MissingParameter"),
        ("delete db-service", "InvalidParameterValue"),
        ("start old-db", "IncorrectInstanceState"),
        ("stop nothing", "InvalidInstanceID.Malformed"),
        ("terminate", "MissingParameter"),
    ];
    let before = World::clone(&sim.world());
    let due = sim.next_due();
    for (text, code) in cases {
        let call = world::call(&before, text);
        let error = sim.call(&call).unwrap_err();
        assert_eq!(&*error.code, code, "{text}");
        assert!(*sim.world() == before, "{text}");
        assert_eq!(sim.next_due(), due, "{text}");
    }
    let mut untouched = Sim::load(
        "two-am.toml",
        include_str!("../../demo/worlds/two-am.toml"),
        1,
    )
    .unwrap();
    let later = sim.now() + Duration::from_secs(3_600);
    sim.advance(later);
    untouched.advance(later);
    assert!(sim.world() == untouched.world());
}

/// Placeholders of a forecast can be told from real identifiers.
#[test]
fn a_forecast_names_what_is_new() {
    let world = world::world();
    let call = world::call(&world, "attach F B 1");
    let answer = effect(&world, &call, &mut Forecast::default(), NOW).answer;
    assert_eq!(answer.attachment_id.unwrap().as_str(), "eni-attach-new");
}

#[test]
fn owners() {
    for (line, text) in lines(include_str!("../data/owners.txt")) {
        let columns: Vec<_> = text.split('|').map(str::trim).collect();
        let [
            kind,
            managed,
            requester,
            holder,
            description,
            service,
            resource,
        ] = columns[..]
        else {
            panic!("line {line}: seven columns, not {}", columns.len());
        };
        let given = |text: &str| (text != "-").then(|| text.to_owned());
        let world = world::world();
        let mut eni = Eni::clone(world.eni(&world::eni_id(&world, "F")).unwrap());
        eni.interface_type = kind.into();
        eni.requester_managed = managed == "yes";
        eni.requester_id = given(requester).map(Into::into);
        eni.description = given(description).unwrap_or_default().into();
        if let Some(holder) = given(holder) {
            let of_e = world.eni(&world::eni_id(&world, "E")).unwrap();
            eni.attachment.clone_from(&of_e.attachment);
            eni.attachment.as_mut().unwrap().instance_owner_id = Some(holder.into());
        }
        let owner = ownership::owner(&eni);
        let got = owner
            .as_ref()
            .map(|o| (o.service.to_owned(), o.resource.clone()));
        let expected = given(service).map(|service| (service, given(resource)));
        assert_eq!(got, expected, "line {line}: {text}");
        if let Some(owner) = owner {
            assert!(owner.because.matches(". ").count() >= 1 || owner.because.contains("; "));
            assert!(owner.because.ends_with('.'), "{}", owner.because);
        }
    }
}
