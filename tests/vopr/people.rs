//! People: the one who flies, and the second operator who knows nothing of it.

use std::sync::Arc;

use enipilot::ec2::call::{
    AssignPrivate, Associate, Attach, Call, CreateTags, Delete, DeleteRoute, DeleteTags, Detach,
    Disassociate, Modify, PutRoute, UnassignPrivate,
};
use enipilot::ec2::eni::Eni;
use enipilot::ec2::id::EniId;
use enipilot::ec2::resource::Tag;
use enipilot::ec2::world::World;
use enipilot::failover::engine::FORCE_PHRASE;
use enipilot::failover::mechanism::Mechanism;
use enipilot::failover::status::{Command, Question};

use super::dice::Dice;
use super::ec2::{Ec2, Who};
use super::ground::{self, ELASTIC, GROUPS, ROUTES, SECONDARY, SPARE};

/// What a second operator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Detach,
    AttachTo(usize),
    /// Detach, and attach there as soon as it can be.
    MoveTo(usize),
    /// Detach, as soon as that can be.
    Free,
    Delete,
    /// The spare interface takes device index 1.
    TakeIndex(usize),
    DeleteOnTermination(bool),
    Stop(usize),
    Start(usize),
    Terminate(usize),
    Tag,
    Untag,
    Groups,
    DropElastic,
    /// What a plan could carry goes to the interface itself (`None`) or to an instance's primary one.
    Carry(Mechanism, Option<usize>),
    /// It is taken off, or deleted.
    Drop(Mechanism),
}

impl Deed {
    pub fn of_operator(dice: &mut Dice) -> Self {
        let n = dice.below(3) as usize;
        match dice.below(12) {
            0..=1 => Self::Detach,
            2..=3 => Self::AttachTo(n),
            4..=7 => Self::MoveTo(n),
            8 => Self::Delete,
            9..=10 => Self::TakeIndex(n),
            _ => Self::DeleteOnTermination(dice.chance(500)),
        }
    }

    /// What hurts a plan of this mechanism.
    pub fn against(mechanism: Mechanism, dice: &mut Dice) -> Self {
        let to = match dice.below(4) {
            0 => None,
            n => Some(n as usize - 1),
        };
        match dice.below(6) {
            0 => Self::Drop(mechanism),
            _ => Self::Carry(mechanism, to),
        }
    }

    pub fn of_fleet(dice: &mut Dice) -> Self {
        let n = dice.below(3) as usize;
        match dice.below(4) {
            0 => Self::Terminate(n),
            1 => Self::Start(n),
            _ => Self::Stop(n),
        }
    }

    pub fn on_identity(dice: &mut Dice) -> Self {
        *dice.pick(&[Self::Tag, Self::Untag, Self::Groups, Self::DropElastic])
    }

    /// Does it. True if it is to be tried again in a moment.
    pub fn act(self, ec2: &mut Ec2) -> bool {
        let Some(call) = self.call(ec2) else {
            return matches!(self, Self::MoveTo(_));
        };
        if let Self::Free = self {
            return ec2.call(Who::Other, &call).is_err();
        }
        let done = ec2.call(Who::Other, &call).is_ok();
        match self {
            Self::MoveTo(_) => !(done && matches!(call, Call::AttachNetworkInterface(_))),
            _ => false,
        }
    }

    fn call(self, ec2: &Ec2) -> Option<Call> {
        let world = ec2.sim.world();
        let eni = world.eni(&ground::eni());
        let attachment = eni.and_then(|e| e.attachment.as_ref());
        let attach = |eni: &str, n: usize, index: u32| {
            Call::AttachNetworkInterface(Attach {
                network_interface_id: eni.into(),
                instance_id: ground::instance(n),
                device_index: index,
                network_card_index: 0,
            })
        };
        let detach = attachment.map(|a| {
            Call::DetachNetworkInterface(Detach {
                attachment_id: a.attachment_id.clone(),
                force: false,
            })
        });
        let modify = Modify {
            network_interface_id: ground::eni(),
            ..Modify::default()
        };
        let instances = |n: usize| Call::instances(&ground::instance(n));
        Some(match self {
            Self::Carry(mechanism, to) => {
                let eni = match to {
                    Some(n) => ground::primary(&world, n)?,
                    None => ground::eni(),
                };
                carry(&world, mechanism, eni)?
            }
            Self::Drop(mechanism) => drop_off(&world, mechanism)?,
            Self::Detach | Self::Free => detach?,
            Self::AttachTo(n) => attach(ground::ENI, n, 1),
            Self::MoveTo(n) => match eni?.instance_id() {
                Some(holder) if *holder == ground::instance(n) => return None,
                Some(_) => detach?,
                None => attach(ground::ENI, n, 1),
            },
            Self::Delete => Call::DeleteNetworkInterface(Delete {
                network_interface_id: ground::eni(),
            }),
            Self::TakeIndex(n) => attach(SPARE, n, 1),
            Self::DeleteOnTermination(on) => Call::ModifyNetworkInterfaceAttribute(Modify {
                delete_on_termination: Some((attachment?.attachment_id.clone(), on)),
                ..modify
            }),
            Self::Stop(n) => Call::StopInstances(instances(n)),
            Self::Start(n) => Call::StartInstances(instances(n)),
            Self::Terminate(n) => Call::TerminateInstances(instances(n)),
            Self::Tag => Call::CreateTags(CreateTags {
                resources: vec![ground::ENI.into()],
                tags: vec![Tag {
                    key: "team".into(),
                    value: "other".into(),
                }],
            }),
            Self::Untag => Call::DeleteTags(DeleteTags {
                resources: vec![ground::ENI.into()],
                tags: vec![("team".into(), None)],
            }),
            Self::Groups => Call::ModifyNetworkInterfaceAttribute(Modify {
                groups: Some(vec![GROUPS[1].into()]),
                ..modify
            }),
            Self::DropElastic => drop_off(&world, Mechanism::ElasticIp)?,
        })
    }
}

/// Brings what a plan could carry to an interface.
fn carry(world: &World, mechanism: Mechanism, eni: EniId) -> Option<Call> {
    Some(match mechanism {
        Mechanism::Interface => return None,
        Mechanism::PrivateIp => Call::AssignPrivateIpAddresses(AssignPrivate {
            network_interface_id: eni,
            private_ip_addresses: vec![SECONDARY],
            allow_reassignment: true,
            ..AssignPrivate::default()
        }),
        Mechanism::ElasticIp => Call::AssociateAddress(Associate {
            allocation_id: Some(ELASTIC.into()),
            network_interface_id: Some(eni),
            allow_reassociation: Some(true),
            ..Associate::default()
        }),
        Mechanism::Route => Call::ReplaceRoute(PutRoute {
            route_table_id: world.route_tables().next()?.id.clone(),
            destination: ROUTES[0].into(),
            network_interface_id: Some(eni),
            ..PutRoute::default()
        }),
    })
}

/// Takes it off whatever has it.
fn drop_off(world: &World, mechanism: Mechanism) -> Option<Call> {
    Some(match mechanism {
        Mechanism::Interface => return None,
        Mechanism::PrivateIp => {
            let holds = |e: &&Arc<Eni>| {
                let mut on = e.private_ip_addresses.iter();
                on.any(|on| on.private_ip_address == SECONDARY)
            };
            Call::UnassignPrivateIpAddresses(UnassignPrivate {
                network_interface_id: world.enis().find(holds)?.id.clone(),
                private_ip_addresses: vec![SECONDARY],
                ..UnassignPrivate::default()
            })
        }
        Mechanism::ElasticIp => {
            let address = world.address(&ELASTIC.into())?;
            Call::DisassociateAddress(Disassociate {
                association_id: Some(address.association_id.clone()?),
                ..Disassociate::default()
            })
        }
        Mechanism::Route => Call::DeleteRoute(DeleteRoute {
            route_table_id: world.route_tables().next()?.id.clone(),
            destination: ROUTES[0].into(),
        }),
    })
}

/// An answer to the open question, at random; a force is typed right or wrong.
pub fn answer(dice: &mut Dice, question: &Question) -> Command {
    let (command, _) = dice.pick(&question.choices).clone();
    match command {
        Command::Force(_) => force(dice),
        other => other,
    }
}

fn force(dice: &mut Dice) -> Command {
    let phrase = if dice.chance(700) {
        FORCE_PHRASE
    } else {
        "yes"
    };
    Command::Force(phrase.to_owned())
}

/// A command that nobody asked for.
pub fn fingers(dice: &mut Dice) -> Command {
    match dice.below(8) {
        0 => Command::Step,
        1 => Command::Run,
        2 | 3 => Command::Abort,
        4 => Command::Finish,
        5 => Command::PutBack,
        6 => Command::WaitOn,
        _ => force(dice),
    }
}
