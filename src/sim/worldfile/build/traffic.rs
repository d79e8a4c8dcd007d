//! Clients, what they ask, what lies on the way, DNS names.

use std::collections::BTreeMap;
use std::time::Duration;

use toml::Spanned;

use super::{Builder, Result};
use crate::ec2::id::Str;
use crate::sim::scenario::{Change, Client, Dns, Past, Service, Source, Target};
use crate::sim::worldfile::error::nearest;
use crate::sim::worldfile::schema;
use crate::sim::worldfile::value::{Place, Ref};

/// Between two requests of a client that does not say.
const INTERVAL: Duration = Duration::from_millis(250);
/// The least that may be said.
const INTERVAL_MIN: Duration = Duration::from_millis(10);

impl Builder<'_> {
    pub(super) fn names(&self) -> BTreeMap<Str, Dns> {
        let names = self.file.dns.iter();
        let dns = |dns: &schema::Dns| Dns {
            address: dns.address.0,
            ttl: dns.ttl.0,
        };
        names
            .map(|(name, said)| (name.get_ref().as_str().into(), dns(said)))
            .collect()
    }

    pub(super) fn clients(&self, services: &BTreeMap<Str, Service>) -> Result<Vec<Client>> {
        let mut clients = Vec::new();
        for client in self.file.client.values() {
            let past = client.past.as_ref().map(|p| self.past(p)).transpose()?;
            let target = self.target(client)?;
            let outside = matches!(target, Target::Outside(_));
            clients.push(Client {
                label: self.label(client).into(),
                port: client.to.get_ref().port(),
                service: if outside {
                    "outside".into()
                } else {
                    self.asked_for(client, services)?
                },
                source: self.asking(client, outside)?,
                interval: self.interval(client)?,
                allow: client.allow.iter().map(|ip| ip.0).collect(),
                firewall: client.firewall.iter().map(|ip| ip.0).collect(),
                mbps: client.mbps,
                began: past.as_ref().map_or(self.now, |p| p.since),
                target,
                past,
            });
        }
        Ok(clients)
    }

    /// What the strip calls it.
    fn label(&self, client: &schema::Client) -> String {
        if let Some(label) = &client.label {
            return label.clone();
        }
        match (&client.from, &client.from_instance) {
            (Some(from), _) => format!("client {}", from.get_ref().0),
            (None, Some(instance)) => instance.get_ref().clone(),
            (None, None) => "client".to_owned(),
        }
    }

    fn asking(&self, client: &schema::Client, outside: bool) -> Result<Source> {
        match (&client.from, &client.from_instance) {
            (Some(from), None) if !outside => Ok(Source::Address(from.get_ref().0)),
            (None, Some(instance)) if outside => Ok(Source::Instance {
                id: self.instances.find(self.source, instance)?,
                via: match &client.via {
                    Some(eni) => Some(self.enis.find(self.source, eni)?),
                    None => None,
                },
            }),
            (Some(from), None) => Err(self.source.error(
                from.span(),
                "a client that asks an address outside of this file",
                "`from_instance`, an Elastic IP of this file, or an address in one of its subnets",
            )),
            (_, Some(instance)) => Err(self.source.error(
                instance.span(),
                "`from_instance` of a client that asks inside, or beside `from`",
                "`from_instance` alone, and an address outside",
            )),
            (None, None) => Err(self.source.error(
                client.to.span(),
                "a client without `from`",
                "`from = \"10.0.2.20\"`, or `from_instance` for what our instances send out",
            )),
        }
    }

    fn asked_for(&self, client: &schema::Client, services: &BTreeMap<Str, Service>) -> Result<Str> {
        if let Some(named) = &client.service {
            return self.service(services, named);
        }
        let port = client.to.get_ref().port();
        let mut found = services.iter().filter(|(_, s)| s.port == port);
        match (found.next(), found.next()) {
            (Some((name, _)), None) => Ok(name.clone()),
            _ => Err(self.source.error(
                client.to.span(),
                format!("not exactly one service on port {port}"),
                "`service = \"…\"`, or one [service.…] table with this port",
            )),
        }
    }

    fn interval(&self, client: &schema::Client) -> Result<Duration> {
        let Some(interval) = &client.interval else {
            return Ok(INTERVAL);
        };
        let span = interval.get_ref().0;
        if span < INTERVAL_MIN {
            let what = format!("an interval of {} ms", span.as_millis());
            let expected = format!("at least \"{}ms\"", INTERVAL_MIN.as_millis());
            return Err(self.source.error(interval.span(), what, expected));
        }
        Ok(span)
    }

    fn past(&self, past: &schema::Past) -> Result<Past> {
        let since = past.since.get_ref().on_day_of(self.now);
        if since > self.now {
            let expected = format!("a time before `now` ({})", self.now);
            let what = format!("a past that begins at {since}");
            return Err(self.source.error(past.since.span(), what, expected));
        }
        Ok(Past {
            since,
            answered_by: self.instances.find(self.source, &past.answered_by)?,
            lost_from: past.lost_from.map(|at| at.on_day_of(self.now)),
            reason: past.reason.as_deref().map(Into::into),
        })
    }

    fn target(&self, client: &schema::Client) -> Result<Target> {
        let ip = match client.to.get_ref() {
            Place::Address(ip, _) => *ip,
            Place::Name(name, _) => {
                let named = Spanned::new(client.to.span(), name.clone());
                return Ok(Target::Name(self.name(&named)?));
            }
        };
        if let Some(eip) = self.world.addresses().find(|a| a.public_ip == ip) {
            return Ok(Target::Elastic(eip.id.clone(), ip));
        }
        let mut subnets = self.blocks.iter();
        match subnets.find(|(_, block)| block.contains(ip)) {
            Some((subnet, _)) => Ok(Target::Private(subnet.clone(), ip)),
            None => Ok(Target::Outside(ip)),
        }
    }

    fn name(&self, named: &Ref) -> Result<Str> {
        let text = named.get_ref().as_str();
        let names = || self.file.dns.keys().map(|k| k.get_ref().as_str());
        if names().any(|n| n == text) {
            return Ok(text.into());
        }
        let hint = match nearest(text, names()) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => String::new(),
        };
        Err(self.source.error(
            named.span(),
            format!("there is no name `{text}`"),
            format!("the name of one of this file's [dns.\"…\"] tables{hint}"),
        ))
    }

    /// What an event changes outside of EC2, if it does.
    pub(super) fn outside(&self, event: &schema::Event) -> Result<Option<Change>> {
        if let Some(dns) = &event.dns {
            return Ok(Some(Change::Dns(self.name(&dns.name)?, dns.address.0)));
        }
        let Some(firewall) = &event.firewall else {
            return Ok(None);
        };
        let text = firewall.client.get_ref();
        let client = self.file.client.get(text.as_str());
        let client = client.ok_or_else(|| {
            self.source.error(
                firewall.client.span(),
                format!("there is no client `{text}`"),
                "the name of one of this file's [client.…] tables",
            )
        })?;
        let label = self.label(client).into();
        Ok(Some(Change::Firewall(label, firewall.address.0)))
    }
}
