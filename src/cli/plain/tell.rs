//! What has happened since it was told last: feed, EC2's answers, clients, goals, the walk.
//!
//! Invariants: everything is told once; nothing is told that the model does not hold; telling
//! changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{past, walk};
use crate::app::feed::story::{eni_name, instance_name};
use crate::app::layer::Text;
use crate::app::model::Model;
use crate::app::tree::Node;
use crate::app::walk::Phase;
use crate::cli::progress::Progress;
use crate::ec2::sample::Reply;
use crate::ec2::shown::shown;
use crate::ec2::time::Time;
use crate::failover::plan::Plan;
use crate::failover::status::Status;
use crate::lessons::play::Play;

/// What was told so far.
#[derive(Debug, Default)]
pub(super) struct Teller {
    lesson: Option<(usize, String)>,
    feed: u64,
    said: Option<Text>,
    notice: Option<String>,
    clients: BTreeMap<String, String>,
    step: Option<usize>,
    selected: Option<Node>,
    plan: Option<Arc<Plan>>,
    op: Option<String>,
    progress: Progress,
    phase: Option<Phase>,
    mismatches: BTreeSet<String>,
    next: Option<usize>,
    past: Option<(usize, Time)>,
}

impl Teller {
    /// What is new.
    pub fn news(&mut self, model: &Model) -> Vec<String> {
        let mut lines = Vec::new();
        self.world(model);
        self.answers(model, &mut lines);
        self.feed(model, &mut lines);
        self.flight(model, &mut lines);
        if self.past(model, &mut lines) {
            // What follows is told of the present alone.
            return lines;
        }
        self.clients(model, &mut lines);
        self.selection(model, &mut lines);
        self.step(model, &mut lines);
        lines
    }

    /// Nothing of this world was told yet.
    pub fn is_new(&self, model: &Model) -> bool {
        let badge = model.sky.badge();
        let here = model.school.as_ref().map(|s| (s.at, badge));
        here != self.lesson || model.feed.told < self.feed
    }

    /// In another lesson's world nothing was told yet.
    fn world(&mut self, model: &Model) {
        if self.is_new(model) {
            *self = Self {
                lesson: model.school.as_ref().map(|s| (s.at, model.sky.badge())),
                ..Self::default()
            };
        }
    }

    /// EC2's answer in full, or the program's own no.
    fn answers(&mut self, model: &Model, lines: &mut Vec<String>) {
        if model.said != self.said {
            self.said = model.said.clone();
            let said = self.said.iter().flat_map(|t| t.lines.iter());
            let said = said.filter(|line| !line.is_empty());
            lines.extend(said.map(|line| shown(line).into_owned()));
            self.notice = model.notice.as_ref().map(|n| n.text.clone());
            return;
        }
        let notice = model.notice.as_ref().map(|n| n.text.clone());
        if notice != self.notice {
            lines.extend(notice.iter().map(|n| shown(n).into_owned()));
            self.notice = notice;
        }
    }

    fn feed(&mut self, model: &Model, lines: &mut Vec<String>) {
        let new = usize::try_from(model.feed.told - self.feed).unwrap_or(usize::MAX);
        self.feed = model.feed.told;
        let old = model.feed.lines.len().saturating_sub(new);
        for line in model.feed.lines.iter().skip(old) {
            // EC2's answers were told in full.
            let answered =
                line.text.starts_with("accepted: ") || line.text.starts_with("EC2 refused ");
            let notice = self.notice.as_deref() == Some(&line.text);
            if !answered && !notice {
                lines.push(format!("{}  {}", line.at.clock(), shown(&line.text)));
            }
        }
    }

    /// Plan, steps, question, summary.
    fn flight(&mut self, model: &Model, lines: &mut Vec<String>) {
        let Some(walk) = &model.walk else {
            self.plan = None;
            self.phase = None;
            return;
        };
        if walk.status.is_none() && self.plan.as_ref() != Some(&walk.plan) {
            self.plan = Some(Arc::clone(&walk.plan));
            lines.extend(walk::plan(&walk.plan));
        }
        if let Some(status) = walk.status.as_deref() {
            if self.op.as_deref() != Some(&*status.op) {
                self.op = Some(status.op.to_string());
                self.progress = Progress::default();
                self.mismatches.clear();
            }
            let news = self.progress.news(status).into_iter();
            // The question stands above its answers.
            let news = news
                .map(|e| e.text)
                .filter(|t| !t.contains("a person would be asked"));
            lines.extend(news.map(|text| shown(&text).into_owned()));
            let mut differing = walk::mismatches(status);
            differing.retain(|line| self.mismatches.insert(line.clone()));
            lines.extend(differing);
            lines.extend(self.next(status));
        }
        let phase = walk.phase();
        if self.phase != Some(phase) && phase == Phase::Summary {
            lines.extend(walk::summary(model));
        }
        self.phase = Some(phase);
    }

    /// Stopped between two steps: the next one, with its call and forecast.
    fn next(&mut self, status: &Status) -> Vec<String> {
        let next = Some(status.current).filter(|_| status.paused);
        let told = std::mem::replace(&mut self.next, next);
        let Some(n) = next.filter(|_| told != next) else {
            return Vec::new();
        };
        let step = status.step(n);
        let ahead = step.map(|s| walk::step_ahead(n, status.steps.len(), s));
        let mut lines = vec!["Next:".to_owned()];
        lines.extend(ahead.unwrap_or_default());
        lines
    }

    /// Where one stands who looks back. True if somebody does.
    fn past(&mut self, model: &Model, lines: &mut Vec<String>) -> bool {
        let Some(looking) = model.looking() else {
            if self.past.take().is_some() {
                lines.push(format!("Back to now, {}.", model.now.clock()));
            }
            return false;
        };
        let here = Some(past::known(looking));
        if self.past.is_none() {
            lines.extend(past::list(looking));
        }
        if self.past != here {
            self.past = here;
            lines.extend(past::here(looking));
        }
        true
    }

    /// How each client's newest request ended, where that has changed.
    fn clients(&mut self, model: &Model, lines: &mut Vec<String>) {
        for strip in &model.strips {
            let Some(sample) = strip.samples.back() else {
                continue;
            };
            let mut now = match &sample.reply {
                Reply::Answered(id) => {
                    format!("answered by {}", instance_name(&model.world, id))
                }
                Reply::Reached(how) => format!("answered: {how}"),
                Reply::Lost(why) => format!("not answered: {why}"),
            };
            if let Some(rate) = strip.rate.filter(|_| !sample.reply.is_lost()) {
                now.push_str(&format!(", {} of {} Mbit/s", rate.got, rate.wanted));
            }
            let client = strip.client.to_string();
            if self.clients.get(&client) != Some(&now) {
                let text = format!("{}  {client}: {now}", sample.at.clock());
                lines.push(shown(&text).into_owned());
                self.clients.insert(client, now);
            }
        }
    }

    fn selection(&mut self, model: &Model, lines: &mut Vec<String>) {
        if self.selected.as_ref() != model.selected() {
            self.selected = model.selected().cloned();
            lines.extend(selected(model));
        }
    }

    fn step(&mut self, model: &Model, lines: &mut Vec<String>) {
        let play = model.school.as_ref().and_then(|s| s.play.as_ref());
        let step = play.filter(|p| !p.is_done()).map(Play::number);
        if step != self.step {
            self.step = step;
            lines.extend(goals(model));
        }
    }
}

/// What is selected, on one line.
pub(super) fn selected(model: &Model) -> Option<String> {
    let world = &model.world;
    let text = match model.selected()? {
        Node::Vpc(id) => format!("VPC {id}"),
        Node::Subnet(id) => format!("subnet {id}"),
        Node::Unattached(id) => format!("unattached interfaces of subnet {id}"),
        Node::Managed(id) => format!("service-managed interfaces of subnet {id}"),
        Node::Instance(id) => {
            let state = world.instance(id).map(|i| i.state.to_string());
            let name = both(&instance_name(world, id), id.as_str());
            format!("instance {name}, {}", state.unwrap_or_default())
        }
        Node::Eni(id) => {
            let status = world.eni(id).map(|e| e.status.to_string());
            let name = both(&eni_name(world, id), id.as_str());
            let place = world.eni(id).and_then(|e| e.instance_id());
            let place = place.map(|i| format!(" on {}", instance_name(world, i)));
            format!(
                "interface {name}, {}{}",
                status.unwrap_or_default(),
                place.unwrap_or_default()
            )
        }
        Node::Address(id, ip) => format!("address {ip} of {}", eni_name(world, id)),
    };
    Some(format!("Selected: {text}"))
}

/// Name and id, or the id alone.
fn both(name: &str, id: &str) -> String {
    match name == id {
        true => id.to_owned(),
        false => format!("{name} ({id})"),
    }
}

/// Lesson, step, goals with their state, count.
pub(super) fn goals(model: &Model) -> Vec<String> {
    let Some(school) = &model.school else {
        return vec!["No lesson is being played; every action works.".to_owned()];
    };
    let Some(play) = &school.play else {
        return vec!["Sandbox: every action works. `lessons` lists the course.".to_owned()];
    };
    let lesson = play.lesson();
    let Some(step) = play.step() else {
        return vec!["Every step is done: `next` goes on.".to_owned()];
    };
    let (steps, best) = (lesson.steps.len(), lesson.best);
    let (_, hints) = play.hints(school.speech);
    let mut lines = vec![
        String::new(),
        format!("Step {} of {steps}: {}", play.number(), step.text),
    ];
    lines.extend(play.goals().map(|(goal, met)| {
        let state = if met { "met " } else { "open" };
        format!("  goal, {state}: {}", goal.words())
    }));
    lines.push(format!(
        "  calls {}, best known {best}; hints {hints}",
        play.calls()
    ));
    lines.iter().map(|l| shown(l).into_owned()).collect()
}
