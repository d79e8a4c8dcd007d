//! The ground on which every run is flown: one small world, in a few variants.

use std::time::Duration;

use enipilot::ec2::call::{Call, Detach, Modify};
use enipilot::ec2::id::{EniId, InstanceId};
use enipilot::sim::Sim;

pub const ENI: &str = "eni-0c1d52aa7be03f9a1";
pub const SPARE: &str = "eni-0c1d52aa7be03f9a2";
pub const ATTACHMENT: &str = "eni-attach-0b7e5c21d09f1a338";
pub const ELASTIC: &str = "eipalloc-0123456789abcdef0";
pub const GROUPS: [&str; 2] = ["sg-0d00b1e5a2c4f6981", "sg-0d00b1e5a2c4f6982"];
/// Source, target, and a third one.
pub const INSTANCES: [&str; 3] = [
    "i-0d1a2b3c4d5e6f701",
    "i-0d1a2b3c4d5e6f702",
    "i-0d1a2b3c4d5e6f703",
];

/// How the interface stands when the plan is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// Attached to the source.
    Held,
    /// The same, and the source's termination would delete it.
    Doomed,
    /// Attached to nothing.
    Free,
}

/// The world in each variant, made once and copied for each run.
#[derive(Clone, Debug)]
pub struct Ground {
    held: Sim,
    doomed: Sim,
    free: Sim,
}

impl Ground {
    pub fn new() -> Self {
        let load = || Sim::load("ground.toml", include_str!("ground.toml"), 1).expect("the ground");
        let mut doomed = load();
        let on = Modify {
            network_interface_id: eni(),
            delete_on_termination: Some((ATTACHMENT.into(), true)),
            ..Modify::default()
        };
        doomed
            .call(&Call::ModifyNetworkInterfaceAttribute(on))
            .expect("doomed");
        let mut free = load();
        let detach = Detach {
            attachment_id: ATTACHMENT.into(),
            force: false,
        };
        free.call(&Call::DetachNetworkInterface(detach))
            .expect("free");
        free.advance(free.now() + Duration::from_secs(60));
        Self {
            held: load(),
            doomed,
            free,
        }
    }

    pub fn sim(&self, variant: Variant) -> Sim {
        match variant {
            Variant::Held => self.held.clone(),
            Variant::Doomed => self.doomed.clone(),
            Variant::Free => self.free.clone(),
        }
    }
}

pub fn eni() -> EniId {
    ENI.into()
}

pub fn instance(n: usize) -> InstanceId {
    INSTANCES[n].into()
}
