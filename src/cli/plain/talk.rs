//! One conversation: a line in, lines out, on the stage that the screen uses too.
//!
//! Invariants: everything that changes goes through the model's `update`; virtual time passes by
//! itself only until what was done has settled, a minute at most; a number means the list that was
//! told last, and nothing when that list has changed.

use std::path::PathBuf;
use std::time::Duration;

use super::menu::{Chosen, Menu, Offer, menu};
use super::past;
use super::tell::{Teller, goals, selected};
use super::word::{self, Target, Word};
use crate::app::action::Action;
use crate::app::keymap;
use crate::app::layer::Layer;
use crate::app::model::Model;
use crate::app::msg::{Key, Msg};
use crate::app::tree::Node;
use crate::app::walk::Phase;
use crate::cli::failure::Failure;
use crate::cli::find::{Found, find, find_eni, find_instance};
use crate::cli::suggest::nearest;
use crate::cli::{plan, show, tree};
use crate::ec2::shown::shown;
use crate::ec2::time::Time;
use crate::runtime::stage::{Outward, Stage};
use crate::store::{dir, progress, report};

/// Virtual time that passes by itself after a command, at most: what hangs must not hang the reader.
const SETTLE_MAX: Duration = Duration::from_secs(60);

/// Steps at one moment after which time is taken to be stuck.
const AT_ONCE_MAX: u32 = 10_000;

/// A conversation.
#[derive(Debug)]
pub(super) struct Talk {
    stage: Stage,
    state_dir: Option<PathBuf>,
    teller: Teller,
    /// The choices that were told last.
    told: Option<Menu>,
    over: bool,
}

/// Why a command did nothing; the rest of its line is dropped.
struct Stop(Vec<String>);

fn stop<T>(text: impl Into<String>) -> Result<T, Stop> {
    Err(Stop(vec![text.into()]))
}

impl Talk {
    /// On a stage; reports and progress go where `--state-dir` says.
    pub fn new(stage: Stage, state_dir: Option<PathBuf>) -> Self {
        Self {
            stage,
            state_dir,
            teller: Teller::default(),
            told: None,
            over: false,
        }
    }

    /// The person has left.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// A lesson is being played and has steps left: its name, this step, and how many there are.
    pub fn unfinished(&self) -> Option<(String, usize, usize)> {
        let school = self.model().school.as_ref()?;
        let play = school.play.as_ref().filter(|p| !p.is_done())?;
        let lesson = play.lesson();
        Some((lesson.name.clone(), play.number(), lesson.steps.len()))
    }

    fn model(&self) -> &Model {
        self.stage.model()
    }

    /// What is said before anything was typed.
    pub fn greeting(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.model().school.is_none() {
            lines.extend(tree::lines(&self.model().world, &self.model().sky));
        }
        self.after(&mut lines);
        lines.push(String::new());
        self.say_menu(&mut lines);
        lines
    }

    /// One line of input, which may hold several commands of the same moment.
    pub fn hear(&mut self, line: &str) -> Vec<String> {
        let mut lines = Vec::new();
        let lesson = self.lesson();
        let asked = self.model().layer().is_some();
        let commands = match asked {
            true => vec![line],
            false => word::commands(line),
        };
        for command in commands {
            match self.command(command, &mut lines) {
                Ok(()) => self.after_command(&mut lines),
                Err(Stop(why)) => {
                    self.after_command(&mut lines);
                    lines.extend(why);
                    break;
                }
            }
        }
        self.after(&mut lines);
        // Who is asked something, or begins anew, hears the choices.
        let changed = self.told.as_ref() != Some(&menu(self.model()));
        if changed && (self.model().layer().is_some() || self.lesson() != lesson) {
            self.say_menu(&mut lines);
        } else if changed {
            // The question is over; asked again it is told again.
            self.told = None;
        }
        lines
    }

    fn lesson(&self) -> Option<usize> {
        let school = self.model().school.as_ref()?;
        school.play.as_ref().map(|_| school.at)
    }

    fn say_menu(&mut self, lines: &mut Vec<String>) {
        let menu = menu(self.model());
        lines.extend(menu.lines());
        self.told = Some(menu);
    }

    fn command(&mut self, text: &str, lines: &mut Vec<String>) -> Result<(), Stop> {
        let open = self.model().layer().is_none();
        match word::parse(text, open) {
            Err(why) => return stop(why),
            Ok(Word::Menu) => self.say_menu(lines),
            Ok(Word::Number(n)) => self.number(n, text)?,
            Ok(Word::Look(what)) => self.look(what.as_deref(), lines)?,
            Ok(Word::Select(what)) => self.select(&what, Target::Nothing)?,
            Ok(Word::Goals) => lines.extend(goals(self.model())),
            Ok(Word::Wait(span)) => self.wait(span, lines),
            Ok(Word::Help) => lines.extend(super::help::lines(self.model())),
            Ok(Word::Quit) => self.over = true,
            Ok(Word::Do(action, rest)) => self.act(action, &rest)?,
            Ok(Word::Type(text)) => self.type_in(&text)?,
            Ok(Word::Text(text)) => self.answer(&text)?,
        }
        Ok(())
    }

    /// An action, on the resource that follows it if one does, and answers to its questions.
    fn act(&mut self, action: Action, rest: &[String]) -> Result<(), Stop> {
        let target = word::target_of(action);
        let mut rest = rest;
        let mut unknown = None;
        if let Some((first, others)) = rest.split_first()
            && target != Target::Nothing
        {
            match self.resolve(first, target) {
                Ok(node) => {
                    self.stage.msg(Msg::Select(node));
                    rest = others;
                }
                // It may be an answer, where something fitting is selected already.
                Err(why) if !self.fits(target) => return Err(why),
                Err(why) => unknown = Some(why),
            }
        }
        self.stage.msg(Msg::Act(action));
        for (n, answer) in rest.iter().enumerate() {
            if self.model().layer().is_none() {
                let more = rest.get(n..).unwrap_or_default().join(" ");
                let why = match &self.model().notice {
                    Some(notice) if notice.bad => return Ok(()),
                    _ => format!("`{more}` was not needed"),
                };
                return stop(why);
            }
            let answered = self.answer(answer);
            if answered.is_ok() || self.is_doubtful(answer) {
                answered?;
                unknown = None;
                continue;
            }
            // What was typed in one line is one command: nothing of it stays open.
            while matches!(
                self.model().layer(),
                Some(Layer::Prompt(_) | Layer::Candidates(_))
            ) {
                self.stage.msg(Msg::Act(Action::Close));
            }
            return unknown.map_or_else(|| stop(format!("`{answer}` fits nothing")), Err);
        }
        Ok(())
    }

    /// The answer fits more than one choice, and the question stays open for it.
    fn is_doubtful(&self, answer: &str) -> bool {
        match self.model().layer() {
            Some(Layer::Prompt(prompt)) => prompt.typed && prompt.input == answer,
            _ => false,
        }
    }

    /// What is selected is what the action is done to.
    fn fits(&self, target: Target) -> bool {
        match target {
            Target::Eni => self.model().selected_eni().is_some(),
            Target::Instance => matches!(self.model().selected(), Some(Node::Instance(_))),
            Target::Subnet => self.model().selected().is_some(),
            Target::Nothing => true,
        }
    }

    /// The row of the tree that a word means.
    fn resolve(&self, what: &str, target: Target) -> Result<Node, Stop> {
        let world = &self.model().world;
        let found = match target {
            Target::Eni => find_eni(world, what).map(Found::Eni),
            Target::Instance => find_instance(world, what).map(Found::Instance),
            Target::Subnet | Target::Nothing => find(world, what),
        };
        match found {
            Ok(Found::Eni(eni)) => Ok(Node::Eni(eni.id.clone())),
            Ok(Found::Instance(instance)) => Ok(Node::Instance(instance.id.clone())),
            Ok(Found::Subnet(subnet)) => Ok(Node::Subnet(subnet.id.clone())),
            Ok(Found::Vpc(vpc)) => Ok(Node::Vpc(vpc.id.clone())),
            Ok(other) => stop(format!("{what} is a {}: look shows it", other.kind())),
            Err(failure) => Err(not_found(&failure)),
        }
    }

    fn select(&mut self, what: &str, target: Target) -> Result<(), Stop> {
        if self.model().layer().is_some() {
            return stop("answer the question first, or `back`");
        }
        let node = self.resolve(what, target)?;
        self.stage.msg(Msg::Select(node));
        Ok(())
    }

    fn look(&self, what: Option<&str>, lines: &mut Vec<String>) -> Result<(), Stop> {
        let model = self.model();
        let Some(what) = what else {
            lines.extend(tree::lines(&model.world, &model.sky));
            lines.extend(selected(model));
            return Ok(());
        };
        let found = find(&model.world, what).map_err(|failure| not_found(&failure))?;
        let guest = match &found {
            // What a guest sees is known of the present alone.
            Found::Instance(instance) if model.looking().is_none() => {
                self.stage.sim().guest(&instance.id)
            }
            _ => None,
        };
        lines.extend(show::lines(&model.world, &found, guest.as_ref()));
        Ok(())
    }

    fn number(&mut self, n: usize, text: &str) -> Result<(), Stop> {
        let menu = menu(self.model());
        if menu.marked && !text.trim().starts_with('#') {
            return self.answer(text);
        }
        let Some(offer) = n.checked_sub(1).and_then(|n| menu.offers.get(n)).cloned() else {
            if menu.typed {
                return self.answer(text);
            }
            return stop(format!("there is no choice {n}; an empty line lists them"));
        };
        if self.told.as_ref() != Some(&menu) {
            let mut lines = vec!["These fit now; choose again.".to_owned()];
            self.say_menu(&mut lines);
            return Err(Stop(lines));
        }
        self.choose(&offer);
        Ok(())
    }

    fn choose(&mut self, offer: &Offer) {
        match offer.chosen {
            Chosen::Action(action) => self.stage.msg(Msg::Act(action)),
            Chosen::Line(line) => {
                let at = match self.model().layer() {
                    Some(Layer::Prompt(prompt)) => prompt.cursor,
                    Some(Layer::Candidates(list)) => list.cursor,
                    Some(Layer::Lessons(list)) => list.cursor,
                    _ => return,
                };
                let key = if line < at { Key::Up } else { Key::Down };
                for _ in 0..line.abs_diff(at) {
                    self.stage.key(key);
                }
                self.stage.key(Key::Enter);
            }
        }
    }

    /// Text where something is asked; where nothing is, it is no word.
    fn answer(&mut self, text: &str) -> Result<(), Stop> {
        let text = text.trim();
        let menu = menu(self.model());
        if self.model().layer().is_none() {
            return stop(unknown(text));
        }
        if let Some(Layer::Timeline(looking)) = self.model().layer() {
            if text == "list" {
                return Err(Stop(past::list(looking)));
            }
            if let Ok(number) = text.trim_start_matches('#').parse() {
                return self.go(number);
            }
        }
        let named: Vec<&Offer> = menu.offers.iter().filter(|o| same(&o.word, text)).collect();
        if let [offer] = named.as_slice() {
            let offer = (*offer).clone();
            self.choose(&offer);
            return Ok(());
        }
        if menu.typed {
            return self.type_in(text);
        }
        if let Some(action) = self.key(text) {
            self.stage.msg(Msg::Act(action));
            return Ok(());
        }
        let begins = |o: &&Offer| plain(&o.word).starts_with(&plain(text));
        let begun: Vec<&Offer> = menu.offers.iter().filter(begins).collect();
        if let ([offer], false) = (begun.as_slice(), text.is_empty()) {
            let offer = (*offer).clone();
            self.choose(&offer);
            return Ok(());
        }
        // After the end of a failover everything else may go on.
        let over = self.model().walk.as_ref().map(|w| w.phase()) == Some(Phase::Summary);
        let letter = text.chars().count() == 1;
        if let (true, false, Ok(Word::Do(action, rest))) = (over, letter, word::parse(text, true)) {
            self.stage.msg(Msg::Act(Action::Close));
            return self.act(action, &rest);
        }
        let mut lines = vec![match word::parse(text, true) {
            Ok(Word::Do(..)) => format!("`{text}` works after `back`; asked for now is:"),
            _ => format!("`{text}` fits nothing here:"),
        }];
        self.say_menu(&mut lines);
        Err(Stop(lines))
    }

    /// To the change with this number, while one looks back.
    fn go(&mut self, number: usize) -> Result<(), Stop> {
        let looking = self.model().looking();
        let Some(way) = looking.and_then(|looking| past::way(looking, number)) else {
            return stop(format!(
                "there is no change {number}; `list` tells those around here"
            ));
        };
        for action in way {
            self.stage.msg(Msg::Act(action));
        }
        Ok(())
    }

    /// The action of a single letter in the layer that is open, as on the screen.
    fn key(&self, text: &str) -> Option<Action> {
        let mut letters = text.chars();
        let (Some(letter), None) = (letters.next(), letters.next()) else {
            return None;
        };
        let action = keymap::own(keymap::scope(self.model()), Key::Char(letter))?;
        (!matches!(
            action,
            Action::Up | Action::Down | Action::First | Action::Last
        ))
        .then_some(action)
    }

    /// Types an answer, and takes it if that leaves no doubt.
    fn type_in(&mut self, text: &str) -> Result<(), Stop> {
        match self.model().layer() {
            Some(Layer::Consent(_)) => {
                self.stage.key(Key::Ctrl('u'));
                text.chars().for_each(|c| self.stage.key(Key::Char(c)));
                self.stage.key(Key::Enter);
                return Ok(());
            }
            Some(Layer::Prompt(prompt)) if prompt.typed => {}
            _ => return stop("nothing is to be typed now"),
        }
        self.stage.key(Key::Ctrl('u'));
        self.stage.msg(Msg::Paste(text.to_owned()));
        let typed = menu(self.model());
        let exact: Vec<&Offer> = typed
            .offers
            .iter()
            .filter(|o| same(&o.word, text))
            .collect();
        let only = match (exact.as_slice(), typed.offers.as_slice()) {
            ([offer], _) => Some((*offer).clone()),
            ([], [offer]) => Some(offer.clone()),
            _ => None,
        };
        if let Some(offer) = only {
            self.choose(&offer);
            return Ok(());
        }
        if !typed.offers.is_empty() {
            let mut lines = vec![format!("Which one? `{text}` leaves:")];
            self.say_menu(&mut lines);
            return Err(Stop(lines));
        }
        self.stage.key(Key::Ctrl('u'));
        let mut lines = vec![format!("`{text}` fits nothing here:")];
        self.say_menu(&mut lines);
        Err(Stop(lines))
    }

    /// Reads and closes texts, does what the screen would do, tells what is new.
    fn after_command(&mut self, lines: &mut Vec<String>) {
        self.outbox(lines);
        self.read(lines);
        // What was told has been seen: a consent may be typed from here on.
        self.stage.msg(Msg::Drawn);
    }

    /// Lets everything settle, and tells it as it happens.
    fn after(&mut self, lines: &mut Vec<String>) {
        self.after_command(lines);
        self.tell(lines);
        let limit = self.stage.now() + SETTLE_MAX;
        let mut at_once = 0;
        while self.stage.runs() && self.stage.now() < limit && at_once < AT_ONCE_MAX {
            let Some(at) = self.stage.next_due() else {
                break;
            };
            let before = self.stage.now();
            self.stage.play(at.min(limit));
            at_once = if self.stage.now() > before {
                0
            } else {
                at_once + 1
            };
            self.moment(lines);
        }
        if self.stage.runs() {
            lines.push("Not settled after a minute; `wait 1m` lets more time pass.".to_owned());
        }
    }

    fn wait(&mut self, span: Duration, lines: &mut Vec<String>) {
        let to: Time = self.stage.now() + span;
        let mut at_once = 0;
        while self.stage.now() < to {
            let due = self.stage.next_due().filter(|at| *at < to);
            let before = self.stage.now();
            let stuck = at_once >= AT_ONCE_MAX;
            self.stage.advance(due.filter(|_| !stuck).unwrap_or(to));
            at_once = if self.stage.now() > before {
                0
            } else {
                at_once + 1
            };
            self.moment(lines);
        }
        lines.push(format!("It is {} now.", self.stage.now().clock()));
    }

    fn moment(&mut self, lines: &mut Vec<String>) {
        self.tell(lines);
        self.outbox(lines);
        self.read(lines);
    }

    fn tell(&mut self, lines: &mut Vec<String>) {
        lines.extend(self.teller.news(self.stage.model()));
    }

    /// Texts are read at once: what a screen shows until a key is pressed.
    fn read(&mut self, lines: &mut Vec<String>) {
        loop {
            let read = match self.model().layer() {
                Some(Layer::Text(text)) => {
                    let words = self.words().filter(|_| text.title == "solution");
                    let body = words.unwrap_or_else(|| text.lines.clone());
                    let mut read = vec![String::new(), text.title.clone()];
                    read.extend(body.iter().map(|l| shown(l).into_owned()));
                    read
                }
                Some(Layer::Preflight { .. }) => {
                    let walk = self.model().walk.as_ref();
                    walk.map_or_else(Vec::new, |w| plan::preflight_lines(&w.plan))
                }
                Some(Layer::Help { .. }) => super::help::lines(self.model()),
                Some(Layer::Filter { .. } | Layer::Palette { .. } | Layer::Operations { .. }) => {
                    Vec::new()
                }
                _ => return,
            };
            // A story comes before what happens in it.
            if !self.teller.is_new(self.model()) {
                self.tell(lines);
            }
            lines.extend(read);
            self.stage.key(Key::Esc);
        }
    }

    /// The lesson's solution in the words of this conversation.
    fn words(&self) -> Option<Vec<String>> {
        let school = self.model().school.as_ref()?;
        let words = &school.play.as_ref()?.lesson().words;
        (!words.is_empty()).then(|| words.iter().map(|w| format!("  {w}")).collect())
    }

    fn outbox(&mut self, lines: &mut Vec<String>) {
        for wish in self.stage.take_outbox() {
            match wish {
                Outward::Quit => self.over = true,
                // There is no clipboard: it is read instead.
                Outward::Copy(text) => lines.extend(text.lines().map(|l| shown(l).into_owned())),
                Outward::Write { name, text } => {
                    let written = self.write(&name, &text);
                    self.stage.msg(Msg::Written(written));
                }
                Outward::Keep(kept) => {
                    let root = dir::locate(self.state_dir.as_deref());
                    let root = root.and_then(|root| dir::StateDir::open(&root));
                    if let Err(why) = root.and_then(|dir| progress::write(&dir, &kept)) {
                        lines.push(format!("Progress is not kept: {why}"));
                    }
                }
                Outward::Suspend | Outward::Repaint => {}
            }
        }
    }

    fn write(&self, name: &str, text: &str) -> Result<String, String> {
        let root = dir::locate(self.state_dir.as_deref());
        let dir = root.and_then(|root| dir::StateDir::open(&root));
        let path = dir.and_then(|dir| report::write(&dir, name, text));
        path.map(|p| p.display().to_string())
            .map_err(|e| e.to_string())
    }
}

/// Why nothing was found, in the words of this conversation.
fn not_found(failure: &Failure) -> Stop {
    let lines = failure.lines().into_iter();
    let here = |line: String| {
        let line = line.trim_start_matches("enipilot: ");
        line.replace("`enipilot tree`", "`look`")
    };
    Stop(lines.map(here).collect())
}

/// Letters and digits alone, lower case: `next step` is `next-step`.
fn plain(text: &str) -> String {
    let kept = text.chars().filter(|c| c.is_alphanumeric() || *c == '.');
    kept.flat_map(char::to_lowercase).collect()
}

fn same(word: &str, text: &str) -> bool {
    word == text || (!plain(text).is_empty() && plain(word) == plain(text))
}

fn unknown(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or_default();
    let near = nearest(&first.to_lowercase(), word::known());
    let near = near.map_or_else(String::new, |n| format!(" Did you mean `{n}`?"));
    format!(
        "`{}` is no word here.{near} An empty line lists what fits, ? every word.",
        shown(text)
    )
}
