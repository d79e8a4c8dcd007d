//! What led to a stop, in one line.
//!
//! Invariant: says what was done or what ended; what is different because of it is told by the
//! difference of the two worlds (`app/feed/story`).

use crate::app::feed::story::{eni_name, instance_name};
use crate::app::feed::{Line, Tone};
use crate::ec2::call::Call;
use crate::ec2::sample::Reply;
use crate::ec2::shown::shown;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::rules::effect::Transition;
use crate::sim::faults::Fate;
use crate::sim::history::{Happened, Happening};
use crate::sim::scenario::{Change, Event};
use crate::sim::timeline::{Mark, Stop, Timeline, What};

/// Nothing yet.
pub(super) fn nothing(at: Time) -> Line {
    line(at, Tone::Plain, String::new())
}

fn line(at: Time, tone: Tone, text: String) -> Line {
    Line {
        at,
        text: shown(&text).into_owned(),
        tone,
        about: None,
    }
}

/// Where the worlds of two stops tell the same.
pub(super) fn no_difference(at: Time) -> Line {
    let text = "EC2 describes the same as before".to_owned();
    line(at, Tone::Plain, text)
}

/// What led to a stop.
pub fn what(timeline: &Timeline, at: usize, stop: &Stop) -> Line {
    let plain = |text: &str| (Tone::Plain, text.to_owned());
    let (tone, text) = match (timeline.mark(at).1, timeline.what(at)) {
        (Mark::Now, _) => plain("now: nothing has changed since"),
        (_, None) if timeline.first() > 0 => plain("what came before is no longer remembered"),
        (_, None) => plain("here it begins"),
        (_, Some(What::Turned { client, .. })) => turned(stop, *client),
        (_, Some(What::Happened(all))) => match all.first() {
            Some(first) => happened(first, stop, all.len() - 1),
            None => plain("EC2 and its guests went on by themselves"),
        },
    };
    line(stop.at, tone, text)
}

/// The luck of a client, after the newest request.
fn turned(stop: &Stop, client: usize) -> (Tone, String) {
    let Some(strip) = stop.strips.get(client) else {
        return (Tone::Plain, "a client's luck turned".to_owned());
    };
    let who = &strip.client;
    match strip.samples.back().map(|s| &s.reply) {
        Some(Reply::Lost(why)) => (Tone::Bad, format!("{who} is no longer answered: {why}")),
        Some(Reply::Answered(by)) => {
            let by = instance_name(&stop.world, by);
            (Tone::Good, format!("{who} is answered again, by {by}"))
        }
        _ => (Tone::Good, format!("{who} is answered again")),
    }
}

fn happened(happening: &Happening, stop: &Stop, more: usize) -> (Tone, String) {
    let (tone, mut text) = one(&happening.what, &stop.before, &stop.world);
    if more > 0 {
        text.push_str(&format!(", and {more} more"));
    }
    (tone, text)
}

/// What happened, in words of the worlds before and after it.
pub fn one(what: &Happened, before: &World, after: &World) -> (Tone, String) {
    match what {
        Happened::Called { by, call, answer } => {
            let who = by.as_ref().map_or(String::new(), |by| format!("{by}: "));
            let action = call.action();
            match answer {
                Ok(_) => (
                    Tone::Good,
                    format!("{who}{action} accepted:{}", parameters(call)),
                ),
                Err(error) => (
                    Tone::Bad,
                    format!("{who}{action} refused: {} ({})", error.message, error.code),
                ),
            }
        }
        Happened::Settled(transition) => (Tone::Plain, settled(transition, before, after)),
        Happened::GuestUp(eni, _) => {
            let name = eni_name(after, eni);
            let holder = after.eni(eni).and_then(|e| e.instance_id());
            let holder = holder.map_or("its guest".to_owned(), |id| instance_name(after, id));
            (Tone::Good, format!("{holder} sees {name} by now"))
        }
        Happened::Event(event) => (Tone::Warn, scripted(event, after)),
        Happened::Fault(fault, true) => (Tone::Warn, format!("trouble: {fault}")),
        Happened::Fault(fault, false) => (Tone::Plain, format!("trouble is over: {fault}")),
        Happened::Fate(action, fate) => (Tone::Warn, format!("{action} {}", astray(fate))),
    }
}

/// What a call is about, with a blank before each parameter.
fn parameters(call: &Call) -> String {
    let line = call.line();
    line.strip_prefix(call.action()).unwrap_or(&line).to_owned()
}

fn settled(transition: &Transition, before: &World, after: &World) -> String {
    match transition {
        Transition::EniAvailable(id) => format!("{} is available", eni_name(after, id)),
        Transition::Attached(id, _) => format!("{}: the attach is complete", eni_name(after, id)),
        Transition::Detached(id, _, false) => {
            format!("{}: the detach is complete", eni_name(after, id))
        }
        Transition::Detached(id, _, true) => {
            format!("{}: the forced detach is complete", eni_name(after, id))
        }
        Transition::Running(id) => format!("{} runs", instance_name(after, id)),
        Transition::ChecksPass(id) => {
            format!("{}: status checks are through", instance_name(after, id))
        }
        Transition::Stopped(id) => format!("{} has stopped", instance_name(after, id)),
        Transition::Terminated(id) => format!("{} is terminated", instance_name(before, id)),
        Transition::NatGatewayUp(id) => format!("{id} is through with its start"),
        Transition::NatGatewayGone(id) => format!("{id} is gone"),
        Transition::RoutesFollow(id) => {
            format!("routes notice where {} is", eni_name(after, id))
        }
    }
}

fn scripted(event: &Event, world: &World) -> String {
    match event {
        Event::Call { by, .. } => format!("{by} made a call"),
        Event::Outside { by, change } => format!("{by}: {}", outside(change)),
        Event::Impair(id) => format!("{}: a status check fails", instance_name(world, id)),
        Event::Recover(id) => format!("{}: status checks pass", instance_name(world, id)),
        Event::StopService(service, id) => {
            format!(
                "{service} no longer listens on {}",
                instance_name(world, id)
            )
        }
        Event::StartService(service, id) => {
            format!("{service} listens on {}", instance_name(world, id))
        }
        Event::Scale(name, to) => format!("{name} wants {to} interfaces a subnet"),
        Event::Release(eni) => format!("a service gives up {}", eni_name(world, eni)),
    }
}

/// A change that EC2 does not know of.
pub fn outside(change: &Change) -> String {
    match change {
        Change::Dns(name, ip) => format!("{name} is now {ip}"),
        Change::Firewall(client, ip) => format!("the firewall of {client} passes {ip}"),
    }
}

fn astray(fate: &Fate) -> String {
    match fate {
        Fate::Answered { .. } => "is answered late, or with what was".to_owned(),
        Fate::Twice { .. } => "arrives twice".to_owned(),
        Fate::Refused { error, .. } => format!("is refused on its way ({})", error.code),
        Fate::Lost => "is lost on its way".to_owned(),
        Fate::Unanswered => "is carried out, and the answer is lost".to_owned(),
        Fate::Late { .. } => "is on its way for long".to_owned(),
    }
}
