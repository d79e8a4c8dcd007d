//! The moments that are painted: models of the default world, and flights made by hand, so that a
//! screen can be shown without flying to it.

use std::sync::Arc;
use std::time::Duration;

use enipilot::app::effect::Effect;
use enipilot::app::layer::{Asks, Consent, Layer, Text};
use enipilot::app::model::{Freshness, Model, Notice};
use enipilot::app::msg::{Key, Msg};
use enipilot::app::operations::Listed;
use enipilot::app::served::{Exchange, Served};
use enipilot::app::tree::Node;
use enipilot::app::update::update;
use enipilot::app::walk::Walk;
use enipilot::ec2::eni::{AttachmentStatus, EniStatus};
use enipilot::ec2::gap::{self, Gap};
use enipilot::ec2::resource::{CheckStatus, InstanceState};
use enipilot::ec2::sample::{Reply, Sample};
use enipilot::ec2::time::Time;
use enipilot::ec2::world::World;
use enipilot::failover::agreement::Agreement;
use enipilot::failover::engine::Known;
use enipilot::failover::facts::Mark;
use enipilot::failover::ops::{Kept, Told};
use enipilot::failover::plan::Plan;
use enipilot::failover::resume::Operation;
use enipilot::failover::sky::{Kind, Sky};
use enipilot::failover::status::{Command, Ending, Made, Question, Status, StepState, StepStatus};
use enipilot::failover::surroundings::Surroundings;
use enipilot::runtime::stage::Stage;
use enipilot::sim::Sim;
use enipilot::sim::worldfile::EMBEDDED;

pub const ENI: &str = "eni-0c1d52aa7be03f9a1";
pub const PRIMARY: &str = "i-0d1a2b3c4d5e6f701";
pub const STANDBY: &str = "i-0d1a2b3c4d5e6f702";
pub const BASTION: &str = "i-0d1a2b3c4d5e6f703";
pub const SUBNET: &str = "subnet-0aa11bb22cc33dd44";
pub const VPC: &str = "vpc-0a5e1c2b3d4f50617";

pub type Size = (u16, u16);

/// A simulator on a world file.
pub fn stage(name: &str, text: &str, size: Size) -> Stage {
    let sim = Sim::load(name, text, 1).unwrap();
    let world = sim.world();
    let sky = Sky::sim(sim.name(), &world.account, &world.region);
    let mut stage = Stage::new(sim, sky);
    stage.msg(enipilot::app::msg::Msg::Resize(size.0, size.1));
    stage
}

/// The default world as the program opens it, after these keys.
pub fn two_am(size: Size, keys: &str) -> Model {
    let (_, text) = EMBEDDED.iter().find(|(n, _)| *n == "two-am").unwrap();
    let mut stage = stage("two-am.toml", text, size);
    type_into(&mut stage, keys);
    stage.model().clone()
}

/// A served world that two clients have asked, after these keys.
fn served(size: Size, keys: &str) -> Model {
    let mut model = two_am(size, "");
    let exports = [
        "# enipilot simulates two-am; Ctrl-C ends it",
        "export AWS_ENDPOINT_URL=http://127.0.0.1:41927",
        "export AWS_ACCESS_KEY_ID=AKIAEXAMPLEEXAMPLE00",
    ];
    let exports = exports.map(str::to_owned).into();
    let endpoint = "http://127.0.0.1:41927";
    model.served = Some(Served::new(endpoint, "AKIAEXAMPLEEXAMPLE00", exports));
    let ask = |caller: &str, action: &str, about: &str, code: Option<&str>| Exchange {
        at: model.now,
        caller: caller.into(),
        action: action.into(),
        about: about.into(),
        code: code.map(Into::into),
    };
    let mut list = vec![ask(
        "Boto3",
        "DetachNetworkInterface",
        "eni-attach-0b7e5c21d09f1a338",
        None,
    )];
    list.resize(12, ask("Boto3", "DescribeNetworkInterfaces", ENI, None));
    let refusal = Some("AttachmentLimitExceeded");
    list.push(ask("aws-cli", "AttachNetworkInterface", ENI, refusal));
    let (skipped, undoable) = (0, 1);
    update(
        &mut model,
        Msg::Exchanged {
            list,
            skipped,
            undoable,
        },
    );
    update(&mut model, Msg::ClientsActive(true));
    for key in keys.chars() {
        update(&mut model, Msg::Key(Key::Char(key)));
    }
    model
}

/// The cursor on a node.
pub fn on(size: Size, node: Node) -> Model {
    let mut model = two_am(size, "");
    assert!(model.tree.select(&node), "{node:?}");
    model
}

/// The cursor on the first interface that a service owns.
pub fn service(size: Size) -> Model {
    let model = two_am(size, "");
    let outline = model.tree.outline();
    let group = outline.find(&Node::Managed(SUBNET.into())).unwrap();
    let node = outline.item(group + 1).unwrap().node.clone();
    on(size, node)
}

/// The service's interface lies in its subnet, attached to nothing; the cursor on it or its group.
pub fn loose(size: Size, on_group: bool) -> Model {
    let mut model = two_am(size, "");
    edited(&mut model, |world| {
        world.edit_eni(&ENI.into(), |eni| {
            eni.attachment = None;
            eni.status = EniStatus::Available;
        });
    });
    let world = Arc::clone(&model.world);
    model.tree.load(&world);
    if on_group {
        assert!(model.tree.select(&Node::Unattached(SUBNET.into())));
    }
    model
}

/// A snapshot of an account in the simulator.
pub fn rehearsal(size: Size) -> Model {
    let mut model = two_am(size, "");
    model.sky.kind = Kind::Rehearsal;
    model.sky.name = "2026-03-11T09:30:00.000Z".into();
    model
}

/// The same model over a live account.
pub fn live(mut model: Model, writes: bool) -> Model {
    model.sky = Sky {
        kind: Kind::Live,
        name: "".into(),
        profile: Some("prod".into()),
        endpoint: Some("http://127.0.0.1:5000".into()),
        writes,
        ..model.sky
    };
    model.clock = None;
    model.strips.clear();
    model
}

pub fn with_layer(mut model: Model, layer: Layer) -> Model {
    model.layers.push(layer);
    model
}

pub fn stale(size: Size) -> Model {
    let mut model = live(two_am(size, ""), false);
    model.freshness = Freshness::Stale {
        since: model.now - Duration::from_secs(42),
        cause: "DescribeNetworkInterfaces: the endpoint http://127.0.0.1:5000 refused the connection (os error 111); is it running?".into(),
    };
    model
}

/// A live account whose Elastic IPs, route tables, groups and status checks may not be described.
pub fn gaps(size: Size) -> Model {
    let mut model = live(two_am(size, ""), false);
    let full = Arc::clone(&model.world);
    let mut world = World::new(&*full.region, &*full.account);
    full.vpcs().for_each(|r| world.put_vpc((**r).clone()));
    full.subnets().for_each(|r| world.put_subnet((**r).clone()));
    for instance in full.instances() {
        let mut unchecked = (**instance).clone();
        if unchecked.state == InstanceState::Running {
            unchecked.system_status = CheckStatus::Initializing;
            unchecked.instance_status = CheckStatus::Initializing;
        }
        world.put_instance(unchecked);
    }
    full.enis().for_each(|r| world.put_eni((**r).clone()));
    for kind in [
        gap::Kind::Addresses,
        gap::Kind::RouteTables,
        gap::Kind::SecurityGroups,
        gap::Kind::StatusChecks,
    ] {
        let code = "UnauthorizedOperation".into();
        world.put_gap(Gap { kind, code });
    }
    polled(&mut model, Arc::new(world));
    model
}

/// A poll has brought this world.
pub fn polled(model: &mut Model, world: Arc<World>) {
    let generation = model.generation + 1;
    update(
        model,
        Msg::World {
            generation,
            world,
            complete: true,
        },
    );
}

pub fn refused(size: Size) -> Model {
    let mut model = two_am(size, "");
    model.notice = Some(Notice {
        text: "db-primary's interface at index 0 is its primary one and can never be detached (OperationNotPermitted)".into(),
        bad: true,
    });
    model
}

/// A question of a call by hand: these keys, all settled, then those.
fn settled(size: Size, first: &str, then: &str) -> Model {
    let (_, text) = EMBEDDED.iter().find(|(n, _)| *n == "two-am").unwrap();
    let mut stage = stage("two-am.toml", text, size);
    type_into(&mut stage, first);
    stage.settle();
    type_into(&mut stage, then);
    stage.model().clone()
}

fn type_into(stage: &mut Stage, keys: &str) {
    for c in keys.chars() {
        stage.key(match c {
            '\n' => Key::Enter,
            '\t' => Key::Down,
            '\u{1b}' => Key::Esc,
            c => Key::Char(c),
        });
    }
}

pub fn text(size: Size) -> Model {
    let line = "The address travelled with the interface, so no client had to learn anything new.";
    with_layer(
        two_am(size, ""),
        Layer::Text(Text {
            title: "why it worked".into(),
            lines: std::iter::repeat_n(line.to_owned(), 40).collect(),
            scroll: 3,
        }),
    )
}

fn plan(size: Size) -> Model {
    let model = two_am(size, "f\n");
    assert!(model.walk.is_some(), "the first candidate is ready");
    model
}

pub fn consent(size: Size, typed: &str, force: bool) -> Model {
    let asks = if force {
        Asks::Force("Forcing may leave the old instance with a network that is broken until it is restarted, and its metadata may go on naming the interface.".into())
    } else {
        Asks::Plan
    };
    let expected = if force { "force db-primary" } else { "03f9a1" };
    with_layer(
        live(plan(size), true),
        Layer::Consent(Consent {
            asks,
            typed: typed.into(),
            expected: expected.into(),
            armed: true,
        }),
    )
}

/// A status of the plan in which nothing has begun.
fn status(model: &Model) -> Status {
    let walk: &Walk = model.walk.as_ref().unwrap();
    Status {
        op: "7f3a".into(),
        plan: Arc::clone(&walk.plan),
        steps: walk.plan.steps.iter().map(StepStatus::todo).collect(),
        back: Vec::new(),
        current: 0,
        paused: false,
        critical: false,
        putting_back: false,
        question: None,
        notes: Vec::new(),
        seen: Vec::new(),
        absences: Vec::new(),
        after: None,
        calls: Vec::new(),
        attachment_id: None,
        began: None,
        ending: None,
        ended: None,
    }
}

fn done(step: &mut StepStatus, began: Time, took: u64, answer: Option<&str>) {
    step.state = StepState::Done;
    step.began = Some(began);
    step.ended = Some(began + Duration::from_millis(took));
    step.answer = answer.map(Into::into);
    step.answered_in = answer.map(|_| Duration::from_millis(210));
    step.request_id = answer.map(|_| "7b3e90c1-0000-4000-8000-1234567890ab".into());
    for row in &mut step.rows {
        row.now = Some(row.forecast.clone());
        row.mark = Mark::Tick;
    }
}

fn edited(model: &mut Model, edit: impl FnOnce(&mut World)) {
    let mut world = World::clone(&model.world);
    edit(&mut world);
    model.world = Arc::new(world);
}

/// The detach is accepted; EC2 says detaching.
pub fn detaching(size: Size) -> Model {
    let mut model = plan(size);
    let began = model.now;
    let mut status = status(&model);
    status.steps[0].state = StepState::Skipped;
    done(&mut status.steps[1], began, 210, Some("accepted"));
    status.steps[2].state = StepState::Doing;
    status.steps[2].began = Some(began + Duration::from_millis(210));
    for row in &mut status.steps[2].rows {
        let same = row.before == row.forecast;
        row.mark = if same { Mark::Tick } else { Mark::Open };
        row.now = Some(row.before.clone());
        if *row.label == *"attachment" {
            row.now = Some("detaching".into());
        }
    }
    status.current = 2;
    status.critical = true;
    status.began = Some(began);
    status.calls.push(Made {
        at: began,
        call: status.plan.steps[1].call.clone().unwrap(),
        answer: Some("accepted".into()),
        answered_in: Some(Duration::from_millis(210)),
        request_id: Some("7b3e90c1".into()),
    });
    model.now = began + Duration::from_millis(2_610);
    edited(&mut model, |world| {
        world.edit_eni(&ENI.into(), |eni| {
            let attachment = eni.attachment.as_mut().unwrap();
            attachment.status = AttachmentStatus::Detaching;
        });
    });
    model.walk.as_mut().unwrap().status = Some(Box::new(status));
    model
}

fn with_status(mut model: Model, edit: impl FnOnce(&mut Status)) -> Model {
    let walk = model.walk.as_mut().unwrap();
    edit(walk.status.as_mut().unwrap());
    model
}

/// Nobody holds the interface.
pub fn unattached(size: Size) -> Model {
    let mut model = detaching(size);
    let at = model.now;
    edited(&mut model, |world| {
        world.edit_eni(&ENI.into(), |eni| {
            eni.attachment = None;
            eni.status = EniStatus::Available;
        });
    });
    with_status(model, |status| {
        done(&mut status.steps[2], at, 2_900, None);
        status.current = 3;
        status.paused = true;
    })
}

/// A route that did not follow.
pub fn mismatch(size: Size) -> Model {
    with_status(unattached(size), |status| {
        let row = status.steps[2]
            .rows
            .iter_mut()
            .find(|r| r.label.starts_with("route"))
            .unwrap();
        row.now = Some("active".into());
        row.mark = Mark::Mismatch(
            "The route is still active although nobody holds the interface: EC2's answer may be old. Look again; if it stays, something else holds the route.".into(),
        );
    })
}

/// The detach hangs; a person must decide.
pub fn question(size: Size) -> Model {
    with_status(detaching(size), |status| {
        status.question = Some(Question {
            text: "The detach was accepted 90 s ago and EC2 still says detaching. An impaired guest may never let go.".into(),
            choices: vec![
                (Command::WaitOn, "wait another 60 s; most slow detaches end within two minutes".into()),
                (Command::Force("".into()), "force it: asks for a phrase that names both lasting effects".into()),
            ],
        });
    })
}

/// On the target, verified.
pub fn summary(size: Size) -> Model {
    let mut model = plan(size);
    let began = model.now;
    let mut status = status(&model);
    status.steps[0].state = StepState::Skipped;
    let ms = |n| began + Duration::from_millis(n);
    done(&mut status.steps[1], ms(0), 210, Some("accepted"));
    done(&mut status.steps[2], ms(210), 2_690, None);
    done(&mut status.steps[3], ms(3_200), 180, Some("accepted"));
    done(&mut status.steps[4], ms(3_380), 1_220, None);
    done(&mut status.steps[5], ms(4_600), 100, None);
    status.current = 5;
    status.began = Some(began);
    status.ended = Some(ms(4_700));
    status.ending = Some(Ending::Done);
    status.attachment_id = Some("eni-attach-0f21c3d4e5a6b7089".into());
    model.now = ms(6_000);
    edited(&mut model, |world| {
        world.edit_eni(&ENI.into(), |eni| {
            let attachment = eni.attachment.as_mut().unwrap();
            attachment.instance_id = Some(STANDBY.into());
            attachment.attachment_id = "eni-attach-0f21c3d4e5a6b7089".into();
            attachment.attach_time = Some(ms(3_380));
        });
    });
    for strip in &mut model.strips {
        for n in 1..24 {
            let at = ms(n * 250);
            let reply = if n >= 19 {
                Reply::Answered(STANDBY.into())
            } else {
                Reply::Lost("nobody holds 10.0.1.50".into())
            };
            strip.push(Sample { at, reply });
        }
    }
    let world = Arc::clone(&model.world);
    model.tree.load(&world);
    model.walk.as_mut().unwrap().status = Some(Box::new(status));
    model
}

/// The program was killed after the detach; it is started again, with leave to write.
pub fn left_open(size: Size, holder: Option<&str>) -> Model {
    let mut model = live(plan(size), true);
    let plan = model.walk.take().unwrap().plan;
    model.layers.clear();
    let plan = Arc::new(Plan {
        sky: model.sky.clone(),
        ..Plan::clone(&plan)
    });
    let began = model.now;
    let call = plan.steps[1].call.clone().unwrap();
    let made = Made {
        at: began,
        call,
        answer: Some("accepted".into()),
        answered_in: Some(Duration::from_millis(210)),
        request_id: None,
    };
    let mut known = Known::default();
    known.detach.made = 1;
    known.detach.accepted = true;
    known.detach.answered = Some(began + Duration::from_millis(210));
    let operation = |op: &str, verdict: Option<(&str, &str)>, opened: Time| Operation {
        op: op.into(),
        plan: Arc::clone(&plan),
        consents: vec![Agreement {
            to: "plan".into(),
            words: "to the plan".into(),
            at: opened,
            how: "tui".into(),
        }],
        known: known.clone(),
        calls: vec![made.clone()],
        attachment_id: None,
        seen: Vec::new(),
        absences: Vec::new(),
        notes: Vec::new(),
        opened,
        last: opened + Duration::from_secs(3),
        next_seq: 7,
        verdict: verdict.map(|(a, b)| (a.into(), b.into())),
        torn: 0,
        retargeted: 0,
    };
    let earlier = began - Duration::from_secs(86_400);
    let done = Some(("done", "db-service is on db-primary, index 1"));
    let kept = |operation: Operation| Kept {
        op: operation.op.clone(),
        file: format!("{}.jsonl", operation.op),
        told: Told::Operation(Box::new(operation)),
        holder: holder.map(Into::into),
        replay: None,
    };
    let stored = vec![
        kept(operation("51c0", done, earlier)),
        kept(operation("7f3a", None, began)),
    ];
    model.now = began + Duration::from_secs(40);
    edited(&mut model, |world| {
        world.edit_eni(&ENI.into(), |eni| {
            eni.attachment = None;
            eni.status = EniStatus::Available;
        });
    });
    let world = Arc::clone(&model.world);
    model.tree.load(&world);
    update(&mut model, Msg::Operations(Arc::new(stored)));
    model
}

/// Somebody has taken the planned place meanwhile, and a person wants to finish.
pub fn place_taken(size: Size) -> Model {
    let mut model = left_open(size, None);
    edited(&mut model, |world| {
        let root = world.enis_of(&STANDBY.into())[0].clone();
        let mut other = enipilot::ec2::eni::Eni::clone(&root);
        other.id = "eni-0d1a2b3c4d5e60091".into();
        let held = other.attachment.as_mut().unwrap();
        held.device_index = 1;
        held.attachment_id = "eni-attach-0d1a2b3c4d5e60091".into();
        world.put_eni(other);
    });
    update(&mut model, Msg::Key(Key::Char('R')));
    model
}

/// The same, after these keys.
fn left_open_then(size: Size, keys: &str) -> Model {
    let mut model = left_open(size, None);
    for c in keys.chars() {
        let key = if c == '\n' { Key::Enter } else { Key::Char(c) };
        let effects = update(&mut model, Msg::Key(key));
        look_around(&mut model, &effects, &Surroundings::default());
    }
    update(&mut model, Msg::Drawn);
    model
}

/// The runtime looks around, and this is what it finds.
pub fn look_around(model: &mut Model, effects: &[Effect], here: &Surroundings) {
    for effect in effects {
        if let Effect::LookAround(plan, _) = effect {
            let here = Box::new(here.clone());
            update(model, Msg::Surroundings(Arc::clone(plan), here));
        }
    }
}

/// The program runs behind the interface that was left unattached.
fn left_open_here(size: Size) -> Model {
    let mut model = left_open(size, None);
    let effects = update(&mut model, Msg::Key(Key::Char('P')));
    let here = Surroundings {
        session_to: Some("10.0.1.50".parse().unwrap()),
        ..Surroundings::default()
    };
    look_around(&mut model, &effects, &here);
    model
}

/// Another process works on it.
fn held(size: Size) -> Model {
    let mut model = left_open(size, Some("process 4711 on bastion-1, since 02:00:13"));
    model.listed.retain(Listed::is_open);
    update(&mut model, Msg::Key(Key::Char('o')));
    model
}

/// The screen of a simulated world while an operation of an account is open.
fn left_open_elsewhere(size: Size) -> Model {
    let kept = left_open(size, None).listed;
    let kept = kept.into_iter().filter_map(|l| l.kept).collect();
    let mut model = two_am(size, "");
    update(&mut model, Msg::Operations(Arc::new(kept)));
    model
}

/// It was refused before its first call.
fn refused_flight(size: Size, why: &str) -> Model {
    let mut model = plan(size);
    let mut status = status(&model);
    status.ending = Some(Ending::Refused(why.to_owned()));
    status.ended = Some(model.now);
    model.walk.as_mut().unwrap().status = Some(Box::new(status));
    model
}

/// It ended otherwise.
pub fn ended(size: Size, ending: Ending) -> Model {
    with_status(unattached(size), |status| {
        status.notes.push((
            Time::from_millis(1_773_280_820_000),
            "EC2 throttled a look; waited 2 s".into(),
        ));
        status.ending = Some(ending);
    })
}

/// Every screen, by name.
pub fn all(size: Size) -> Vec<(&'static str, Model)> {
    let start = two_am(size, "");
    vec![
        ("start", start.clone()),
        ("vpc", on(size, Node::Vpc(VPC.into()))),
        ("subnet", on(size, Node::Subnet(SUBNET.into()))),
        ("instance", on(size, Node::Instance(BASTION.into()))),
        ("managed", on(size, Node::Managed(SUBNET.into()))),
        ("service-interface", service(size)),
        ("loose-interface", loose(size, false)),
        ("loose-group", loose(size, true)),
        ("rehearsal", rehearsal(size)),
        ("served", served(size, "")),
        ("served-exports", served(size, "E")),
        ("served-leave", served(size, "q")),
        ("address", on(size, Node::Address(ENI.into(), "10.0.1.50".parse().unwrap()))),
        ("filter", two_am(size, "/standby")),
        ("help", with_layer(start.clone(), Layer::Help { scroll: 0 })),
        ("palette", two_am(size, ":attach")),
        ("prompt", two_am(size, "d")),
        ("prompt-assign", two_am(size, "+")),
        ("prompt-assign-taken", two_am(size, "+10.0.1.11")),
        ("prompt-unassign", two_am(size, "-")),
        ("prompt-associate", two_am(size, "i")),
        ("prompt-associate-place", two_am(size, "i\t\n")),
        ("prompt-disassociate", two_am(size, "I")),
        ("prompt-launch", settled(size, "d\n", "L")),
        ("prompt-launch-name", settled(size, "d\n", "Lt3.mi\nweb")),
        ("prompt-groups", two_am(size, ":security groups\n\t\t\n")),
        ("prompt-check", two_am(size, ":source/dest\n")),
        ("prompt-termination", two_am(size, ":turn deleteon\n")),
        ("prompt-route", two_am(size, ":create a route\n10.99.0.0/16")),
        ("prompt-replace-route", two_am(size, ":replace a route\n")),
        ("prompt-delete-route", two_am(size, ":delete a route\n")),
        ("prompt-allocate", two_am(size, ":allocate\nnew")),
        ("prompt-release", two_am(size, ":release an\n")),
        ("prompt-resize", settled(size, "/standby\nS\n", ":type of the\nm5.x")),
        ("palette-all", two_am(size, ":")),
        ("filter-again", two_am(size, "/standby\n/")),
        ("refused", refused(size)),
        ("text", text(size)),
        ("candidates", two_am(size, "fj")),
        ("plan", plan(size)),
        ("preflight", with_layer(plan(size), Layer::Preflight { scroll: 0 })),
        ("detaching", detaching(size)),
        ("unattached", unattached(size)),
        ("mismatch", mismatch(size)),
        ("question", question(size)),
        ("consent", consent(size, "03f", false)),
        ("force", consent(size, "", true)),
        ("summary", summary(size)),
        (
            "needs-person",
            ended(
                size,
                Ending::NeedsPerson("eni-0c1d52aa7be03f9a1 is attached to nothing. Finish it: enipilot ops resume 7f3a --confirm eni-0c1d52aa7be03f9a1".into()),
            ),
        ),
        (
            "foreign-change",
            ended(size, Ending::ForeignChange("eni-0c1d52aa7be03f9a1 is attached to i-0d1a2b3c4d5e6f703 by eni-attach-0f893a2eefb32555e, which nobody here made".into())),
        ),
        (
            "locked",
            refused_flight(size, "eni-0c1d52aa7be03f9a1 is in the hands of operation 7f3a (process 4711 on bastion-1, since 2026-03-12T02:00:13.000Z): wait for it, or look at /home/ops/.local/state/enipilot/ops/111122223333-us-east-1-eni-0c1d52aa7be03f9a1.lock"),
        ),
        ("left-open", left_open(size, None)),
        ("left-open-elsewhere", left_open_elsewhere(size)),
        ("operations", left_open_then(size, "o")),
        ("operations-held", held(size)),
        ("operation-report", left_open_then(size, "o\n")),
        ("take-up", left_open_then(size, "R")),
        ("take-up-back", left_open_then(size, "P")),
        ("take-up-accept", left_open_here(size)),
        ("mechanism", two_am(size, "fm")),
        ("quit", with_layer(detaching(size), Layer::Quit)),
        ("stale-live", stale(size)),
        ("gaps-live", gaps(size)),
        ("live-read-only", live(start, false)),
    ]
}
