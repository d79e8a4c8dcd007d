//! Every lesson's solution, played to its end with keys on the stage; and each solution with one
//! command missing, which must not do.

use enipilot::app::msg::{Key, Msg};
use enipilot::app::school::School;
use enipilot::failover::sky::Sky;
use enipilot::lessons::goal::Goal;
use enipilot::lessons::progress::Progress;
use enipilot::lessons::{Lesson, Speech, course};
use enipilot::runtime::stage::{Outward, Stage};
use enipilot::sim::Sim;
use enipilot::tui::{Look, LookRequest, view};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::sync::Arc;
use std::time::Duration;

/// Times that the last hint of a lesson's steps is followed, at most: some skip a minute each.
const HINTS_MAX: usize = 40;
/// Characters of a hint: two rows of a small terminal, with its number before them.
const HINT_CHARS: usize = 135;

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
        speech: Speech::Keys,
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

/// What a terminal of 80x24 shows.
fn screen(stage: &Stage) -> String {
    let look = Look::choose(&LookRequest {
        locale: Some("C.UTF-8".into()),
        term: Some("xterm-256color".into()),
        ..LookRequest::default()
    })
    .unwrap();
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal
        .draw(|frame| view(frame, stage.model(), &look))
        .unwrap();
    terminal.backend().to_string()
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
        if play(&solved).calls() != lesson.best {
            let (calls, best) = (play(&solved).calls(), lesson.best);
            wrong.push(format!("{name}: {calls} calls, and `best` says {best}"));
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

/// What stands between backticks.
pub fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn the_last_hint_of_each_step_is_enough() {
    let lessons = course::lessons().unwrap();
    let mut wrong = Vec::new();
    for (at, lesson) in lessons.iter().enumerate() {
        let mut stage = stage(&lessons, at);
        for _ in 0..HINTS_MAX {
            let Some(step) = play(&stage).step() else {
                break;
            };
            let hint = step.hints(Speech::Keys).last().unwrap().clone();
            for keys in quoted(&hint) {
                run(&mut stage, &[&format!("keys {keys}"), "settle"]);
            }
        }
        if !play(&stage).is_done() {
            let (name, n) = (&lesson.name, play(&stage).number());
            let open: Vec<_> = play(&stage).goals().filter(|(_, met)| !met).collect();
            wrong.push(format!(
                "{name}: stuck in step {n}: {open:?}\n{}",
                screen(&stage)
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_small_terminal_shows_each_step_and_its_goals_whole() {
    let lessons = course::lessons().unwrap();
    let mut wrong = Vec::new();
    for lesson in &lessons {
        for (n, step) in lesson.steps.iter().enumerate() {
            // Every step stands first once.
            let mut alone = Lesson::clone(lesson);
            alone.steps = vec![step.clone()];
            let stage = stage(&[Arc::new(alone)], 0);
            let shown = screen(&stage);
            let head: Vec<&str> = shown.lines().skip(2).take(5).collect();
            let column = |from: usize, to: usize| {
                let part =
                    |line: &&str| line.chars().skip(from).take(to - from).collect::<String>();
                let text: Vec<String> = head.iter().map(part).collect();
                let words: Vec<String> = text
                    .iter()
                    .flat_map(|t| t.split_whitespace().map(str::to_owned))
                    .collect();
                words.join(" ")
            };
            let (left, right) = (column(1, 42), column(42, 81));
            let mut missing = Vec::new();
            if !left.contains(&step.text) {
                missing.push(step.text.clone());
            }
            let goals = step.goals.iter().map(Goal::words);
            missing.extend(goals.filter(|words| !right.contains(words.as_str())));
            let hints = step.hints.iter().chain(&step.typed);
            missing.extend(hints.filter(|h| h.chars().count() > HINT_CHARS).cloned());
            if !missing.is_empty() {
                wrong.push(format!("{} {}: {missing:?}\n{shown}", lesson.name, n + 1));
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
