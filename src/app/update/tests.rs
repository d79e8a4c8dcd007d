#![allow(clippy::unwrap_used)]

mod consents;
mod inventory;

use std::sync::Arc;

use super::*;
use crate::app::effect::Clock;
use crate::app::feed::Tone;
use crate::app::model::Freshness;
use crate::app::tests::{NOW, model, moved, pair};
use crate::app::tree::Node;
use crate::app::walk::Phase;
use crate::ec2::call::{Answer, Call};
use crate::ec2::error::ApiError;
use crate::failover::engine::Pace;
use crate::failover::plan::Plan;
use crate::failover::sky::Kind;
use crate::failover::status::{Command, Ending, Question, Status};
use crate::failover::surroundings::Surroundings;

/// Presses keys written as in the help: `f`, `enter`, `ctrl-c`; a word of several letters that
/// names no key is typed.
fn keys(model: &mut Model, script: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for word in script.split(' ') {
        let all = [
            Key::Enter,
            Key::Esc,
            Key::Up,
            Key::Down,
            Key::Backspace,
            Key::Char(' '),
            Key::Ctrl('c'),
            Key::Ctrl('w'),
        ];
        match all.into_iter().find(|k| keymap::name(*k) == word) {
            Some(key) => effects.extend(update(model, Msg::Key(key))),
            None => {
                for c in word.chars() {
                    effects.extend(update(model, Msg::Key(Key::Char(c))));
                }
            }
        }
    }
    effects
}

fn live(writes: bool) -> Model {
    let mut m = model(pair());
    m.sky.kind = Kind::Live;
    m.sky.writes = writes;
    m.clock = None;
    m
}

fn world(m: &mut Model, generation: u64, world: crate::ec2::world::World, complete: bool) {
    let world = Arc::new(world);
    update(
        m,
        Msg::World {
            generation,
            world,
            complete,
        },
    );
}

fn status(plan: &Arc<Plan>) -> Status {
    let engine = crate::failover::engine::Engine::new(Arc::clone(plan), "7f3a", 1);
    engine.status().clone()
}

/// Plans the first candidate's move on a live account, and says where the program runs.
fn planned_live(m: &mut Model, here: Surroundings) {
    let effects = keys(m, "f enter");
    let [Effect::LookAround(plan, _)] = &effects[..] else {
        panic!("{effects:?}");
    };
    let here = Msg::Surroundings(Arc::clone(plan), Box::new(here));
    assert_eq!(update(m, here), []);
}

/// Brings a model into flight and says in which state.
fn in_flight(m: &mut Model, edit: impl FnOnce(&mut Status)) {
    if m.walk.is_none() {
        keys(m, "f enter");
    }
    let walk = m.walk.as_mut().unwrap();
    walk.launched = true;
    let mut status = status(&walk.plan);
    edit(&mut status);
    update(m, Msg::Engine(Box::new(status)));
}

#[test]
fn the_way_to_the_walk() {
    let mut m = model(pair());
    assert_eq!(keys(&mut m, "f"), []);
    assert!(
        matches!(m.layer(), Some(Layer::Candidates(c)) if c.list[0].instance.as_str() == "i-b")
    );
    assert_eq!(keys(&mut m, "enter"), []);
    assert_eq!(m.walk.as_ref().unwrap().phase(), Phase::Plan);
    let effects = keys(&mut m, "n");
    let [Effect::Fly { pace, consent, .. }] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!((*pace, consent.how), (Pace::Step, "sim"));
    assert_eq!(consent.typed, "eni-service");
    // A second press before the engine's first word flies nothing twice.
    assert_eq!(keys(&mut m, "n r"), []);
    let launched = m.walk.as_ref().map(|w| w.phase());
    assert_eq!(launched, Some(Phase::Flight));
}

#[test]
fn leaving_the_plan_does_nothing() {
    let mut m = model(pair());
    assert_eq!(keys(&mut m, "f enter esc esc"), []);
    assert_eq!((m.walk.is_none(), m.layers.len()), (true, 0));
}

#[test]
fn what_cannot_move_says_why() {
    let mut m = model(pair());
    m.tree.select(&Node::Eni("eni-primary-a".into()));
    keys(&mut m, "f");
    let notice = m.notice.clone().unwrap();
    assert!(
        notice.bad && notice.text.contains("(OperationNotPermitted)"),
        "{notice:?}"
    );
    assert_eq!(m.layers, []);
}

#[test]
fn a_blocked_candidate_is_not_planned() {
    let mut m = model(pair());
    keys(&mut m, "f G enter");
    assert!(matches!(m.layer(), Some(Layer::Candidates(_))));
    assert!(m.notice.as_ref().unwrap().bad);
    assert_eq!(m.walk, None);
}

#[test]
fn questions_are_answered_only_by_what_they_offer() {
    let mut m = model(pair());
    in_flight(&mut m, |s| {
        s.critical = true;
        s.question = Some(Question {
            text: "the attach was refused".to_owned(),
            choices: vec![
                (Command::PutBack, "back".to_owned()),
                (Command::Finish, "again".to_owned()),
            ],
        });
    });
    assert_eq!(keys(&mut m, "w"), []);
    assert_eq!(keys(&mut m, "a"), []);
    assert_eq!(keys(&mut m, "p"), [Effect::Command(Command::PutBack)]);
    assert_eq!(keys(&mut m, "f"), [Effect::Command(Command::Finish)]);
    let footer: Vec<_> = keymap::available(&m).iter().map(|h| h.action).collect();
    assert_eq!(footer, [Action::Finish, Action::PutBack, Action::Palette]);
}

#[test]
fn force_asks_for_its_own_phrase() {
    let mut m = model(pair());
    in_flight(&mut m, |s| {
        s.question = Some(Question {
            text: "it hangs".to_owned(),
            choices: vec![(
                Command::Force("force it".to_owned()),
                "two effects".to_owned(),
            )],
        });
    });
    assert_eq!(keys(&mut m, "x"), []);
    update(&mut m, Msg::Drawn);
    for c in "force it".chars() {
        assert_eq!(update(&mut m, Msg::Key(Key::Char(c))), []);
    }
    let force = Command::Force("force it".to_owned());
    assert_eq!(keys(&mut m, "enter"), [Effect::Command(force)]);
}

#[test]
fn a_stop_of_the_source_asks_for_its_id() {
    let mut m = model(pair());
    in_flight(&mut m, |s| {
        s.question = Some(Question {
            text: "it hangs".to_owned(),
            choices: vec![(Command::Fence("i-0aa".to_owned()), "it ends".to_owned())],
        });
    });
    assert_eq!(keys(&mut m, "s"), []);
    update(&mut m, Msg::Drawn);
    assert_eq!(keys(&mut m, "y enter"), []);
    assert_eq!(keys(&mut m, "backspace"), []);
    for c in "i-0aa".chars() {
        assert_eq!(update(&mut m, Msg::Key(Key::Char(c))), []);
    }
    let fence = Command::Fence("i-0aa".to_owned());
    assert_eq!(keys(&mut m, "enter"), [Effect::Command(fence)]);
}

#[test]
fn nobody_leaves_between_two_instances() {
    let mut m = live(true);
    in_flight(&mut m, |s| s.critical = true);
    assert_eq!(keys(&mut m, "q ctrl-c ctrl-c"), []);
    assert_eq!(update(&mut m, Msg::Terminate("SIGTERM".to_owned())), []);
    assert!(m.notice.as_ref().unwrap().bad);
    let mut over = status(&m.walk.as_ref().unwrap().plan);
    over.ending = Some(Ending::Done);
    assert_eq!(update(&mut m, Msg::Engine(Box::new(over))), [Effect::Quit]);
}

#[test]
fn what_was_refused_while_it_flew_is_no_news_afterwards() {
    let mut m = live(true);
    in_flight(&mut m, |s| s.critical = true);
    assert_eq!(keys(&mut m, "q"), []);
    assert!(m.notice.as_ref().unwrap().bad);
    let mut over = status(&m.walk.as_ref().unwrap().plan);
    over.ending = Some(Ending::Done);
    // A key that was refused is not one that leaves later.
    assert_eq!(update(&mut m, Msg::Engine(Box::new(over))), []);
    assert_eq!(m.notice, None);
}

#[test]
fn leaving_before_the_detach_stops_first() {
    let mut m = live(true);
    in_flight(&mut m, |_| {});
    assert_eq!(keys(&mut m, "q"), []);
    assert_eq!(m.layer(), Some(&Layer::Quit));
    assert_eq!(keys(&mut m, "y"), [Effect::Command(Command::Abort)]);
    assert!(m.leaving.is_some());
}

#[test]
fn the_simulator_asks_and_lets_go() {
    let mut m = model(pair());
    assert_eq!(keys(&mut m, "q"), [Effect::Quit]);
    in_flight(&mut m, |s| s.critical = true);
    assert_eq!(keys(&mut m, "q esc q y"), [Effect::Quit]);
    let mut m = model(pair());
    in_flight(&mut m, |s| s.critical = true);
    let twice = keys(&mut m, "ctrl-c ctrl-c");
    assert_eq!(twice, [Effect::Command(Command::Abort), Effect::Quit]);
}

#[test]
fn by_hand_asks_what_exactly_and_submits_even_what_ec2_refuses() {
    let mut m = model(pair());
    m.tree.select(&Node::Eni("eni-primary-a".into()));
    let effects = keys(&mut m, "d enter");
    assert!(matches!(&effects[..], [Effect::Call(Call::DetachNetworkInterface(d))] if !d.force));
    m.tree.select(&Node::Eni("eni-spare".into()));
    let effects = keys(&mut m, "a enter");
    assert!(matches!(
        &effects[..],
        [Effect::Call(Call::AttachNetworkInterface(a))]
            if a.network_interface_id.as_str() == "eni-spare" && a.network_card_index == 0
    ));
    let effects = keys(&mut m, "n");
    assert_eq!(effects, []);
    update(&mut m, Msg::Paste("web 2".to_owned()));
    let effects = keys(&mut m, "enter");
    assert!(matches!(
        &effects[..],
        [Effect::Call(Call::CreateNetworkInterface(c))] if c.tags == [crate::ec2::resource::Tag::name("web 2")]
    ));
    assert_eq!(keys(&mut m, "s"), []);
    assert_eq!(m.notice.as_ref().unwrap().text, "select an instance first");
    m.tree.select(&Node::Instance("i-a".into()));
    let effects = keys(&mut m, "T enter");
    assert!(matches!(
        &effects[..],
        [Effect::Call(Call::TerminateInstances(_))]
    ));
    assert_eq!(keys(&mut m, "T down enter S esc"), []);
}

#[test]
fn by_hand_is_for_the_simulator() {
    let mut m = live(true);
    assert_eq!(keys(&mut m, "d x a n u"), []);
    assert_eq!(m.layers, []);
}

#[test]
fn an_accepted_call_lets_time_run_until_all_is_settled() {
    let mut m = model(pair());
    let call = Call::StopInstances(Call::instances(&"i-a".into()));
    let effects = update(&mut m, Msg::Called(call.clone(), Ok(Answer::default())));
    assert_eq!(effects, [Effect::Clock(Clock::Settle)]);
    assert_eq!(keys(&mut m, "u"), [Effect::Undo]);
    update(&mut m, Msg::Undone(Some(call)));
    assert_eq!(keys(&mut m, "u"), []);
}

#[test]
fn a_refused_call_is_explained() {
    let mut m = model(pair());
    let eni = m.world.eni(&"eni-primary-a".into()).unwrap();
    let attachment_id = eni.attachment.as_ref().unwrap().attachment_id.clone();
    let call = Call::DetachNetworkInterface(crate::ec2::call::Detach {
        attachment_id,
        force: false,
    });
    let error = ApiError::new(
        "OperationNotPermitted",
        "The network interface at device index 0 cannot be detached.",
    );
    assert_eq!(update(&mut m, Msg::Called(call, Err(error))), []);
    let notice = m.notice.clone().unwrap();
    assert!(
        notice.bad && notice.text.contains("(OperationNotPermitted)"),
        "{notice:?}"
    );
    let line = m.feed.lines.back().unwrap();
    assert_eq!(line.tone, Tone::Bad);
    assert!(
        line.text.contains("device index 0 cannot be detached"),
        "{line:?}"
    );
}

#[test]
fn space_asks_the_clock_and_the_runtime_answers() {
    let mut m = model(pair());
    assert_eq!(keys(&mut m, "space"), [Effect::Clock(Clock::Run)]);
    update(&mut m, Msg::ClockIs { running: true });
    assert_eq!(keys(&mut m, "space"), [Effect::Clock(Clock::Pause)]);
}

#[test]
fn copying_takes_the_whole_id() {
    let mut m = model(pair());
    assert_eq!(keys(&mut m, "y"), [Effect::Copy("eni-service".to_owned())]);
    assert_eq!(
        keys(&mut m, "l j y"),
        [Effect::Copy("10.0.1.50".to_owned())]
    );
}

#[test]
fn the_palette_does_what_it_lists() {
    let mut m = model(pair());
    keys(&mut m, ": fail");
    let effects = keys(&mut m, "enter");
    assert_eq!(effects, []);
    assert!(matches!(m.layer(), Some(Layer::Candidates(_))));
}

/// A flight that has ended, with a call that EC2 accepted.
fn ended(m: &mut Model, ending: Ending) {
    in_flight(m, |s| {
        s.began = Some(NOW);
        s.ended = Some(NOW + std::time::Duration::from_millis(4_800));
        s.ending = Some(ending);
        s.calls.push(crate::failover::status::Made {
            at: NOW,
            call: s.plan.calls().next().unwrap().clone(),
            answer: Some("accepted".to_owned()),
            answered_in: None,
            request_id: Some("7b3e90c1".into()),
        });
    });
}

#[test]
fn the_summary_is_copied_written_and_explained() {
    let mut m = model(pair());
    ended(&mut m, Ending::Done);
    assert_eq!(m.undoable, 1);
    let effects = keys(&mut m, "y w");
    let [Effect::Copy(summary), Effect::Write { name, text }] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert!(
        summary.starts_with("DONE: service (eni-service) is on b, index 1\n"),
        "{summary}"
    );
    assert!(
        summary.contains("moved: 10.0.1.50") && summary.contains("not touched: DNS"),
        "{summary}"
    );
    assert_eq!(name, "report-eni-service-20260312T020017Z.md");
    assert!(text.contains(": accepted |  | 7b3e90c1 |"), "{text}");
    keys(&mut m, "e");
    assert!(matches!(m.layer(), Some(Layer::Text(t)) if t.lines.len() > 3));
    keys(&mut m, "esc esc");
    assert_eq!((m.walk.is_none(), m.layers.len()), (true, 0));
}

#[test]
fn putting_back_is_a_plan_of_its_own() {
    let mut m = model(pair());
    ended(&mut m, Ending::Done);
    world(&mut m, 1, moved(), true);
    keys(&mut m, "p");
    let walk = m.walk.as_ref().unwrap();
    assert_eq!(
        (walk.phase(), walk.plan.intent.target.as_str()),
        (Phase::Plan, "i-a")
    );
    assert_eq!(walk.plan.undo_of.as_deref(), Some("7f3a"));
    assert!(matches!(&keys(&mut m, "r")[..], [Effect::Fly { .. }]));
}

#[test]
fn what_has_not_moved_cannot_be_put_back() {
    let mut m = model(pair());
    ended(&mut m, Ending::Aborted);
    assert_eq!(keys(&mut m, "p"), []);
    assert!(m.notice.as_ref().unwrap().bad);
    let footer = keymap::available(&m);
    assert!(footer.iter().all(|h| h.action != Action::PutBack));
}
