//! Every lesson's solution, played to its end with keys on the stage; and each solution with one
//! command missing, which must not do.

use enipilot::app::msg::{Key, Msg};
use enipilot::app::school::School;
use enipilot::failover::sky::Sky;
use enipilot::lessons::goal::Goal;
use enipilot::lessons::progress::Progress;
use enipilot::lessons::{Lesson, course};
use enipilot::runtime::stage::{Outward, Stage};
use enipilot::sim::Sim;
use std::sync::Arc;
use std::time::Duration;

fn stage(lessons: &[Arc<Lesson>], at: usize) -> Stage {
    let sim = Sim::load("empty.toml", course::world("empty").unwrap(), 1).unwrap();
    let world = sim.world();
    let sky = Sky::sim(sim.name(), &world.account, &world.region);
    let mut stage = Stage::new(sim, sky);
    stage.msg(Msg::Resize(80, 24));
    let school = School {
        course: lessons.to_vec().into(),
        at,
        play: None,
        progress: Progress::default(),
    };
    stage.enter_school(school, true);
    // The story is read and closed.
    stage.key(Key::Esc);
    stage.msg(Msg::Drawn);
    stage
}

fn play(stage: &Stage) -> &enipilot::lessons::Play {
    stage
        .model()
        .school
        .as_ref()
        .unwrap()
        .play
        .as_ref()
        .unwrap()
}

/// Plays lines of a solution; `keys …`, `settle`, `advance SECONDS`.
fn run(stage: &mut Stage, lines: &[&str]) {
    for line in lines {
        let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
        match command {
            "keys" => {
                for key in super::keys::keys(rest) {
                    stage.key(key);
                    for wish in stage.take_outbox() {
                        if let Outward::Write { name, .. } = wish {
                            stage.msg(Msg::Written(Ok(name)));
                        }
                    }
                    stage.msg(Msg::Drawn);
                }
            }
            "settle" => stage.settle(),
            "advance" => {
                let to = stage.now() + Duration::from_secs(rest.parse().unwrap());
                stage.advance(to);
            }
            other => panic!("unknown command {other}"),
        }
    }
}

#[test]
fn every_lesson_is_solved_by_its_solution_and_by_nothing_less() {
    let lessons = course::lessons().unwrap();
    let mut wrong = Vec::new();
    for (at, lesson) in lessons.iter().enumerate() {
        let name = &lesson.name;
        let mut idle = stage(&lessons, at);
        assert_eq!(
            idle.model().school.as_ref().unwrap().at,
            at,
            "{name}: no world"
        );
        run(&mut idle, &["settle", "advance 120"]);
        if play(&idle).number() > 1 {
            wrong.push(format!("{name}: its first step completes by itself"));
        }
        let whole: Vec<&str> = lesson.solution.iter().map(String::as_str).collect();
        let mut solved = stage(&lessons, at);
        run(&mut solved, &whole);
        if !play(&solved).is_done() {
            let open: Vec<_> = play(&solved)
                .goals()
                .filter(|(_, met)| !met)
                .map(|(goal, _)| goal.words())
                .collect();
            let n = play(&solved).number();
            wrong.push(format!("{name}: stuck in step {n}: {}", open.join("; ")));
            continue;
        }
        for (n, line) in whole
            .iter()
            .enumerate()
            .filter(|(_, l)| l.starts_with("keys"))
        {
            let mut less = whole.clone();
            less.remove(n);
            let mut stage = stage(&lessons, at);
            run(&mut stage, &less);
            if stage
                .model()
                .school
                .as_ref()
                .unwrap()
                .play
                .as_ref()
                .is_some_and(|p| p.is_done())
            {
                wrong.push(format!("{name}: also solved without `{line}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_course_stands_in_order_and_every_lesson_teaches_by_doing() {
    let lessons = course::lessons().unwrap();
    let mut before: Vec<&str> = Vec::new();
    for lesson in &lessons {
        let name = &lesson.name;
        for needed in &lesson.needs {
            assert!(before.contains(&needed.as_str()), "{name} needs {needed}");
        }
        assert!(!before.contains(&name.as_str()), "{name} twice");
        before.push(name);
        let sim = Sim::load(name, &lesson.world_text, 1).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(
            lesson.unknown_names(&sim.world()),
            Vec::<String>::new(),
            "{name}"
        );
        assert!(
            !lesson.story.is_empty() && !lesson.idea.is_empty(),
            "{name}"
        );
        let goals = lesson.steps.iter().flat_map(|s| &s.goals);
        let answers =
            goals.filter(|g| matches!(g, Goal::Refused(..) | Goal::Accepted(_) | Goal::Moved(..)));
        assert!(answers.count() > 0, "{name}: nothing that EC2 answers");
    }
}

#[test]
fn the_course_is_searched_by_its_words() {
    let lessons = course::lessons().unwrap();
    let mut stage = stage(&lessons, 0);
    run(&mut stage, &[r#"keys M / "ASKS the guest" enter"#]);
    let at = stage.model().school.as_ref().unwrap().at;
    assert_eq!(lessons[at].name, "hung-detach");
    // The search ends, and the eye stays on what was found.
    run(&mut stage, &[r#"keys esc M / "allowlist" down esc enter"#]);
    let at = stage.model().school.as_ref().unwrap().at;
    assert!(lessons[at].holds("allowlist"), "{}", lessons[at].name);
    run(
        &mut stage,
        &[r#"keys esc M / "no such words" enter esc esc"#],
    );
    assert_eq!(stage.model().school.as_ref().unwrap().at, at);
    assert!(stage.model().layers.is_empty());
}
