//! Interfaces that AWS services make in a customer's subnets.
//!
//! Invariant: such an interface is attached from the beginning, to something that is not an instance
//! of the account; what it looks like is what `rules::ownership` recognises. Sources: describe samples
//! in hashicorp/terraform-provider-aws (`internal/service/ec2/vpc_network_interface.go`) and in public
//! issues.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::{Mint, interface};
use crate::ec2::eni::{Attachment, AttachmentStatus, Eni, EniStatus};
use crate::ec2::id::{AttachmentId, GroupId, Str};
use crate::ec2::resource::{Subnet, Tag};
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::rules::wanted::{Chosen, Wanted};

/// The services that can be told to make interfaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Application Load Balancer.
    Alb,
    /// Network Load Balancer.
    Nlb,
    /// Function in a VPC.
    Lambda,
    /// Interface endpoint.
    Endpoint,
    /// Task of an ECS service, on Fargate.
    Ecs,
}

/// A service's resource that has interfaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Managed {
    /// Which service.
    pub kind: Kind,
    /// Its name.
    pub name: Str,
    /// 17 hexadecimal digits of its own: they tell it from another of the same name.
    pub hex: Str,
    /// Groups of its interfaces; the VPC's default one when empty.
    pub groups: Vec<GroupId>,
}

/// Requester of what a load balancer has.
const ELB: &str = "amazon-elb";
/// Account behind the attachments of most services.
const AWS: &str = "amazon-aws";
/// Accounts of services; the numbers differ from Region to Region.
const ECS_ACCOUNT: &str = "578734482556";
const ENDPOINT_ACCOUNT: &str = "727180483921";

impl Managed {
    /// What all of its descriptions begin with; the whole of them where [`Managed::one_text`].
    fn begins(&self, world: &World) -> String {
        let (name, hex) = (&self.name, &self.hex);
        match self.kind {
            Kind::Alb => format!("ELB app/{name}/{}", short(hex)),
            Kind::Nlb => format!("ELB net/{name}/{}", short(hex)),
            Kind::Lambda => format!("AWS Lambda VPC ENI-{name}-"),
            Kind::Endpoint => format!("VPC Endpoint Interface vpce-{hex}"),
            Kind::Ecs => {
                let (region, account) = (&world.region, &world.account);
                format!("arn:aws:ecs:{region}:{account}:attachment/")
            }
        }
    }

    /// All of its interfaces have the same description.
    fn one_text(&self) -> bool {
        matches!(self.kind, Kind::Alb | Kind::Nlb | Kind::Endpoint)
    }

    /// Whether an interface is one of its own.
    pub fn has(&self, world: &World, eni: &Eni) -> bool {
        let begins = self.begins(world);
        match self.kind {
            _ if !eni.requester_managed => false,
            _ if self.one_text() => *eni.description == *begins,
            Kind::Ecs => {
                eni.description.starts_with(&begins)
                    && eni
                        .tag_set
                        .iter()
                        .any(|t| *t.key == *ECS_SERVICE && t.value == self.name)
            }
            _ => eni.description.starts_with(&begins),
        }
    }

    /// One more interface in a subnet; `None` if no address is free there.
    pub fn interface(
        &self,
        world: &World,
        subnet: &Subnet,
        mint: &mut dyn Mint,
        now: Time,
    ) -> Option<Eni> {
        let wanted = Wanted {
            with_primary: true,
            ..Wanted::default()
        };
        let chosen = wanted.choose(world, subnet, &BTreeSet::new());
        if chosen.ips.is_empty() {
            return None;
        }
        Some(self.with(world, subnet, chosen, mint, now))
    }

    /// One more interface in a subnet, with an address that is free there.
    pub fn interface_at(
        &self,
        world: &World,
        subnet: &Subnet,
        ip: Ipv4Addr,
        mint: &mut dyn Mint,
        now: Time,
    ) -> Eni {
        let chosen = Chosen {
            ips: vec![ip],
            ..Chosen::default()
        };
        self.with(world, subnet, chosen, mint, now)
    }

    fn with(
        &self,
        world: &World,
        subnet: &Subnet,
        chosen: Chosen,
        mint: &mut dyn Mint,
        now: Time,
    ) -> Eni {
        let mut description = self.begins(world);
        if !self.one_text() {
            description.push_str(&uuid(&mint.id("")));
        }
        let tags = if self.kind == Kind::Ecs {
            vec![Tag {
                key: ECS_SERVICE.into(),
                value: self.name.clone(),
            }]
        } else {
            Vec::new()
        };
        let (interface_type, requester, holder, attachment) = match self.kind {
            Kind::Alb => ("interface", ELB.to_owned(), ELB, AttachmentId::PREFIX),
            Kind::Nlb => ("network_load_balancer", ELB.to_owned(), AWS, HYPERPLANE),
            Kind::Lambda => {
                let role = short(&self.hex).to_uppercase();
                let requester = format!("AROA{role}:{}", self.name);
                ("lambda", requester, AWS, HYPERPLANE)
            }
            Kind::Endpoint => ("vpc_endpoint", ENDPOINT_ACCOUNT.to_owned(), AWS, HYPERPLANE),
            Kind::Ecs => {
                let account = ECS_ACCOUNT;
                (
                    "interface",
                    account.to_owned(),
                    account,
                    AttachmentId::PREFIX,
                )
            }
        };
        let made = ServiceInterface {
            interface_type,
            description: description.into(),
            requester,
            holder,
            attachment,
            groups: (!self.groups.is_empty()).then_some(&self.groups),
            chosen,
            tags,
        };
        made.make(world, subnet, mint, now)
    }
}

/// What attachments of services begin with that no instance is behind.
pub const HYPERPLANE: &str = "ela-attach-";
const ECS_SERVICE: &str = "aws:ecs:serviceName";

/// 16 of 17 hexadecimal digits.
fn short(hex: &str) -> &str {
    hex.get(1..).unwrap_or(hex)
}

/// A UUID made of 17 hexadecimal digits.
fn uuid(hex: &str) -> String {
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    format!(
        "{}-{}-4{}-9{}-{}{}",
        part(1..9),
        part(9..13),
        part(13..16),
        part(2..5),
        part(5..16),
        part(16..17)
    )
}

/// What an interface of a service is made from.
pub struct ServiceInterface<'a> {
    /// `interface`, `nat_gateway`, `lambda`…
    pub interface_type: &'a str,
    /// Names the service's resource.
    pub description: Str,
    /// `RequesterId`.
    pub requester: String,
    /// `Attachment.InstanceOwnerId`.
    pub holder: &'a str,
    /// What the attachment's id begins with.
    pub attachment: &'a str,
    /// In these groups; in the VPC's default one when `None`.
    pub groups: Option<&'a [GroupId]>,
    /// Its addresses.
    pub chosen: Chosen,
    /// Tags.
    pub tags: Vec<Tag>,
}

impl ServiceInterface<'_> {
    /// The interface, attached.
    pub fn make(self, world: &World, subnet: &Subnet, mint: &mut dyn Mint, now: Time) -> Eni {
        let kind = Str::from(self.interface_type);
        let new = interface::New {
            description: self.description,
            interface_type: Some(&kind),
            groups: self.groups,
            chosen: self.chosen,
            tags: self.tags,
            ..interface::New::default()
        };
        let mut eni = interface::made(world, subnet, new, mint);
        eni.requester_managed = true;
        eni.requester_id = Some(self.requester.into());
        eni.status = EniStatus::InUse;
        eni.attachment = Some(Attachment {
            attachment_id: AttachmentId::new(mint.id(self.attachment)),
            status: AttachmentStatus::Attached,
            device_index: 1,
            network_card_index: 0,
            instance_id: None,
            instance_owner_id: Some(self.holder.into()),
            delete_on_termination: false,
            attach_time: Some(now),
            ena_srd_specification: None,
            ena_queue_count: None,
        });
        eni
    }
}
