//! The ground on which every run is flown: one small world, in a few variants.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use enipilot::ec2::call::{Call, Detach, Modify};
use enipilot::ec2::eni::Eni;
use enipilot::ec2::id::{EniId, InstanceId};
use enipilot::ec2::world::World;
use enipilot::failover::plan::{Intent, Plan, Planned, plan};
use enipilot::failover::sky::Sky;
use enipilot::sim::Sim;

pub const ENI: &str = "eni-0c1d52aa7be03f9a1";
pub const SPARE: &str = "eni-0c1d52aa7be03f9a2";
pub const ATTACHMENT: &str = "eni-attach-0b7e5c21d09f1a338";
pub const ELASTIC: &str = "eipalloc-0123456789abcdef0";
/// The secondary address, and the destinations that are routed to the interface.
pub const SECONDARY: std::net::Ipv4Addr = std::net::Ipv4Addr::new(10, 0, 1, 51);
pub const ROUTES: [&str; 2] = ["172.31.99.0/24", "172.31.98.0/24"];
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
    /// The plans that were made on it so far, each once.
    plans: Arc<Mutex<Vec<Made>>>,
}

/// A plan, and what it was made of.
type Made = (Variant, Intent, Sky, Arc<Plan>);

impl Ground {
    pub fn new() -> Self {
        let load = || {
            let mut sim =
                Sim::load("ground.toml", include_str!("ground.toml"), 1).expect("the ground");
            forward(&mut sim);
            sim
        };
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
            plans: Arc::default(),
        }
    }

    /// The plan of the first operation on it.
    pub fn plan(&self, variant: Variant, intent: &Intent, sky: &Sky) -> Arc<Plan> {
        let mut plans = self.plans.lock().expect("nobody dies with it");
        let known = plans
            .iter()
            .find(|(on, of, under, _)| *on == variant && of == intent && under == sky);
        if let Some((.., plan)) = known {
            return Arc::clone(plan);
        }
        let sim = self.sim(variant);
        let made = match plan(&sim.world(), intent, sky, sim.now()) {
            Ok(Planned::Plan(plan)) => Arc::new(*plan),
            other => panic!("no plan: {other:?}"),
        };
        plans.push((variant, intent.clone(), sky.clone(), Arc::clone(&made)));
        made
    }

    pub fn sim(&self, variant: Variant) -> Sim {
        match variant {
            Variant::Held => self.held.clone(),
            Variant::Doomed => self.doomed.clone(),
            Variant::Free => self.free.clone(),
        }
    }
}

/// The primary interfaces take routed traffic.
fn forward(sim: &mut Sim) {
    for n in 0..INSTANCES.len() {
        let off = Modify {
            network_interface_id: primary(&sim.world(), n).expect("a primary interface"),
            source_dest_check: Some(false),
            ..Modify::default()
        };
        sim.call(&Call::ModifyNetworkInterfaceAttribute(off))
            .expect("forwarding");
    }
}

/// The interface at index 0 of an instance.
pub fn primary(world: &World, n: usize) -> Option<EniId> {
    let held = world.enis_of(&instance(n));
    let at_0 = |e: &&&Arc<Eni>| e.attachment.as_ref().is_some_and(|a| a.device_index == 0);
    held.iter().find(at_0).map(|e| e.id.clone())
}

pub fn eni() -> EniId {
    ENI.into()
}

pub fn instance(n: usize) -> InstanceId {
    INSTANCES[n].into()
}
