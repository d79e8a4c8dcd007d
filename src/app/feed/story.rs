//! What has changed between two worlds, in sentences that people understand.
//!
//! Invariants: made from the differences alone, so a poll, a person's call and a foreign change
//! read the same; one sentence for what belongs together (the five fields of an attachment); names
//! from outside are made harmless here.

use std::collections::BTreeMap;

use super::{Line, Tone};
use crate::app::tree::Node;
use crate::ec2::diff::{Changes, Difference, Subject};
use crate::ec2::eni::{Attachment, AttachmentStatus, Eni};
use crate::ec2::id::{AllocationId, EniId, InstanceId, RouteTableId};
use crate::ec2::shown::shown;
use crate::ec2::time::Time;
use crate::ec2::world::World;

/// Lines that one change of the world may add; the rest is counted.
pub const LINES_A_CHANGE_MAX: usize = 40;

/// The lines for what is different in the newer world.
pub fn lines(changes: &Changes, at: Time) -> Vec<Line> {
    let mut told = Story {
        before: changes.before,
        after: changes.after,
        at,
        lines: Vec::new(),
    };
    let mut differences = changes.differences().into_iter().peekable();
    while let Some(first) = differences.next() {
        let mut all = vec![first];
        while let Some(next) =
            differences.next_if(|d| all.first().is_some_and(|f| f.subject == d.subject))
        {
            all.push(next);
        }
        told.resource(&all);
    }
    let mut lines = told.lines;
    if lines.len() > LINES_A_CHANGE_MAX {
        let more = lines.len() - LINES_A_CHANGE_MAX;
        lines.truncate(LINES_A_CHANGE_MAX);
        lines.push(Line {
            at,
            text: format!("and {more} more changes"),
            tone: Tone::Plain,
            about: None,
        });
    }
    lines
}

/// The name of an interface for people: its tag `Name`, or its id.
pub fn eni_name(world: &World, id: &EniId) -> String {
    let eni = world.eni(id);
    let name = eni.and_then(|e| e.name()).unwrap_or(id.as_str());
    shown(name).into_owned()
}

/// The name of an instance for people: its tag `Name`, or its id.
pub fn instance_name(world: &World, id: &InstanceId) -> String {
    let instance = world.instance(id);
    let name = instance.and_then(|i| i.name()).unwrap_or(id.as_str());
    shown(name).into_owned()
}

struct Story<'a> {
    before: &'a World,
    after: &'a World,
    at: Time,
    lines: Vec<Line>,
}

/// The differences of one resource by field.
type Fields<'a> = BTreeMap<&'static str, &'a Difference>;

impl Story<'_> {
    fn say(&mut self, tone: Tone, text: String, about: &Node) {
        self.lines.push(Line {
            at: self.at,
            text,
            tone,
            about: Some(about.clone()),
        });
    }

    fn resource(&mut self, all: &[Difference]) {
        let Some(first) = all.first() else { return };
        let fields: Fields = all.iter().map(|d| (d.field, d)).collect();
        match &first.subject {
            Subject::Eni(id) => self.eni(id, &fields),
            Subject::Instance(id) => self.instance(id, &fields),
            Subject::Route(table, destination) => self.route(table, destination, &fields),
            Subject::Address(id) => self.address(id, &fields),
            // Free addresses follow from interfaces that come and go, and those are told.
            Subject::Subnet(_) => {}
        }
    }

    fn instance(&mut self, id: &InstanceId, fields: &Fields) {
        let about = Node::Instance(id.clone());
        if let Some(exists) = fields.get("exists") {
            let (world, what) = if exists.after.is_some() {
                (self.after, "is new")
            } else {
                (self.before, "is no longer listed")
            };
            let name = instance_name(world, id);
            return self.say(Tone::Plain, format!("{name}: {what}"), &about);
        }
        let name = instance_name(self.after, id);
        if let Some(state) = fields.get("State") {
            let tone = match state.after.as_deref() {
                Some("running") => Tone::Good,
                Some("shutting-down" | "terminated") => Tone::Bad,
                _ => Tone::Warn,
            };
            self.say(tone, format!("{name}: {}", arrow(state)), &about);
        }
        for (field, check) in [
            ("SystemStatus", "system status check"),
            ("InstanceStatus", "instance status check"),
        ] {
            let Some(status) = fields.get(field) else {
                continue;
            };
            // What a stop or a start does to the checks says nothing of its own.
            match (status.before.as_deref(), status.after.as_deref()) {
                (_, Some("impaired")) => {
                    self.say(Tone::Bad, format!("{name}: {check} failed"), &about);
                }
                (_, Some("ok")) => {
                    self.say(Tone::Good, format!("{name}: {check} passed"), &about);
                }
                _ => {}
            }
        }
        if let Some(kind) = fields.get("InstanceType") {
            self.say(Tone::Plain, format!("{name}: type {}", arrow(kind)), &about);
        }
        if let Some(named) = fields.get("Name") {
            self.say(
                Tone::Plain,
                format!("{id}: renamed, {}", arrow(named)),
                &about,
            );
        }
    }

    fn eni(&mut self, id: &EniId, fields: &Fields) {
        let about = Node::Eni(id.clone());
        if let Some(exists) = fields.get("exists") {
            return if exists.after.is_some() {
                let name = eni_name(self.after, id);
                let ip = self.after.eni(id).and_then(|e| e.primary_ip());
                let ip = ip.map(|ip| format!(" with {ip}")).unwrap_or_default();
                self.say(Tone::Plain, format!("{name}: created{ip}"), &about);
            } else {
                let name = eni_name(self.before, id);
                self.say(Tone::Warn, format!("{name}: deleted"), &about);
            };
        }
        let name = eni_name(self.after, id);
        if let (Some(before), Some(after)) = (self.before.eni(id), self.after.eni(id)) {
            self.attachment(&name, before, after, &about);
        }
        for (field, label) in [
            ("PrivateIpAddresses", "private addresses"),
            ("PublicIp", "public addresses"),
            ("Ipv6Addresses", "IPv6 addresses"),
            ("Groups", "security groups"),
            ("SourceDestCheck", "source/dest check"),
            ("Description", "description"),
            ("TagSet", "tags"),
        ] {
            if let Some(difference) = fields.get(field) {
                let text = format!("{name}: {label} {}", arrow(difference));
                self.say(Tone::Plain, text, &about);
            }
        }
    }

    fn attachment(&mut self, name: &str, before: &Eni, after: &Eni, about: &Node) {
        let (old, new) = (before.attachment.as_ref(), after.attachment.as_ref());
        let id = |a: Option<&Attachment>| a.map(|a| a.attachment_id.clone());
        let status = |a: Option<&Attachment>| a.map(|a| a.status.clone());
        let Some(new) = new else {
            if let Some(old) = old {
                let place = place(self.before, old);
                let text = format!("{name}: detached from {place}, now {}", after.status);
                self.say(Tone::Warn, text, about);
            } else if before.status != after.status {
                let text = format!("{name}: {} -> {}", before.status, after.status);
                self.say(Tone::Plain, text, about);
            }
            return;
        };
        let place = place(self.after, new);
        if id(old) != Some(new.attachment_id.clone()) || status(old) != Some(new.status.clone()) {
            let (tone, text) = match &new.status {
                AttachmentStatus::Attaching => (Tone::Warn, format!("attaching to {place}")),
                AttachmentStatus::Attached => (Tone::Good, format!("attached to {place}")),
                AttachmentStatus::Detaching => (Tone::Warn, format!("detaching from {place}")),
                AttachmentStatus::Detached | AttachmentStatus::Other(_) => {
                    (Tone::Warn, format!("{} at {place}", new.status))
                }
            };
            self.say(tone, format!("{name}: {text}"), about);
        } else if old.is_some_and(|old| old.delete_on_termination != new.delete_on_termination) {
            let on = if new.delete_on_termination {
                "on: terminating the instance deletes it"
            } else {
                "off: it survives its instance"
            };
            self.say(
                Tone::Plain,
                format!("{name}: DeleteOnTermination {on}"),
                about,
            );
        }
    }

    fn route(&mut self, table: &RouteTableId, destination: &str, fields: &Fields) {
        let targets = |world: &World| {
            let table = world.route_table(table)?;
            let route = table.routes.iter().find(|r| *r.destination == *destination);
            route?.network_interface_id.clone()
        };
        let (old, new) = (targets(self.before), targets(self.after));
        let about = new.as_ref().or(old.as_ref()).cloned().map(Node::Eni);
        let mut say = |tone, text: String| {
            self.lines.push(Line {
                at: self.at,
                text,
                tone,
                about: about.clone(),
            });
        };
        let route = format!("route {}", shown(destination));
        if let Some(state) = fields.get("State") {
            match (state.before.as_deref(), state.after.as_deref()) {
                (None, Some(now)) => say(Tone::Plain, format!("{route}: added, {now}")),
                (Some(_), None) => say(Tone::Warn, format!("{route}: removed from {table}")),
                (_, now) => {
                    let good = now == Some("active");
                    let tone = if good { Tone::Good } else { Tone::Bad };
                    say(tone, format!("{route}: {}", arrow(state)));
                }
            }
        } else if let Some(target) = fields.get("NetworkInterfaceId") {
            say(Tone::Warn, format!("{route}: target {}", arrow(target)));
        }
    }

    fn address(&mut self, id: &AllocationId, fields: &Fields) {
        let address = self.after.address(id).or_else(|| self.before.address(id));
        let Some(address) = address else { return };
        let about = fields
            .get("NetworkInterfaceId")
            .and_then(|d| d.after.as_deref().or(d.before.as_deref()))
            .map(|eni| Node::Eni(EniId::new(eni)));
        let text = if let Some(exists) = fields.get("exists") {
            Some(if exists.after.is_some() {
                "allocated".to_owned()
            } else {
                "released".to_owned()
            })
        } else {
            // The instance shown with it follows its interface, and that is told.
            fields
                .get("NetworkInterfaceId")
                .map(|d| match d.after.as_deref() {
                    Some(eni) => format!("now on {}", eni_name(self.after, &EniId::new(eni))),
                    None => "on no interface any more, still allocated".to_owned(),
                })
        };
        if let Some(text) = text {
            self.lines.push(Line {
                at: self.at,
                text: format!("EIP {}: {text}", address.public_ip),
                tone: Tone::Plain,
                about,
            });
        }
    }
}

/// `db-primary #1`; a card other than 0 is named.
fn place(world: &World, attachment: &Attachment) -> String {
    let holder = match &attachment.instance_id {
        Some(id) => instance_name(world, id),
        None => "a service".to_owned(),
    };
    let index = attachment.device_index;
    match attachment.network_card_index {
        0 => format!("{holder} #{index}"),
        card => format!("{holder} card {card} #{index}"),
    }
}

fn arrow(difference: &Difference) -> String {
    let side = |value: &Option<String>| match value.as_deref() {
        None | Some("") => "none".to_owned(),
        Some(value) => shown(value).into_owned(),
    };
    format!(
        "{} -> {}",
        side(&difference.before),
        side(&difference.after)
    )
}

#[cfg(test)]
mod tests;
