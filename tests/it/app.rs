//! The screen's brain on the embedded world `two-am`: what a newcomer's keys do.

use enipilot::app::action::Action;
use enipilot::app::effect::Effect;
use enipilot::app::keymap::{self, Availability, Scope};
use enipilot::app::layer::Layer;
use enipilot::app::model::Model;
use enipilot::app::msg::{Key, Msg};
use enipilot::app::tree::Node;
use enipilot::app::update::update;
use enipilot::app::walk::Phase;
use enipilot::failover::sky::Sky;
use enipilot::failover::status::Ending;
use enipilot::runtime::stage::{Outward, Stage};
use enipilot::sim::Sim;
use enipilot::sim::worldfile::EMBEDDED;

fn sim() -> Sim {
    let (name, text) = EMBEDDED.iter().find(|(n, _)| *n == "two-am").unwrap();
    Sim::load(name, text, 7).unwrap()
}

fn sky(sim: &Sim) -> Sky {
    let world = sim.world();
    Sky::sim(sim.name(), &world.account, &world.region)
}

fn model(sim: &Sim) -> Model {
    Model::new(sky(sim), sim.world(), sim.now(), sim.focus().as_ref()).with_prologue(sim.prologue())
}

fn stage() -> Stage {
    let sim = sim();
    let sky = sky(&sim);
    Stage::new(sim, sky)
}

/// Presses keys written as in the help; a word that names none is typed.
fn keys(stage: &mut Stage, script: &str) {
    let named = [Key::Enter, Key::Esc, Key::Up, Key::Down, Key::Char(' ')];
    for word in script.split(' ') {
        match named.iter().find(|k| keymap::name(**k) == word) {
            Some(key) => stage.key(*key),
            None => word.chars().for_each(|c| stage.key(Key::Char(c))),
        }
    }
}

fn tree(model: &Model) -> Vec<String> {
    let world = &model.world;
    let line = |(n, row): (usize, &enipilot::app::tree::Row)| {
        let name = match &row.node {
            Node::Vpc(id) => id.to_string(),
            Node::Subnet(id) => world
                .subnet(id)
                .and_then(|s| s.tags.first().map(|t| t.value.to_string()))
                .unwrap_or_default(),
            Node::Instance(id) => world.instance(id).unwrap().name().unwrap().to_owned(),
            Node::Unattached(_) => "unattached".to_owned(),
            Node::Managed(_) => "service-managed".to_owned(),
            Node::Eni(id) => world.eni(id).unwrap().primary_ip().unwrap().to_string(),
            Node::Address(_, ip) => ip.to_string(),
        };
        let glyph = match (row.has_children, row.open) {
            (true, true) => "-",
            (true, false) => "+",
            _ => " ",
        };
        let cursor = if n == model.tree.cursor { ">" } else { " " };
        let indent = " ".repeat(usize::from(row.depth));
        format!("{cursor}{indent}{glyph}{name}")
    };
    model.tree.rows.iter().enumerate().map(line).collect()
}

#[test]
fn the_story_is_on_screen_at_the_start() {
    let sim = sim();
    let model = model(&sim);
    assert_eq!(
        tree(&model),
        [
            " -vpc-0a5e1c2b3d4f50617",
            "  -app-a",
            "   +bastion",
            "   -db-primary",
            "    +10.0.1.10",
            ">   +10.0.1.50",
            "   +db-standby",
            "   +old-db",
            "   +service-managed",
            "  -app-b",
            "   +app",
            "   +report-b",
            "   tiny",
        ]
    );
    let footer: Vec<_> = keymap::available(&model).iter().map(|h| h.label).collect();
    assert_eq!(footer[0], "fail over");
    assert!(model.feed.lines.len() >= 3);
}

#[test]
fn the_standby_comes_first_and_the_others_say_why_not() {
    let mut stage = stage();
    keys(&mut stage, "f");
    let Some(Layer::Candidates(candidates)) = stage.model().layer() else {
        panic!("{:?}", stage.model().layers);
    };
    let world = &stage.model().world;
    let told: Vec<(String, Option<&str>)> = candidates
        .list
        .iter()
        .map(|c| {
            let name = world.instance(&c.instance).unwrap().name().unwrap();
            (name.to_owned(), c.blockers.first().map(|d| d.code))
        })
        .collect();
    assert_eq!(told[0], ("db-standby".to_owned(), None));
    let of = |name: &str| told.iter().find(|(n, _)| n == name).unwrap().1;
    assert_eq!(of("bastion"), Some("AttachmentLimitExceeded"));
    assert_eq!(of("report-b"), Some("InvalidParameterCombination"));
    assert_eq!(of("old-db"), Some("IncorrectState"));
}

#[test]
fn the_plan_is_read_copied_and_saved() {
    let mut stage = stage();
    keys(&mut stage, "f enter v q c s");
    let out = stage.take_outbox();
    let [Outward::Copy(script), Outward::Write { name, text }] = &out[..] else {
        panic!("{out:?}");
    };
    let detach = "aws ec2 detach-network-interface --attachment-id eni-attach-0b7e5c21d09f1a338\n";
    assert!(script.contains(detach), "{script}");
    assert!(script.contains("aws ec2 attach-network-interface --network-interface-id eni-0c1d52aa7be03f9a1 --instance-id i-0d1a2b3c4d5e6f702"));
    assert!(script.contains("until is Status available"));
    assert_eq!(name, "plan-eni-0c1d52aa7be03f9a1-20260312T020013Z.json");
    assert!(serde_json::from_str::<serde_json::Value>(text).is_ok());
    keys(&mut stage, "esc esc");
    assert_eq!(stage.model().layers, []);
}

#[test]
fn by_hand_the_interface_is_moved_and_taken_back() {
    let mut stage = stage();
    keys(&mut stage, "d enter");
    stage.settle();
    assert_eq!(
        stage
            .model()
            .world
            .eni(&"eni-0c1d52aa7be03f9a1".into())
            .unwrap()
            .attachment,
        None
    );
    let lines = tree(stage.model());
    let at = lines.iter().position(|l| l.starts_with('>')).unwrap();
    assert!(
        lines[at].ends_with("10.0.1.50") && lines[at - 1].contains("unattached"),
        "{lines:?}"
    );
    keys(&mut stage, "a down enter");
    stage.settle();
    let eni = stage
        .model()
        .world
        .eni(&"eni-0c1d52aa7be03f9a1".into())
        .cloned()
        .unwrap();
    assert_eq!(eni.instance_id().unwrap().as_str(), "i-0d1a2b3c4d5e6f702");
    let told: Vec<&str> = stage
        .model()
        .feed
        .lines
        .iter()
        .map(|l| l.text.as_str())
        .collect();
    for sentence in [
        "db-service: detaching from db-primary #1",
        "route 172.31.99.0/24: active -> blackhole",
        "db-service: detached from db-primary #1, now available",
        "db-service: attaching to db-standby #1",
        "db-service: attached to db-standby #1",
        "route 172.31.99.0/24: blackhole -> active",
    ] {
        assert!(told.contains(&sentence), "{sentence}: {told:#?}");
    }
    keys(&mut stage, "u u");
    let eni = stage
        .model()
        .world
        .eni(&"eni-0c1d52aa7be03f9a1".into())
        .cloned()
        .unwrap();
    assert_eq!(eni.instance_id().unwrap().as_str(), "i-0d1a2b3c4d5e6f701");
    let lines = tree(stage.model());
    let at = lines.iter().position(|l| l.starts_with('>')).unwrap();
    assert!(lines[at].ends_with("10.0.1.50"), "{lines:?}");
}

#[test]
fn instances_and_interfaces_come_and_go_by_hand() {
    let mut stage = stage();
    keys(&mut stage, "n spare enter");
    stage.settle();
    let created = stage.model().selected_eni().cloned().unwrap();
    let world = &stage.model().world;
    assert_eq!(world.eni(&created).unwrap().name(), Some("spare"));
    keys(&mut stage, "x enter");
    stage.settle();
    assert_eq!(stage.model().world.eni(&created), None);
    keys(&mut stage, "/ bastion enter");
    let bastion = Node::Instance("i-0d1a2b3c4d5e6f703".into());
    assert_eq!(stage.model().selected(), Some(&bastion));
    keys(&mut stage, "S enter");
    stage.settle();
    let state = |stage: &Stage| {
        let world = &stage.model().world;
        world
            .instance(&"i-0d1a2b3c4d5e6f703".into())
            .unwrap()
            .state
            .to_string()
    };
    assert_eq!(state(&stage), "stopped");
    keys(&mut stage, "s");
    stage.settle();
    assert_eq!(state(&stage), "running");
    keys(&mut stage, "T enter");
    stage.settle();
    assert_eq!(state(&stage), "terminated");
}

#[test]
fn ec2_itself_refuses_to_detach_a_primary_interface() {
    let mut stage = stage();
    keys(&mut stage, "k d enter");
    let notice = stage.model().notice.clone().unwrap();
    assert!(
        notice.bad && notice.text.contains("(OperationNotPermitted)"),
        "{notice:?}"
    );
    let last = stage.model().feed.lines.back().unwrap();
    assert!(
        last.text
            .starts_with("EC2 refused DetachNetworkInterface: "),
        "{last:?}"
    );
}

/// Whatever a person types, the model survives it, keeps its cursor on a row, and asks the runtime
/// only for what the footer or the palette said would work.
#[test]
fn no_keys_break_anything() {
    let mut all: Vec<Key> = keymap::TABLE
        .iter()
        .flat_map(|b| b.keys.iter().copied())
        .collect();
    all.extend("abc0:!/".chars().map(Key::Char));
    all.extend([Key::Backspace, Key::Tab, Key::Delete]);
    let mut seed: u64 = 0x9e37_79b9_7f4a_7c15;
    for round in 0..40 {
        let sim = sim();
        let mut model = model(&sim);
        for _ in 0..250 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let key = all[usize::try_from(seed % all.len() as u64).unwrap()];
            let scope = keymap::scope(&model);
            let action = keymap::lookup(scope, key);
            let not = action.map(|a| keymap::availability(&model, scope, a));
            let effects = update(&mut model, Msg::Key(key));
            if matches!(not, Some(Availability::Not(_))) {
                assert_eq!(effects, [], "round {round}: {key:?} in {scope:?}");
            }
            let row = model.tree.row().map(|r| &r.node);
            assert_eq!(row, model.selected(), "round {round}: {key:?} in {scope:?}");
            let (columns, rows) = ((seed % 130) as u16, (seed % 50) as u16);
            if seed.is_multiple_of(17) {
                update(&mut model, Msg::Resize(columns, rows));
            }
            if seed.is_multiple_of(5) {
                update(&mut model, Msg::Drawn);
            }
            let quits = effects.contains(&Effect::Quit);
            assert!(
                !quits
                    || !matches!(scope, Scope::Consent | Scope::Input | Scope::Filter)
                    || key == Key::Ctrl('c')
            );
        }
    }
}

#[test]
fn every_hint_of_the_footer_works() {
    let mut stage = stage();
    for script in ["", "f", "enter", "v", "q esc esc", ":", "esc ?"] {
        if !script.is_empty() {
            keys(&mut stage, script);
        }
        let hints = keymap::available(stage.model());
        assert!(!hints.is_empty(), "{script}");
        assert!(hints.iter().all(|h| h.availability == Availability::Works));
        assert!(
            hints
                .iter()
                .any(|h| matches!(h.action, Action::Quit | Action::Close)),
            "{script}"
        );
    }
}

/// The address is on the standby after the keys that the footer names, and back on the primary
/// after the keys that it names then.
#[test]
fn two_am_is_played_to_its_end_and_put_back() {
    let mut stage = stage();
    let holder = |stage: &Stage| {
        let eni = stage.model().world.eni(&"eni-0c1d52aa7be03f9a1".into());
        eni.and_then(|e| e.instance_id().map(|i| i.to_string()))
    };
    let phase = |stage: &Stage| stage.model().walk.as_ref().map(|w| w.phase());
    keys(&mut stage, "f enter r");
    stage.settle();
    assert_eq!(phase(&stage), Some(Phase::Summary));
    assert_eq!(stage.ending(), Some(&Ending::Done));
    assert_eq!(holder(&stage).as_deref(), Some("i-0d1a2b3c4d5e6f702"));
    // The eye has followed it.
    let lines = tree(stage.model());
    let at = lines.iter().position(|l| l.starts_with('>')).unwrap();
    assert!(lines[at].ends_with("10.0.1.50"), "{lines:?}");
    assert!(
        lines[..at].iter().rev().any(|l| l.ends_with("-db-standby")),
        "{lines:?}"
    );
    let last = stage.model().feed.lines.iter().rev();
    assert!(
        last.take(5)
            .any(|l| l.text == "db-service is on db-standby, index 1")
    );

    keys(&mut stage, "w y");
    let out = stage.take_outbox();
    let [Outward::Write { name, text }, Outward::Copy(summary)] = &out[..] else {
        panic!("{out:?}");
    };
    assert!(
        name.starts_with("report-eni-0c1d52aa7be03f9a1-") && name.ends_with(".md"),
        "{name}"
    );
    assert!(
        text.contains("DetachNetworkInterface AttachmentId=eni-attach-0b7e5c21d09f1a338"),
        "{text}"
    );
    assert!(summary.starts_with("DONE: db-service (eni-0c1d52aa7be03f9a1) is on db-standby"));
    assert!(
        summary.contains("service: answers from db-standby, after "),
        "{summary}"
    );

    keys(&mut stage, "p r");
    stage.settle();
    assert_eq!(stage.ending(), Some(&Ending::Done));
    assert_eq!(holder(&stage).as_deref(), Some("i-0d1a2b3c4d5e6f701"));
    keys(&mut stage, "esc");
    assert_eq!(stage.model().layers, []);
}

#[test]
fn step_by_step_the_footer_always_names_the_next_key() {
    let mut stage = stage();
    keys(&mut stage, "f enter");
    let mut presses = 0;
    while stage
        .model()
        .walk
        .as_ref()
        .is_some_and(|w| w.phase() != Phase::Summary)
    {
        let hints = keymap::available(stage.model());
        assert!(
            hints
                .iter()
                .any(|h| h.action == Action::Next && h.key == "n"),
            "{hints:?}"
        );
        stage.key(Key::Char('n'));
        stage.settle();
        presses += 1;
        assert!(presses < 10, "{:?}", stage.status());
    }
    assert_eq!(stage.ending(), Some(&Ending::Done));
    assert!(presses > 2);
}

#[test]
fn a_stop_after_the_detach_is_a_question() {
    let mut stage = stage();
    keys(&mut stage, "f enter");
    while stage.status().is_none_or(|s| s.calls.is_empty()) {
        keys(&mut stage, "n");
        stage.settle();
    }
    keys(&mut stage, "a");
    stage.settle();
    let footer: Vec<_> = keymap::available(stage.model())
        .iter()
        .map(|h| h.action)
        .collect();
    assert!(
        footer.contains(&Action::PutBack) && footer.contains(&Action::Finish),
        "{footer:?}"
    );
    keys(&mut stage, "p");
    stage.settle();
    assert_eq!(stage.ending(), Some(&Ending::PutBack));
}
