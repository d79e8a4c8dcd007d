//! Whatever is called, in whatever order things come to their end, the world stays sound.

use std::collections::{BTreeMap, BTreeSet};

use enipilot::ec2::eni::{AttachmentStatus, EniStatus};
use enipilot::ec2::resource::{InstanceState, RouteState};
use enipilot::ec2::world::World;
use enipilot::rules::effect::{Transition, effect, forecast, settle};
use enipilot::rules::{check, limits};

use super::{Counter, NOW, begin, sound, world};

/// A seeded sequence (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

/// A call as somebody might make it, sensible or not.
fn any_call(dice: &mut Dice) -> String {
    const ENIS: [&str; 12] = [
        "E", "F", "G", "near", "far", "many", "efa", "mine", "new", "A0", "nat", "gone",
    ];
    const INSTANCES: [&str; 9] = ["A", "B", "S", "P", "K", "N", "M", "C", "U"];
    let (eni, instance) = (dice.of(&ENIS), dice.of(&INSTANCES));
    let n = dice.below(4);
    match dice.below(12) {
        0..4 => format!(
            "attach {eni} {instance} {n} {}",
            dice.of(&["0", "0", "0", "1"])
        ),
        4..6 => format!("detach {eni} {}", dice.of(&["", "", "force"])),
        6 => format!("modify {eni} delete={}", dice.of(&["on", "off"])),
        7 => format!(
            "create {} name=new more={n}",
            dice.of(&["app", "tiny", "nowhere"])
        ),
        8 => format!("delete {eni}"),
        9 => format!("start {instance}"),
        10 => format!("stop {instance}"),
        _ if n == 0 => format!("terminate {instance}"),
        _ => format!("modify {eni} check=off"),
    }
}

/// What must hold at every moment, settled or not.
fn holds(first: &World, world: &World, when: &str) {
    sound(world, when);
    for eni in world.enis() {
        let in_use = eni.status == EniStatus::InUse;
        assert_eq!(in_use, eni.attachment.is_some(), "{when}: {eni:?}");
        if let Some(before) = first.eni(&eni.id) {
            assert_eq!(before.mac_address, eni.mac_address, "{when}");
            assert_eq!(before.groups, eni.groups, "{when}");
            let ips = |e: &enipilot::ec2::eni::Eni| {
                let ips = e.private_ip_addresses.iter();
                ips.map(|ip| ip.private_ip_address).collect::<Vec<_>>()
            };
            assert_eq!(ips(before), ips(eni), "{when}");
        }
        let holder = eni.instance_id().and_then(|id| world.instance(id));
        if let Some(holder) = holder {
            assert_ne!(holder.state, InstanceState::Terminated, "{when}: {eni:?}");
        }
    }
    for subnet in world.subnets() {
        let used: u32 = world.enis_in(&subnet.id).map(|e| e.ipv4_count()).sum();
        let all = if subnet.cidr_block.ends_with("/28") {
            11
        } else {
            251
        };
        assert_eq!(
            subnet.available_ip_address_count + used,
            all,
            "{when}: {}",
            subnet.id
        );
    }
    for instance in world.instances() {
        let has = world.enis_of(&instance.id).len();
        if let Some(limits) = limits::of(&instance.instance_type) {
            assert!(
                has <= limits.interfaces_max as usize,
                "{when}: {}",
                instance.id
            );
        }
    }
    for address in world.addresses() {
        let on = world.enis().find(|e| {
            let mut carried = e
                .associations()
                .filter_map(|(_, a)| a.allocation_id.as_ref());
            carried.any(|id| *id == address.id)
        });
        assert_eq!(
            address.network_interface_id.as_ref(),
            on.map(|e| &e.id),
            "{when}"
        );
    }
}

/// What must hold once nothing is under way.
fn at_rest(world: &World, when: &str) {
    for eni in world.enis() {
        let status = eni.attachment.as_ref().map(|a| &a.status);
        assert!(
            status.is_none_or(|s| *s == AttachmentStatus::Attached),
            "{when}: {eni:?}"
        );
        assert_ne!(eni.status, EniStatus::Pending, "{when}");
    }
    let e = world.eni(&world::id("eni-", 0).into());
    let holder = e.and_then(|e| e.instance_id());
    let address = world.addresses().next().unwrap();
    assert_eq!(address.instance_id.as_ref(), holder, "{when}");
    let route = &world.route_tables().next().unwrap().routes[1];
    assert_eq!(route.instance_id.as_ref(), holder, "{when}");
    let up = holder
        .and_then(|id| world.instance(id))
        .is_some_and(|i| i.state != InstanceState::Stopped);
    assert_eq!(route.state == RouteState::Active, up, "{when}: {route:?}");
}

fn come_to_an_end(world: &mut World, under_way: &mut Vec<Transition>, which: usize) {
    let settled = settle(world, &under_way.remove(which));
    for change in &settled.changes {
        world.apply(change);
    }
    under_way.extend(settled.under_way);
}

#[test]
fn any_calls_in_any_order_keep_the_world_sound() {
    let mut allowed = BTreeMap::<&str, u32>::new();
    let mut codes = BTreeSet::new();
    for seed in 0..60 {
        let mut dice = Dice(seed);
        let mut mint = Counter::default();
        let first = world::world();
        let mut world = first.clone();
        // The world begins with instances on their way.
        let on_their_way = |name: &str| world::instance_id(&first, name);
        let mut under_way = vec![
            Transition::Running(on_their_way("P")),
            Transition::Stopped(on_their_way("K")),
            Transition::Terminated(on_their_way("D")),
        ];
        for step in 0..80 {
            if !under_way.is_empty() && dice.below(3) == 0 {
                let which = dice.below(under_way.len());
                come_to_an_end(&mut world, &mut under_way, which);
                holds(
                    &first,
                    &world,
                    &format!("seed {seed}, step {step}: settled"),
                );
                continue;
            }
            let text = any_call(&mut dice);
            let when = format!("seed {seed}, step {step}: {text}");
            let call = world::call(&world, &text);
            match check(&world, &call) {
                Err(denial) => {
                    codes.insert(denial.code);
                }
                Ok(()) => {
                    *allowed.entry(call.action()).or_default() += 1;
                    let (at_once, settled) = forecast(&world, &call, NOW);
                    holds(&first, &at_once, &when);
                    holds(&first, &settled, &when);
                    let effect = effect(&world, &call, &mut mint, NOW);
                    begin(&mut world, &effect);
                    under_way.extend(effect.under_way);
                    holds(&first, &world, &when);
                }
            }
        }
        while !under_way.is_empty() {
            let which = dice.below(under_way.len());
            come_to_an_end(&mut world, &mut under_way, which);
        }
        let when = format!("seed {seed}, at rest");
        holds(&first, &world, &when);
        at_rest(&world, &when);
    }
    // The walk is worth something only if it goes everywhere.
    assert_eq!(allowed.len(), 8, "{allowed:?}");
    assert!(allowed.values().all(|count| *count > 50), "{allowed:?}");
    assert!(codes.len() >= 12, "{codes:?}");
}
