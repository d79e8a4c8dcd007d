//! Key scripts: worlds played with keys on the stage, as data.
//!
//! One command a line (`tests/data/keys/*.txt`):
//! `world NAME` · `size 120x40` · `keys f enter "text"` · `settle` · `advance 5` (seconds) ·
//! `see TEXT` and `miss TEXT` (on the screen) · `holder ENI INSTANCE|nobody` · `clock runs|stands` ·
//! `copied TEXT` · `like-at-start` (the world is) · `address-like-at-start` (the interface is as it was at the start but for its
//! attachment's id and time).

use enipilot::app::msg::{Key, Msg};
use enipilot::failover::sky::Sky;
use enipilot::runtime::stage::{Outward, Stage};
use enipilot::sim::Sim;
use enipilot::sim::worldfile::EMBEDDED;
use enipilot::tui::{Look, LookRequest, view};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::time::Duration;

struct Play {
    stage: Stage,
    start: std::sync::Arc<enipilot::ec2::world::World>,
    size: (u16, u16),
    copied: Vec<String>,
}

impl Play {
    fn new(world: &str) -> Self {
        let (_, text) = EMBEDDED.iter().find(|(n, _)| *n == world).unwrap();
        let sim = Sim::load(&format!("{world}.toml"), text, 1).unwrap();
        let start = sim.world();
        let sky = Sky::sim(sim.name(), &start.account, &start.region);
        let mut play = Self {
            stage: Stage::new(sim, sky),
            start,
            size: (80, 24),
            copied: Vec::new(),
        };
        play.stage.msg(Msg::Resize(80, 24));
        play
    }

    fn screen(&self) -> String {
        let look = Look::choose(&LookRequest {
            locale: Some("C.UTF-8".into()),
            term: Some("xterm-256color".into()),
            ..LookRequest::default()
        })
        .unwrap();
        let mut terminal = Terminal::new(TestBackend::new(self.size.0, self.size.1)).unwrap();
        let model = self.stage.model();
        terminal.draw(|frame| view(frame, model, &look)).unwrap();
        terminal.backend().to_string()
    }

    fn press(&mut self, key: Key) {
        self.stage.key(key);
        for wish in self.stage.take_outbox() {
            if let Outward::Copy(text) = wish {
                self.copied.push(text.clone());
                self.stage.msg(Msg::Copied(text));
            }
        }
        self.stage.msg(Msg::Drawn);
    }

    fn holder(&self, eni: &str) -> String {
        let world = self.stage.sim().world();
        let eni = world.eni(&eni.into()).unwrap();
        eni.instance_id()
            .map_or_else(|| "nobody".to_owned(), ToString::to_string)
    }

    fn is_as_at_start(&self) -> bool {
        let id = self.stage.sim().focus().unwrap();
        let plain = |world: &enipilot::ec2::world::World| {
            let mut eni = (**world.eni(&id).unwrap()).clone();
            if let Some(attachment) = &mut eni.attachment {
                attachment.attachment_id = "eni-attach-any".into();
                attachment.attach_time = None;
            }
            eni
        };
        plain(&self.start) == plain(&self.stage.sim().world())
    }

    fn run(&mut self, command: &str, rest: &str) -> Result<(), String> {
        let ok = |good: bool| if good { Ok(()) } else { Err(self.screen()) };
        match command {
            "size" => {
                let (columns, rows) = rest.split_once('x').unwrap();
                self.size = (columns.parse().unwrap(), rows.parse().unwrap());
                self.stage.msg(Msg::Resize(self.size.0, self.size.1));
                Ok(())
            }
            "keys" => {
                for key in keys(rest) {
                    self.press(key);
                }
                Ok(())
            }
            "settle" => {
                self.stage.settle();
                Ok(())
            }
            "advance" => {
                let to = self.stage.now() + Duration::from_secs(rest.parse().unwrap());
                self.stage.advance(to);
                Ok(())
            }
            "see" => ok(self.screen().contains(rest)),
            "miss" => ok(!self.screen().contains(rest)),
            "holder" => {
                let (eni, expected) = rest.split_once(' ').unwrap();
                let holder = self.holder(eni);
                (holder == expected).then_some(()).ok_or(holder)
            }
            "clock" => ok(self.stage.runs() == (rest == "runs")),
            "copied" => ok(self.copied.last().is_some_and(|c| c.contains(rest))),
            "like-at-start" => ok(*self.start == *self.stage.sim().world()),
            "address-like-at-start" => ok(self.is_as_at_start()),
            other => Err(format!("unknown command {other}")),
        }
    }
}

/// Words are keys by name or single characters; quoted text is typed.
pub fn keys(text: &str) -> Vec<Key> {
    let mut keys = Vec::new();
    for (n, part) in text.split('"').enumerate() {
        if n % 2 == 1 {
            keys.extend(part.chars().map(Key::Char));
            continue;
        }
        keys.extend(part.split_whitespace().map(|word| match word {
            "enter" => Key::Enter,
            "esc" => Key::Esc,
            "space" => Key::Char(' '),
            "up" => Key::Up,
            "down" => Key::Down,
            "left" => Key::Left,
            "right" => Key::Right,
            "tab" => Key::Tab,
            "home" => Key::Home,
            "end" => Key::End,
            "pgup" => Key::PageUp,
            "pgdn" => Key::PageDown,
            _ => match word.strip_prefix("ctrl-") {
                Some(c) => Key::Ctrl(c.chars().next().unwrap()),
                None => {
                    assert_eq!(word.chars().count(), 1, "unknown key {word}");
                    Key::Char(word.chars().next().unwrap())
                }
            },
        }));
    }
    keys
}

fn play(name: &str) {
    let path = format!("{}/tests/data/keys/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap();
    let mut play: Option<Play> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
        if command == "world" {
            play = Some(Play::new(rest.trim()));
            continue;
        }
        let play = play.as_mut().unwrap();
        if let Err(found) = play.run(command, rest.trim()) {
            panic!("{path}:{number}: {line}\n{found}");
        }
    }
}

#[test]
fn two_am_to_its_end_and_back() {
    play("two-am");
}

#[test]
fn two_am_step_by_step() {
    play("two-am-steps");
}

#[test]
fn looking_changes_nothing() {
    play("looking");
}

#[test]
fn private_addresses_by_hand() {
    play("hand-addresses");
}

#[test]
fn elastic_ips_by_hand() {
    play("hand-elastic");
}

#[test]
fn launch_and_resize_by_hand() {
    play("hand-instances");
}

#[test]
fn groups_attributes_and_routes_by_hand() {
    play("hand-network");
}

#[test]
fn the_same_keys_give_the_same_history() {
    let run = || {
        let mut play = Play::new("two-am");
        for key in keys("f enter r") {
            play.press(key);
        }
        play.stage.settle();
        (play.screen(), play.stage.journal().to_vec())
    };
    assert_eq!(run(), run());
}
