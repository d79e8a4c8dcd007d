//! What happens around the inventory: guests, services, clients, events, transitions under way.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use toml::Spanned;

use super::{Builder, Result};
use crate::ec2::call::{Attach, Call, Delete};
use crate::ec2::eni::{AttachmentStatus, EniStatus};
use crate::ec2::id::Str;
use crate::ec2::resource::InstanceState;
use crate::rules::effect::Transition;
use crate::sim::scenario::{Deed, Event, Guest, Scenario, Service};
use crate::sim::timings::Timings;
use crate::sim::worldfile::error::nearest;
use crate::sim::worldfile::schema;
use crate::sim::worldfile::value::{Ref, Spread};

/// The actions that the simulator knows.
const ACTIONS: &[&str] = &[
    "AttachNetworkInterface",
    "DetachNetworkInterface",
    "ModifyNetworkInterfaceAttribute",
    "CreateNetworkInterface",
    "DeleteNetworkInterface",
    "StartInstances",
    "StopInstances",
    "TerminateInstances",
];

impl Builder<'_> {
    pub(super) fn story(self) -> Result<Scenario> {
        let file = self.file;
        let focus = file.focus.as_ref();
        let focus = focus.map(|f| self.enis.find(self.source, f)).transpose()?;
        let mut prologue: Vec<_> = file
            .prologue
            .iter()
            .map(|line| (line.at.on_day_of(self.now), line.text.clone()))
            .collect();
        prologue.sort_by_key(|(at, _)| *at);
        let services = self.services()?;
        let mut events = Vec::new();
        for event in &file.event {
            events.push((event.at.get_ref().0, self.event(event, &services)?));
        }
        events.sort_by_key(|(at, _)| *at);
        Ok(Scenario {
            saved: None,
            name: file.name.clone(),
            about: file.about.clone(),
            now: self.now,
            focus,
            prologue,
            timings: timings(&file.timings),
            faults: self.faults()?,
            guests: self.guests(),
            managed: self.managed()?,
            names: self.names(),
            clients: self.clients(&services)?,
            services,
            events,
            under_way: self.under_way(),
            world: self.world,
        })
    }

    fn known_action(&self, action: &Spanned<String>) -> Result<()> {
        let text = action.get_ref().as_str();
        if ACTIONS.contains(&text) {
            return Ok(());
        }
        let hint = match nearest(text, ACTIONS.iter().copied()) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => String::new(),
        };
        Err(self.source.error(
            action.span(),
            format!("the action `{text}`"),
            format!("one of {}{hint}", ACTIONS.join(", ")),
        ))
    }

    fn guests(&self) -> BTreeMap<crate::ec2::id::InstanceId, Guest> {
        let mut guests = BTreeMap::new();
        for (name, instance) in &self.file.instance {
            let guest = Guest {
                delay: instance.guest_delay.map(|d| d.0),
                never_up: instance.guest_never_up,
                detach_hangs: instance.detach_hangs,
                answers_astray: instance.answers_astray,
            };
            if guest != Guest::default()
                && let Some(id) = self.instances.get(name)
            {
                guests.insert(id, guest);
            }
        }
        guests
    }

    fn services(&self) -> Result<BTreeMap<Str, Service>> {
        let mut services = BTreeMap::new();
        for (name, service) in &self.file.service {
            let on = service.on.iter();
            let on = on.map(|i| self.instances.find(self.source, i));
            let service = Service {
                port: service.port,
                on: on.collect::<Result<_>>()?,
            };
            services.insert(name.get_ref().as_str().into(), service);
        }
        Ok(services)
    }

    pub(super) fn service(&self, services: &BTreeMap<Str, Service>, named: &Ref) -> Result<Str> {
        let text = named.get_ref().as_str();
        if let Some((name, _)) = services.get_key_value(text) {
            return Ok(name.clone());
        }
        let hint = match nearest(text, services.keys().map(|k| &**k)) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => String::new(),
        };
        Err(self.source.error(
            named.span(),
            format!("there is no service `{text}`"),
            format!("the name of one of this file's [service.…] tables{hint}"),
        ))
    }

    fn event(&self, event: &schema::Event, services: &BTreeMap<Str, Service>) -> Result<Event> {
        let place = |r: &Ref| r.span();
        let all: Vec<Range<usize>> = [
            event.call.as_ref().map(|c| c.action.span()),
            event.impair.as_ref().map(place),
            event.recover.as_ref().map(place),
            event.dns.as_ref().map(|d| d.name.span()),
            event.firewall.as_ref().map(|f| f.client.span()),
            event.stop_service.as_ref().map(|s| s.service.span()),
            event.start_service.as_ref().map(|s| s.service.span()),
            event.scale.as_ref().map(|s| s.managed.span()),
        ]
        .into_iter()
        .flatten()
        .collect();
        if all.len() != 1 {
            let place = all.last().cloned().unwrap_or_else(|| event.at.span());
            let what = format!("an event with {} deeds", all.len());
            let expected = "one of `call`, `impair`, `recover`, `dns`, `firewall`, `stop_service`, `start_service`, `scale`";
            return Err(self.source.error(place, what, expected));
        }
        let instance = |r: &Ref| self.instances.find(self.source, r);
        if let Some(call) = &event.call {
            return Ok(Event::Call {
                by: event.by.as_str().into(),
                deed: self.deed(call)?,
            });
        }
        if let Some(id) = &event.impair {
            return Ok(Event::Impair(instance(id)?));
        }
        if let Some(id) = &event.recover {
            return Ok(Event::Recover(instance(id)?));
        }
        if let Some(change) = self.outside(event)? {
            let by = event.by.as_str().into();
            return Ok(Event::Outside { by, change });
        }
        if let Some(on) = &event.stop_service {
            let service = self.service(services, &on.service)?;
            return Ok(Event::StopService(service, instance(&on.instance)?));
        }
        if let Some(scale) = &event.scale {
            let managed = self.managed_named(&scale.managed)?;
            return Ok(Event::Scale(managed, scale.to));
        }
        match &event.start_service {
            Some(on) => {
                let service = self.service(services, &on.service)?;
                Ok(Event::StartService(service, instance(&on.instance)?))
            }
            // Counted above: one of the five is there.
            None => Err(self
                .source
                .error(event.at.span(), "an event without a deed", "one")),
        }
    }

    fn deed(&self, call: &schema::EventCall) -> Result<Deed> {
        self.known_action(&call.action)?;
        let action = call.action.get_ref().as_str();
        let missing = |what: &str| {
            self.source.error(
                call.action.span(),
                format!("`{action}` without `{what}`"),
                format!("`{what} = \"…\"` in the same table"),
            )
        };
        let eni = || match &call.eni {
            Some(eni) => self.enis.find(self.source, eni),
            None => Err(missing("eni")),
        };
        let instance = || match &call.instance {
            Some(instance) => self.instances.find(self.source, instance),
            None => Err(missing("instance")),
        };
        Ok(match action {
            "DetachNetworkInterface" => Deed::Detach {
                eni: eni()?,
                force: call.force,
            },
            "AttachNetworkInterface" => Deed::Call(Call::AttachNetworkInterface(Attach {
                network_interface_id: eni()?,
                instance_id: instance()?,
                device_index: call.device_index.ok_or_else(|| missing("device_index"))?,
                network_card_index: call.network_card_index,
            })),
            "DeleteNetworkInterface" => Deed::Call(Call::DeleteNetworkInterface(Delete {
                network_interface_id: eni()?,
            })),
            "StartInstances" => Deed::Call(Call::StartInstances(Call::instances(&instance()?))),
            "StopInstances" => Deed::Call(Call::StopInstances(Call::instances(&instance()?))),
            "TerminateInstances" => {
                Deed::Call(Call::TerminateInstances(Call::instances(&instance()?)))
            }
            _ => {
                return Err(self.source.error(
                    call.action.span(),
                    format!("the action `{action}` in an event"),
                    "an attach, detach or delete of an interface, or a start, stop or terminate",
                ));
            }
        })
    }

    /// Transitions that the states of the file imply.
    fn under_way(&self) -> Vec<(Transition, Option<Duration>)> {
        let mut found = Vec::new();
        for (name, instance) in &self.file.instance {
            let Some(id) = self.instances.get(name) else {
                continue;
            };
            let settles_in = instance.settles_in.as_ref().map(|s| s.get_ref().0);
            match &instance.state.0 {
                InstanceState::Pending => found.push((Transition::Running(id), settles_in)),
                InstanceState::Stopping => found.push((Transition::Stopped(id), settles_in)),
                InstanceState::ShuttingDown => {
                    found.push((Transition::Terminated(id), settles_in));
                }
                _ => {}
            }
        }
        for eni in self.world.enis() {
            if eni.status == EniStatus::Pending {
                found.push((Transition::EniAvailable(eni.id.clone()), None));
            }
            if let Some(a) = &eni.attachment {
                let (id, attachment) = (eni.id.clone(), a.attachment_id.clone());
                match a.status {
                    AttachmentStatus::Attaching => {
                        found.push((Transition::Attached(id, attachment), None));
                    }
                    AttachmentStatus::Detaching => {
                        found.push((Transition::Detached(id, attachment, false), None));
                    }
                    _ => {}
                }
            }
        }
        found
    }
}

fn timings(said: &schema::Timings) -> Timings {
    let mut timings = Timings::default();
    let set = |range: &mut crate::sim::timings::Range, said: Option<Spread>| {
        if let Some(said) = said {
            *range = said.0;
        }
    };
    set(&mut timings.create, said.create);
    set(&mut timings.attach, said.attach);
    set(&mut timings.guest, said.guest);
    set(&mut timings.detach, said.detach);
    set(&mut timings.force_detach, said.force_detach);
    set(&mut timings.start, said.start);
    set(&mut timings.checks, said.checks);
    set(&mut timings.stop, said.stop);
    set(&mut timings.terminate, said.terminate);
    set(&mut timings.route, said.route);
    timings
}
