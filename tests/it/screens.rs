//! What a person sees: whole screens as text and as styles.

mod flown;
mod paint;
mod past;
mod scenes;

use std::collections::BTreeMap;
use std::sync::Arc;

use enipilot::app::effect::Effect;
use enipilot::app::model::Model;
use enipilot::app::msg::{Key, Msg};
use enipilot::app::update::update;
use enipilot::ec2::eni::{AttachmentStatus, EniStatus};
use enipilot::ec2::resource::{CheckStatus, InstanceState, Tag};
use enipilot::ec2::shown::is_hidden;
use enipilot::ec2::world::World;
use enipilot::failover::engine::Goal;
use enipilot::failover::plan::Level;
use enipilot::failover::surroundings::Surroundings;
use enipilot::runtime::canvas::Canvas;
use enipilot::tui::{Look, view};
use paint::{Screen, colour, plain};
use scenes::{ENI, PRIMARY, Size, two_am};

const FLOOR: Size = (80, 24);
const WIDE: Size = (120, 40);

fn assert_screen(name: &str, screen: &Screen) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, screen.snapshot()));
}

#[test]
fn every_screen_at_the_floor() {
    for (name, model) in scenes::all(FLOOR) {
        assert_screen(&format!("screen-{name}-80x24"), &Screen::of(&model, FLOOR));
    }
}

#[test]
fn every_screen_on_a_wide_terminal() {
    for (name, model) in scenes::all(WIDE) {
        assert_screen(&format!("screen-{name}-120x40"), &Screen::of(&model, WIDE));
    }
}

#[test]
fn without_colours_and_without_unicode() {
    let model = two_am(FLOOR, "");
    let mono = Screen::with(&model, FLOOR, &plain(false));
    assert_screen("screen-start-mono-80x24", &mono);
    let ascii = Screen::with(&model, FLOOR, &plain(true));
    assert_screen("screen-start-ascii-80x24", &ascii);
}

#[test]
fn a_refusal_that_has_no_room_shows_that_it_goes_on() {
    // Detaching the primary interface: four lines of reason and remedy, three of room.
    let screen = Screen::of(&two_am(FLOOR, "kd\n"), FLOOR).text();
    let last = screen.lines().find(|l| l.contains("its Elastic IPs can"));
    assert!(
        last.unwrap()
            .trim_end_matches(['│', ' '])
            .ends_with("… e all"),
        "{screen}"
    );
}

/// A permission that is taken away, and given again, is no change of the account.
#[test]
fn what_may_not_be_seen_any_more_is_not_told_of_as_gone() {
    let before = scenes::live(two_am(FLOOR, ""), false);
    let mut model = scenes::gaps(FLOOR);
    assert_eq!(model.feed.lines, before.feed.lines);
    scenes::polled(&mut model, Arc::clone(&before.world));
    assert_eq!(model.feed.lines, before.feed.lines);
    assert_eq!(
        model.world.addresses().count(),
        before.world.addresses().count()
    );
}

#[test]
fn a_terminal_that_is_too_small_says_what_is_needed() {
    let size = (50, 10);
    let text = Screen::of(&two_am(size, ""), size).text();
    assert_eq!(text.trim(), "terminal 50x10, enipilot needs 60x20");
}

#[test]
fn the_story_the_sky_and_the_next_key_are_on_the_first_screen() {
    let text = Screen::of(&two_am(FLOOR, ""), FLOOR).text();
    for wanted in [
        "SIM two-am",
        "LOST 00:13",
        "IMPAIRED",
        "db-service",
        "f fail over",
    ] {
        assert!(text.contains(wanted), "{wanted} is missing:\n{text}");
    }
}

#[test]
fn a_live_account_names_itself_on_every_screen() {
    for (name, model) in scenes::all(FLOOR) {
        let model = scenes::live(model, false);
        let text = Screen::with(&model, FLOOR, &plain(false)).text();
        let header = text.lines().next().unwrap_or_default();
        for wanted in [
            "LIVE READ-ONLY",
            "111122223333",
            "us-east-1",
            "prod",
            "ENDPOINT",
            "127.0.0.1:5000",
        ] {
            assert!(
                header.contains(wanted),
                "{name}: {wanted} is missing: {header}"
            );
        }
    }
}

/// Taking up an operation asks for the same consent as beginning one, and never without leave.
#[test]
fn what_was_left_open_is_taken_up_after_one_consent() {
    let press = |model: &mut Model, keys: &str| {
        let mut effects = Vec::new();
        for c in keys.chars() {
            let key = if c == '\n' { Key::Enter } else { Key::Char(c) };
            let new = update(model, Msg::Key(key));
            scenes::look_around(model, &new, &Surroundings::default());
            let looks = |effect: &Effect| matches!(effect, Effect::LookAround(..));
            effects.extend(new.into_iter().filter(|effect| !looks(effect)));
            update(model, Msg::Drawn);
        }
        effects
    };
    for (keys, goal) in [
        ("R", Goal::Target),
        ("P", Goal::Source),
        ("of", Goal::Target),
        ("op", Goal::Source),
    ] {
        let mut model = scenes::left_open(FLOOR, None);
        // Enter alone does not agree, and neither does another id.
        assert_eq!(
            press(&mut model, &format!("{keys}\n03f9a2\n")),
            [],
            "{keys}"
        );
        update(&mut model, Msg::Key(Key::Backspace));
        let effects = press(&mut model, "1\n");
        let [
            Effect::Resume {
                op,
                goal: to,
                consent,
                fresh,
            },
        ] = &effects[..]
        else {
            panic!("{keys}: {effects:?}");
        };
        assert_eq!((&**op, *to, &*consent.typed), ("7f3a", goal, "03f9a1"));
        assert!(fresh.iter().all(|c| c.level != Level::Block));
        // Without leave to write, or while somebody is at work on it: a reason, and nothing else.
        let mut read_only = scenes::left_open(FLOOR, None);
        read_only.sky.writes = false;
        let mut held = scenes::left_open(FLOOR, Some("process 4711 on bastion-1"));
        held.listed.retain(|l| l.is_open());
        for mut model in [read_only, held] {
            assert_eq!(press(&mut model, keys), [], "{keys}");
            assert!(model.notice.is_some_and(|n| n.bad), "{keys}");
        }
    }
}

/// The place that the program runs at is judged before an operation is taken up, too: what would cut
/// it off is accepted by its name, or nothing happens.
#[test]
fn taking_up_is_judged_by_the_place_it_is_done_from() {
    let mut model = scenes::left_open(FLOOR, None);
    let effects = update(&mut model, Msg::Key(Key::Char('P')));
    let [Effect::LookAround(plan, moving)] = &effects[..] else {
        panic!("{effects:?}");
    };
    let here = Surroundings {
        session_to: Some(moving[0]),
        ..Surroundings::default()
    };
    // Until somebody has looked, nothing that is typed counts.
    update(&mut model, Msg::Drawn);
    let screen = Screen::of(&model, FLOOR).text();
    assert!(screen.contains("looking at the place"), "{screen}");
    let press = |model: &mut Model, keys: &str| {
        let mut effects = Vec::new();
        for c in keys.chars() {
            let key = if c == '\n' { Key::Enter } else { Key::Char(c) };
            effects.extend(update(model, Msg::Key(key)));
            update(model, Msg::Drawn);
        }
        effects
    };
    assert_eq!(press(&mut model, "03f9a1\n"), []);
    update(
        &mut model,
        Msg::Surroundings(Arc::clone(plan), Box::new(here)),
    );
    let screen = Screen::of(&model, FLOOR).text();
    assert!(screen.contains("own-session"), "{screen}");
    // An Enter too many accepts nothing.
    let mut other = model.clone();
    assert_eq!(press(&mut other, "\n"), []);
    assert_eq!(other.layer(), None);
    assert_eq!(press(&mut model, "j\n"), []);
    let effects = press(&mut model, "03f9a1\n");
    let [Effect::Resume { fresh, .. }] = &effects[..] else {
        panic!("{effects:?}");
    };
    let accepted = fresh.iter().find(|c| c.id == "own-session").unwrap();
    assert_eq!(accepted.level, Level::Warn);
    assert!(accepted.finding.starts_with("accepted: "));
}

/// No layer panics at any size, and none lets anything through that drives a terminal.
#[test]
fn no_size_panics() {
    let models = scenes::all(FLOOR);
    let (mono, ascii) = (plain(false), plain(true));
    for (width, height) in [
        (1, 1),
        (2, 1),
        (1, 2),
        (3, 3),
        (10, 5),
        (20, 20),
        (59, 20),
        (60, 19),
        (60, 20),
        (61, 21),
        (79, 23),
        (80, 20),
        (80, 25),
        (99, 24),
        (100, 24),
        (109, 20),
        (110, 20),
        (111, 24),
        (140, 40),
        (60, 100),
        (200, 21),
        (300, 60),
        (500, 200),
    ] {
        for (n, (name, model)) in models.iter().enumerate() {
            let mut model = model.clone();
            update(&mut model, Msg::Resize(width, height));
            // The largest screens are slow to paint: every fifth model there.
            if u32::from(width) * u32::from(height) > 10_000 && n % 5 > 0 {
                continue;
            }
            let look = if n % 2 == 0 { &mono } else { &ascii };
            let screen = Screen::with(&model, (width, height), look);
            for cell in &screen.0.content {
                let hostile = cell.symbol().chars().any(is_hidden);
                assert!(!hostile, "{name} {width}x{height}: {:?}", cell.symbol());
                let ascii_only = n % 2 == 0 || cell.symbol().is_ascii();
                assert!(ascii_only, "{name} {width}x{height}: {:?}", cell.symbol());
            }
        }
    }
}

/// Sixty characters with everything in them that must not reach a terminal.
const HOSTILE: &str = "\u{202e}evil\u{1b}[31m\u{1b}]52;c;aGk=\u{7}\nname\u{200b}\u{2066}שלום\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{e0041}\t東京\u{9b}31m\u{2028}end of the name.";

fn hostile(model: &Model) -> Model {
    let mut model = model.clone();
    let mut world = World::clone(&model.world);
    let name = |tags: &mut Vec<Tag>| {
        tags.retain(|t| &*t.key != "Name");
        for key in ["Name", HOSTILE] {
            tags.push(Tag {
                key: key.into(),
                value: HOSTILE.into(),
            });
        }
    };
    for id in world.enis().map(|e| e.id.clone()).collect::<Vec<_>>() {
        world.edit_eni(&id, |eni| {
            name(&mut eni.tag_set);
            eni.description = HOSTILE.into();
            eni.interface_type = HOSTILE.into();
            for group in &mut eni.groups {
                group.group_name = HOSTILE.into();
            }
        });
    }
    for id in world.instances().map(|i| i.id.clone()).collect::<Vec<_>>() {
        world.edit_instance(&id, |i| {
            name(&mut i.tags);
            i.instance_type = HOSTILE.into();
            i.state = HOSTILE.into();
        });
    }
    for id in world.subnets().map(|s| s.id.clone()).collect::<Vec<_>>() {
        world.edit_subnet(&id, |s| name(&mut s.tags));
    }
    model.world = Arc::new(world);
    for strip in &mut model.strips {
        strip.client = HOSTILE.into();
        strip.service = HOSTILE.into();
    }
    for line in &mut model.feed.lines {
        line.text = HOSTILE.into();
    }
    model.sky.endpoint = Some(HOSTILE.into());
    let world = Arc::clone(&model.world);
    model.tree.load(&world);
    model
}

/// What the painters themselves let through: the last sweep would put a `?` in its place.
#[test]
fn hostile_names_are_made_visible_everywhere() {
    assert!(HOSTILE.chars().count() >= 60);
    for size in [FLOOR, WIDE] {
        for (name, model) in scenes::all(size) {
            let model = hostile(&model);
            let screen = Screen::of(&model, size);
            for cell in &screen.0.content {
                assert!(
                    !cell.symbol().chars().any(is_hidden),
                    "{name}: {:?}",
                    cell.symbol()
                );
                let marks = cell.symbol().chars().count();
                assert!(marks <= 5, "{name}: {:?}", cell.symbol());
            }
            let text = screen.text();
            assert!(
                text.contains("<202E>evil"),
                "{name} hides what it was given:\n{text}"
            );
            let ascii = Screen::with(&model, size, &plain(true)).text();
            assert!(ascii.is_ascii(), "{name}:\n{ascii}");
        }
    }
}

/// Without colours every state still looks different from every other.
#[test]
fn states_differ_without_colours() {
    let look = plain(false);
    let base = two_am(FLOOR, "");
    let mut frames: BTreeMap<String, String> = BTreeMap::new();
    let mut check = |name: String, edit: &dyn Fn(&mut World)| {
        let mut model = base.clone();
        let mut world = World::clone(&model.world);
        edit(&mut world);
        model.world = Arc::new(world);
        // Only the tree: the panel names states in words anyway.
        let screen = Screen::with(&model, FLOOR, &look).snapshot();
        let tree: String = screen
            .lines()
            .map(|line| line.chars().take(41).chain(['\n']).collect::<String>())
            .collect();
        if let Some(other) = frames.insert(tree, name.clone()) {
            panic!("{name} looks like {other}");
        }
    };
    for status in ["attaching", "attached", "detaching"] {
        check(format!("attachment {status}"), &|world| {
            world.edit_eni(&ENI.into(), |eni| {
                let attachment = eni.attachment.as_mut().unwrap();
                attachment.status = AttachmentStatus::from(status);
            });
        });
    }
    for status in ["available", "pending"] {
        check(format!("interface {status}"), &|world| {
            world.edit_eni(&ENI.into(), |eni| {
                eni.attachment = None;
                eni.status = EniStatus::from(status);
            });
        });
    }
    for state in [
        "pending",
        "shutting-down",
        "terminated",
        "stopping",
        "stopped",
    ] {
        check(format!("instance {state}"), &|world| {
            world.edit_instance(&PRIMARY.into(), |i| i.state = InstanceState::from(state));
        });
    }
    check("instance running".into(), &|world| {
        world.edit_instance(&PRIMARY.into(), |i| {
            i.instance_status = CheckStatus::Ok;
            i.system_status = CheckStatus::Ok;
        });
    });
}

/// Each value of the world file's interface stands in the panel, whatever its field is called.
#[test]
fn the_panel_shows_every_field() {
    let text = include_str!("../worlds/every-field.toml");
    let size = (200, 60);
    let mut model = scenes::stage("every-field.toml", text, size)
        .model()
        .clone();
    let mut seen = String::new();
    for scroll in (0..400).step_by(20) {
        model.panel_scroll = scroll;
        seen.push_str(&Screen::of(&model, size).text());
    }
    let own = text.split("[eni.every]").nth(1).unwrap_or_default();
    // Keys of the file that are names of other things, not values that EC2 answers.
    let local = ["\"s\"", "\"holder\"", "\"two\"", "\"one\"", "\"every\""];
    let mut values = 0;
    for value in own.split('"').skip(1).step_by(2) {
        if local.contains(&format!("\"{value}\"").as_str()) {
            continue;
        }
        assert!(seen.contains(value), "{value} is nowhere in the panel");
        values += 1;
    }
    for value in [
        "sg-0f000000000000003",
        "group-two",
        "2024-02-29T12:34:56.789Z",
        "3601",
        "121",
        "41",
        "i-0f000000000000005",
        "euw1-az3",
        "vpc-0f000000000000001",
        "AttachmentId",
        "EnaQueueCount",
        "7",
        "EnaSrdUdpEnabled",
        "IsPrimaryIpv6",
        "HiddenByDefault",
        "DenyAllIgwTraffic",
        "Ipv6Native",
        "DeviceIndex",
        "NetworkCardIndex",
    ] {
        assert!(seen.contains(value), "{value} is nowhere in the panel");
    }
    assert!(values > 35, "only {values} values were looked for");
}

/// What each `j` from the first row to the last one writes, panel included.
fn bytes_a_move(model: &mut Model, look: &Look, size: Size) -> Vec<usize> {
    let mut canvas = Canvas::new(size);
    canvas.frame(false, |frame| view(frame, model, look));
    let mut moves = Vec::new();
    for _ in 1..model.tree.rows.len() {
        update(model, Msg::Key(Key::Char('j')));
        let bytes = canvas.frame(false, |frame| view(frame, model, look)).len();
        println!("{bytes:5} B to {:?}", model.tree.selected);
        moves.push(bytes);
    }
    moves.sort_unstable();
    moves
}

#[test]
fn a_cursor_move_is_cheap_on_a_slow_line() {
    let mut model = two_am(WIDE, "");
    model.tree.open_all();
    model.tree.first();
    let moves = bytes_a_move(&mut model, &colour(), WIDE);
    let median = moves[moves.len() / 2];
    println!(
        "{} moves at 120x40: median {median} B, most {} B",
        moves.len(),
        moves.last().unwrap_or(&0)
    );
    assert!(moves.len() > 20, "the world is too small to tell");
    assert!(median <= 1_200, "{median} bytes a move: {moves:?}");
}

#[test]
fn who_cannot_finish_is_told_where_else_it_could_go() {
    let model = scenes::place_taken(FLOOR);
    let text = &model.notice.as_ref().unwrap().text;
    for part in [
        "is at device index 1 of db-standby",
        "index 2, 3, 4 is free there",
        "`enipilot ops resume 7f3a` has the commands",
        "P puts it back",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}
