//! Rules of security groups, one text a rule: `tcp 5432 from 10.0.0.0/16`, `all to 0.0.0.0/0`.
//!
//! Invariant: every group is there before the first rule is read, so that a rule may name any.

use toml::Spanned;

use super::{Builder, Result};
use crate::ec2::id::{GroupId, SecurityGroupRuleId};
use crate::ec2::permission::{ALL, Peer, Permission, SecurityGroupRule};
use crate::rules::addresses::{Range, Range6};
use crate::rules::effect::{Mint, permission::at_first};
use crate::sim::mint::Dice;

const FORM: &str = "a rule such as \"tcp 5432 from 10.0.0.0/16\", \"udp 1000-2000 from GROUP\" or \"all to 0.0.0.0/0\"";

impl Builder<'_> {
    /// What a group lets through that the file does not say anything about.
    pub(super) fn rules_at_first(&self, id: &GroupId, default: bool) -> Vec<SecurityGroupRule> {
        let mut dice = Dice::named(self.seed, "rules", id.as_str());
        at_first(id, default, &mut dice)
    }

    pub(super) fn rules(&mut self) -> Result<()> {
        for (name, said) in &self.file.group {
            let Some(id) = self.groups.get(name) else {
                continue;
            };
            let mut dice = Dice::named(self.seed, "rules", id.as_str());
            let mut rules = match &said.egress {
                Some(_) => Vec::new(),
                None => at_first(&id, false, &mut dice),
            };
            let ways = [
                (false, said.ingress.as_slice()),
                (true, said.egress.as_deref().unwrap_or_default()),
            ];
            for (is_egress, texts) in ways {
                for text in texts {
                    let permission = self.permission(text, is_egress)?;
                    rules.push(SecurityGroupRule {
                        id: SecurityGroupRuleId::new(dice.id(SecurityGroupRuleId::PREFIX)),
                        is_egress,
                        permission,
                    });
                }
            }
            if let Some(group) = self.world.group(&id) {
                let mut group = group.as_ref().clone();
                group.rules = rules;
                self.world.put_group(group);
            }
        }
        Ok(())
    }

    fn permission(&self, text: &Spanned<String>, egress: bool) -> Result<Permission> {
        let wrong = || {
            let what = format!("the rule `{}`", text.get_ref());
            self.source.error(text.span(), what, FORM)
        };
        let way = if egress { "to" } else { "from" };
        let words: Vec<&str> = text.get_ref().split_whitespace().collect();
        let (protocol, ports, peer) = match words.as_slice() {
            [protocol, said, peer] if *said == way => (*protocol, None, *peer),
            [protocol, ports, said, peer] if *said == way => (*protocol, Some(*ports), *peer),
            _ => return Err(wrong()),
        };
        let with_ports = matches!(protocol, "tcp" | "udp");
        let known = with_ports || matches!(protocol, "icmp" | "icmpv6" | "all");
        let ports = ports.map(|ports| range_of_ports(ports).ok_or_else(wrong));
        let ports = ports.transpose()?;
        if !known || with_ports != ports.is_some() {
            return Err(wrong());
        }
        let all_types = (protocol.starts_with("icmp")).then_some((-1, -1));
        let ports = ports.or(all_types);
        Ok(Permission {
            ip_protocol: if protocol == "all" { ALL } else { protocol }.into(),
            from_port: ports.map(|(from, _)| from),
            to_port: ports.map(|(_, to)| to),
            peer: self.peer(text, peer)?,
            description: Default::default(),
        })
    }

    fn peer(&self, text: &Spanned<String>, peer: &str) -> Result<Peer> {
        if Range::parse(peer).is_some() {
            return Ok(Peer::CidrIpv4(peer.into()));
        }
        if Range6::parse(peer).is_some() {
            return Ok(Peer::CidrIpv6(peer.into()));
        }
        let named = Spanned::new(text.span(), peer.to_owned());
        let id = self.groups.find(self.source, &named)?;
        Ok(Peer::ReferencedGroupId(id))
    }
}

/// `22` or `1000-2000`.
fn range_of_ports(text: &str) -> Option<(i32, i32)> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let (from, to): (u16, u16) = (from.parse().ok()?, to.parse().ok()?);
    (from <= to).then_some((from.into(), to.into()))
}
