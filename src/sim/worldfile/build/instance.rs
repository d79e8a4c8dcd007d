//! Instances, and the primary interfaces that the file does not spell out.

use std::net::Ipv4Addr;

use toml::Spanned;

use super::{Builder, Result};
use crate::ec2::eni::{Association, Attachment, AttachmentStatus, Eni, EniStatus, PrivateIp};
use crate::ec2::id::{AttachmentId, EniId, InstanceId, Str, SubnetId, VpcId};
use crate::ec2::resource::{CheckStatus, Instance, InstanceState};
use crate::rules::effect::Mint;
use crate::sim::mint::Dice;
use crate::sim::worldfile::schema;

impl Builder<'_> {
    pub(super) fn instances(&mut self) -> Result<()> {
        for (name, instance) in &self.file.instance {
            let prefix = InstanceId::PREFIX;
            let id: InstanceId = self
                .id(prefix, name, instance.id.as_ref(), InstanceId::well_formed)?
                .into();
            self.instances.add(self.source, name, &id)?;
            let subnet_id = self.subnets.find(self.source, &instance.subnet)?;
            let subnet = self.world.subnet(&subnet_id).cloned();
            let state = instance.state.0.clone();
            let check = |given: &Option<schema::Check>| match given {
                Some(check) => check.0.clone(),
                None if state == InstanceState::Running => CheckStatus::Ok,
                None => CheckStatus::NotApplicable,
            };
            let (system_status, instance_status) = (
                check(&instance.system_status),
                check(&instance.instance_status),
            );
            self.check_settles_in(instance)?;
            let gone = state == InstanceState::Terminated;
            self.world.put_instance(Instance {
                id,
                instance_type: instance.instance_type.as_str().into(),
                state,
                system_status,
                instance_status,
                availability_zone: subnet
                    .as_ref()
                    .map_or_else(Str::default, |s| s.availability_zone.clone()),
                vpc_id: subnet.filter(|_| !gone).map(|s| s.vpc_id.clone()),
                subnet_id: (!gone).then_some(subnet_id),
                owner_id: self.owner(instance.owner.as_ref()),
                launch_time: Some(match instance.launch_time {
                    Some(at) => at.on_day_of(self.now),
                    // Long enough ago to be of no interest.
                    None => self.now - std::time::Duration::from_secs(30 * 86_400),
                }),
                disable_api_termination: instance.disable_api_termination,
                instance_lifecycle: instance.lifecycle.as_deref().map(Into::into),
                tags: self.tags(name, instance.name.as_ref(), &instance.tags),
            });
        }
        Ok(())
    }

    /// Only a state that ends by itself can say when.
    fn check_settles_in(&self, instance: &schema::Instance) -> Result<()> {
        let lasting = matches!(
            instance.state.0,
            InstanceState::Running | InstanceState::Stopped | InstanceState::Terminated
        );
        match &instance.settles_in {
            Some(span) if lasting => Err(self.source.error(
                span.span(),
                format!("`settles_in` for a {} instance", instance.state.0),
                "the state `pending`, `stopping` or `shutting-down`",
            )),
            _ => Ok(()),
        }
    }

    /// An interface at index 0 for every instance that has none.
    pub(super) fn primary_enis(&mut self) -> Result<()> {
        for (name, instance) in &self.file.instance {
            let Some(id) = self.instances.get(name) else {
                continue;
            };
            let gone = instance.state.0 == InstanceState::Terminated;
            let has_one = self.world.enis_of(&id).iter().any(|e| e.is_primary());
            if has_one && let Some(ip) = &instance.ip {
                return Err(self.source.error(
                    ip.span(),
                    format!(
                        "`ip` for `{}`, whose primary interface is in the file",
                        name.get_ref()
                    ),
                    "the address in the interface's own table",
                ));
            }
            if gone || has_one {
                continue;
            }
            let eni = self.primary_eni(name, instance, &id)?;
            self.world.put_eni(eni);
        }
        Ok(())
    }

    fn primary_eni(
        &mut self,
        name: &Spanned<String>,
        instance: &schema::Instance,
        id: &InstanceId,
    ) -> Result<Eni> {
        let mut dice = Dice::named(self.seed, "primary interface", name.get_ref());
        let eni_id: EniId = dice.id(EniId::PREFIX).into();
        let subnet_id = self.subnets.find(self.source, &instance.subnet)?;
        let ip = match &instance.ip {
            Some(ip) => ip.get_ref().0,
            None => self.free_address(&subnet_id, name)?,
        };
        let mut eni = self.blank_eni(eni_id, &subnet_id, dice.mac());
        let vpc = eni.vpc_id.clone();
        eni.description = "Primary network interface".into();
        eni.status = EniStatus::InUse;
        eni.private_dns_name = self.private_dns(&vpc, ip);
        eni.groups = self.groups_of(&vpc, instance.groups.as_deref())?;
        let public = instance.public_ip.map(|public| Association {
            public_ip: public.0,
            public_dns_name: self.public_dns(&vpc, public.0),
            ip_owner_id: "amazon".into(),
            allocation_id: None,
            association_id: None,
            carrier_ip: None,
            customer_owned_ip: None,
        });
        // It had one, so it was launched to have one.
        eni.associate_public_ip_address = public.is_some().then_some(true);
        eni.public_dns_name = public.as_ref().and_then(|p| p.public_dns_name.clone());
        eni.private_ip_addresses = vec![PrivateIp {
            private_ip_address: ip,
            primary: true,
            private_dns_name: eni.private_dns_name.clone(),
            association: public,
        }];
        let held = self.world.instance(id);
        eni.attachment = Some(Attachment {
            attachment_id: AttachmentId::new(dice.id(AttachmentId::PREFIX)),
            status: AttachmentStatus::Attached,
            device_index: 0,
            network_card_index: 0,
            instance_id: Some(id.clone()),
            instance_owner_id: held.map(|i| i.owner_id.clone()),
            delete_on_termination: true,
            attach_time: held.and_then(|i| i.launch_time),
            ena_srd_specification: None,
            ena_queue_count: None,
        });
        Ok(eni)
    }

    /// The lowest address that is still free; it is taken from then on.
    pub(super) fn free_address(
        &mut self,
        subnet: &SubnetId,
        at: &Spanned<String>,
    ) -> Result<Ipv4Addr> {
        let taken = self.taken.entry(subnet.clone()).or_default();
        let found = self
            .blocks
            .get(subnet)
            .and_then(|block| block.usable().find(|ip| !taken.contains(ip)));
        let Some(ip) = found else {
            return Err(self.source.error(
                at.span(),
                format!("no free address in {subnet} for `{}`", at.get_ref()),
                "a larger subnet, or fewer interfaces in it",
            ));
        };
        taken.insert(ip);
        Ok(ip)
    }

    /// `ip-10-0-1-50.ec2.internal`, where the VPC has DNS host names (VPC User Guide, "DNS
    /// attributes for your VPC").
    pub(super) fn private_dns(&self, vpc: &VpcId, ip: Ipv4Addr) -> Option<Str> {
        let domain = match &*self.world.region {
            "us-east-1" => "ec2.internal".to_owned(),
            region => format!("{region}.compute.internal"),
        };
        let host = ip.to_string().replace('.', "-");
        let has_names = self.dns.contains(vpc);
        has_names.then(|| format!("ip-{host}.{domain}").into())
    }

    /// `ec2-203-0-113-10.compute-1.amazonaws.com`, likewise.
    pub(super) fn public_dns(&self, vpc: &VpcId, ip: Ipv4Addr) -> Option<Str> {
        let domain = match &*self.world.region {
            "us-east-1" => "compute-1".to_owned(),
            region => format!("{region}.compute"),
        };
        let host = ip.to_string().replace('.', "-");
        let has_names = self.dns.contains(vpc);
        has_names.then(|| format!("ec2-{host}.{domain}.amazonaws.com").into())
    }
}
