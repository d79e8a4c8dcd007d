//! Network interfaces that the file spells out.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::ops::Range;

use toml::Spanned;

use super::{Builder, Result};
use crate::ec2::eni::{
    Association, Attachment, AttachmentStatus, ConnectionTracking, EnaSrd, Eni, EniStatus,
    GroupRef, Ipv6, Operator, PrivateIp, PublicIpDnsNameOptions,
};
use crate::ec2::id::{AttachmentId, EniId, Str, SubnetId, VpcId};
use crate::rules::effect::Mint;
use crate::sim::mint::Dice;
use crate::sim::worldfile::schema;
use crate::sim::worldfile::value::{Cidr, Ref};

fn text(given: &Option<String>) -> Option<Str> {
    given.as_deref().map(Into::into)
}

impl Builder<'_> {
    /// Takes every address that is written down.
    pub(super) fn claim_addresses(&mut self) -> Result<()> {
        for instance in self.file.instance.values() {
            if let Some(ip) = &instance.ip {
                let subnet = self.subnets.find(self.source, &instance.subnet)?;
                self.claim(&subnet, ip.get_ref().0, ip.span())?;
            }
        }
        for eni in self.file.eni.values() {
            let subnet = self.subnets.find(self.source, &eni.subnet)?;
            if let Some(ip) = &eni.ip {
                self.claim(&subnet, ip.get_ref().0, ip.span())?;
            }
            for ip in eni.ips.iter().flatten() {
                self.claim(&subnet, ip.get_ref().0.ip.0, ip.span())?;
            }
            for prefix in &eni.ipv4_prefixes {
                self.claim_prefix(&subnet, prefix)?;
            }
        }
        Ok(())
    }

    fn claim_prefix(&mut self, subnet: &SubnetId, prefix: &Spanned<Cidr>) -> Result<()> {
        let block = prefix.get_ref().0;
        if block.size() != 16 {
            let what = format!("the prefix {block}");
            return Err(self.source.error(prefix.span(), what, "a /28"));
        }
        for ip in block.addresses() {
            self.claim(subnet, ip, prefix.span())?;
        }
        Ok(())
    }

    fn claim(&mut self, subnet: &SubnetId, ip: Ipv4Addr, place: Range<usize>) -> Result<()> {
        let block = self.blocks.get(subnet);
        if let Some(block) = block.filter(|b| !b.gives(ip)) {
            return Err(self.source.error(
                place,
                format!("the address {ip}"),
                format!("an address of {block} that is not one of the five reserved ones"),
            ));
        }
        if !self.taken.entry(subnet.clone()).or_default().insert(ip) {
            let what = format!("the address {ip} a second time");
            let expected = "every private address once in a subnet";
            return Err(self.source.error(place, what, expected));
        }
        Ok(())
    }

    pub(super) fn enis(&mut self) -> Result<()> {
        for (name, eni) in &self.file.eni {
            let id: EniId = self
                .id(EniId::PREFIX, name, eni.id.as_ref(), EniId::well_formed)?
                .into();
            self.enis.add(self.source, name, &id)?;
            let made = self.eni(name, eni, id)?;
            self.check_attachment_id(name, eni, &made)?;
            self.world.put_eni(made);
        }
        // Device indexes that were left out, now that all that were given are known.
        for (name, eni) in &self.file.eni {
            if let Some(attachment) = &eni.attachment
                && attachment.instance.is_some()
                && let Some(id) = self.enis.get(name)
            {
                self.place(name, attachment, &id)?;
            }
        }
        Ok(())
    }

    fn check_attachment_id(
        &self,
        name: &Spanned<String>,
        said: &schema::Eni,
        made: &Eni,
    ) -> Result<()> {
        let Some(attachment) = &made.attachment else {
            return Ok(());
        };
        let id = &attachment.attachment_id;
        if self.world.eni_of_attachment(id).is_none() {
            return Ok(());
        }
        let given = said.attachment.as_ref().and_then(|a| a.id.as_ref());
        let place = given.unwrap_or(name).span();
        let what = format!("a second attachment with the id {id}");
        let expected = "every attachment id once";
        Err(self.source.error(place, what, expected))
    }

    /// Gives a device index, or checks that the given one is not taken.
    fn place(
        &mut self,
        name: &Spanned<String>,
        attachment: &schema::Attachment,
        id: &EniId,
    ) -> Result<()> {
        let Some(eni) = self.world.eni(id).cloned() else {
            return Ok(());
        };
        let Some(instance) = eni.instance_id() else {
            return Ok(());
        };
        let card = attachment.network_card_index;
        let taken: BTreeSet<u32> = self
            .world
            .enis_of(instance)
            .into_iter()
            .filter(|other| other.id != *id)
            .filter_map(|other| other.attachment.as_ref())
            .filter(|a| a.network_card_index == card && a.device_index != UNPLACED)
            .map(|a| a.device_index)
            .collect();
        let index = match &attachment.device_index {
            Some(given) if taken.contains(given.get_ref()) => {
                let what = format!("device index {} a second time", given.get_ref());
                let expected = "every index once on a card of an instance";
                return Err(self.source.error(given.span(), what, expected));
            }
            Some(given) => *given.get_ref(),
            None => (1..UNPLACED)
                .find(|index| !taken.contains(index))
                .ok_or_else(|| {
                    let what = "no free device index".to_owned();
                    self.source.error(name.span(), what, "fewer attachments")
                })?,
        };
        self.world.edit_eni(id, |e| {
            if let Some(a) = &mut e.attachment {
                a.device_index = index;
            }
        });
        Ok(())
    }

    /// An interface with nothing on it.
    pub(super) fn blank_eni(&self, id: EniId, subnet_id: &SubnetId, mac: String) -> Eni {
        let subnet = self.world.subnet(subnet_id);
        Eni {
            vpc_id: subnet.map_or_else(VpcId::default, |s| s.vpc_id.clone()),
            availability_zone: subnet.map_or_else(Str::default, |s| s.availability_zone.clone()),
            availability_zone_id: subnet.and_then(|s| s.availability_zone_id.clone()),
            ..Eni::blank(id, subnet_id.clone(), self.account.clone(), mac.into())
        }
    }

    fn eni(&mut self, name: &Spanned<String>, said: &schema::Eni, id: EniId) -> Result<Eni> {
        let mut dice = Dice::named(self.seed, "interface", name.get_ref());
        let mac = said.mac.clone().unwrap_or_else(|| dice.mac());
        let subnet_id = self.subnets.find(self.source, &said.subnet)?;
        let mut eni = self.blank_eni(id, &subnet_id, mac);
        let vpc = eni.vpc_id.clone();
        eni.description = said.description.as_str().into();
        eni.owner_id = self.owner(said.owner.as_ref());
        eni.requester_id = text(&said.requester);
        eni.requester_managed = said.requester_managed;
        eni.operator = said.operator.as_ref().map(|o| Operator {
            managed: o.managed,
            principal: text(&o.principal),
            hidden_by_default: o.hidden_by_default,
        });
        eni.private_ip_addresses = self.private_ips(name, said, &subnet_id, &vpc)?;
        let primary = eni.private_ip_addresses.first();
        eni.private_dns_name = text(&said.private_dns_name)
            .or_else(|| primary.and_then(|p| p.private_dns_name.clone()));
        eni.public_dns_name = text(&said.public_dns_name)
            .or_else(|| primary?.association.as_ref()?.public_dns_name.clone());
        eni.public_ip_dns_name_options =
            said.public_ip_dns_name_options
                .as_ref()
                .map(|o| PublicIpDnsNameOptions {
                    dns_hostname_type: text(&o.dns_hostname_type),
                    public_ipv4_dns_name: text(&o.public_ipv4_dns_name),
                    public_ipv6_dns_name: text(&o.public_ipv6_dns_name),
                    public_dual_stack_dns_name: text(&o.public_dual_stack_dns_name),
                });
        let ipv6 = said.ipv6.iter().map(|v6| Ipv6 {
            ipv6_address: v6.0.ip.0,
            is_primary_ipv6: v6.0.primary,
            public_ipv6_dns_name: text(&v6.0.public_dns_name),
        });
        eni.ipv6_addresses = ipv6.collect();
        let prefixes = said.ipv4_prefixes.iter();
        eni.ipv4_prefixes = prefixes.map(|p| p.get_ref().0.to_string().into()).collect();
        let prefixes = said.ipv6_prefixes.iter();
        eni.ipv6_prefixes = prefixes.map(|p| p.as_str().into()).collect();
        eni.ipv6_native = said.ipv6_native;
        eni.source_dest_check = said.source_dest_check;
        eni.deny_all_igw_traffic = said.deny_all_igw_traffic;
        eni.interface_type = said.interface_type.as_str().into();
        eni.groups = self.groups_of(&vpc, said.groups.as_deref())?;
        eni.connection_tracking_configuration =
            said.connection_tracking
                .as_ref()
                .map(|t| ConnectionTracking {
                    tcp_established_timeout: t.tcp_established_timeout,
                    udp_stream_timeout: t.udp_stream_timeout,
                    udp_timeout: t.udp_timeout,
                });
        eni.tag_set = self.tags(name, said.name.as_ref(), &said.tags);
        eni.outpost_arn = text(&said.outpost_arn);
        let subnets = said.associated_subnets.iter();
        eni.associated_subnets = subnets.map(|s| s.as_str().into()).collect();
        if let Some(attachment) = &said.attachment {
            eni.attachment = Some(self.attachment(name, attachment)?);
            eni.status = EniStatus::InUse;
        }
        if let Some(status) = &said.status {
            eni.status = status.0.clone();
        }
        Ok(eni)
    }

    fn private_ips(
        &mut self,
        name: &Spanned<String>,
        said: &schema::Eni,
        subnet: &SubnetId,
        vpc: &VpcId,
    ) -> Result<Vec<PrivateIp>> {
        if let (Some(ip), Some(_)) = (&said.ip, &said.ips) {
            let expected = "either one address (`ip`) or all of them (`ips`)";
            return Err(self
                .source
                .error(ip.span(), "both `ip` and `ips`", expected));
        }
        if let Some(ips) = &said.ips {
            let all = ips.iter().enumerate();
            return Ok(all
                .map(|(n, ip)| self.private_ip(vpc, &ip.get_ref().0, n == 0))
                .collect());
        }
        let ip = match &said.ip {
            Some(ip) => ip.get_ref().0,
            None if said.ipv6_native => return Ok(Vec::new()),
            None => self.free_address(subnet, name)?,
        };
        Ok(vec![PrivateIp {
            private_ip_address: ip,
            primary: true,
            private_dns_name: text(&said.private_dns_name).or_else(|| self.private_dns(vpc, ip)),
            association: None,
        }])
    }

    fn private_ip(&self, vpc: &VpcId, said: &schema::PrivateIpTable, primary: bool) -> PrivateIp {
        let public = said.public.as_ref();
        PrivateIp {
            private_ip_address: said.ip.0,
            primary,
            private_dns_name: text(&said.private_dns_name)
                .or_else(|| self.private_dns(vpc, said.ip.0)),
            association: public.map(|p| Association {
                public_ip: p.ip.0,
                public_dns_name: text(&p.dns_name).or_else(|| self.public_dns(vpc, p.ip.0)),
                ip_owner_id: p.owner.as_str().into(),
                allocation_id: None,
                association_id: None,
                carrier_ip: text(&p.carrier_ip),
                customer_owned_ip: text(&p.customer_owned_ip),
            }),
        }
    }

    /// The groups named, or the VPC's default one.
    pub(super) fn groups_of(&self, vpc: &VpcId, named: Option<&[Ref]>) -> Result<Vec<GroupRef>> {
        let ids = match named {
            Some(named) => {
                let found = named.iter().map(|g| self.groups.find(self.source, g));
                found.collect::<Result<Vec<_>>>()?
            }
            None => self.default_groups.get(vpc).cloned().into_iter().collect(),
        };
        let groups = ids.into_iter().map(|group_id| GroupRef {
            group_name: self
                .world
                .group(&group_id)
                .map_or_else(Str::default, |g| g.group_name.clone()),
            group_id,
        });
        Ok(groups.collect())
    }

    fn attachment(&self, name: &Spanned<String>, said: &schema::Attachment) -> Result<Attachment> {
        let instance_id = match &said.instance {
            Some(instance) => Some(self.instances.find(self.source, instance)?),
            None => None,
        };
        let instance = instance_id.as_ref().and_then(|i| self.world.instance(i));
        let attachment_id = match &said.id {
            Some(given) => given.get_ref().clone(),
            None => {
                // Service attachments have a form of their own.
                let prefix = if instance_id.is_some() {
                    AttachmentId::PREFIX
                } else {
                    "ela-attach-"
                };
                Dice::named(self.seed, "attachment", name.get_ref()).id(prefix)
            }
        };
        let given = said.device_index.as_ref().map(|i| *i.get_ref());
        Ok(Attachment {
            attachment_id: attachment_id.into(),
            status: said
                .status
                .as_ref()
                .map_or(AttachmentStatus::Attached, |s| s.0.clone()),
            device_index: given.unwrap_or(if instance_id.is_some() { UNPLACED } else { 1 }),
            network_card_index: said.network_card_index,
            instance_owner_id: text(&said.instance_owner).or_else(|| {
                Some(instance.map_or_else(|| "amazon-aws".into(), |i| i.owner_id.clone()))
            }),
            // Index 0 is made with its instance and goes with it; the rest stays.
            delete_on_termination: said.delete_on_termination.unwrap_or(given == Some(0)),
            attach_time: Some(match said.attach_time {
                Some(at) => at.on_day_of(self.now),
                None => instance
                    .and_then(|i| i.launch_time)
                    .unwrap_or(self.now - std::time::Duration::from_secs(30 * 86_400)),
            }),
            ena_srd_specification: said.ena_srd.as_ref().map(|e| EnaSrd {
                ena_srd_enabled: e.enabled,
                ena_srd_udp_enabled: e.udp,
            }),
            ena_queue_count: said.ena_queue_count,
            instance_id,
        })
    }
}

/// Stands for a device index until one is chosen.
const UNPLACED: u32 = u32::MAX;
