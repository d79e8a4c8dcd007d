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
    if dice.below(3) == 0 {
        return further_call(dice, eni, instance);
    }
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

/// Calls on addresses, routes, groups and what interfaces live in.
fn further_call(dice: &mut Dice, eni: &str, instance: &str) -> String {
    let n = dice.below(30);
    let address = dice.of(&["eipalloc-#1", "eipalloc-#2"]);
    let other = dice.of(&["E", "many"]);
    let on = dice.of(&["true", "false"]);
    let table = dice.of(&["rtb-#1", "rtb-#2"]);
    let net = dice.of(&["10.0.20.0/28", "10.0.21.0/28", "10.0.1.0/28"]);
    match dice.below(34) {
        0..3 => format!(
            "AssignPrivateIpAddresses NetworkInterfaceId={{{eni}}} PrivateIpAddresses=[\"10.0.1.{}\"] AllowReassignment={on}",
            50 + n
        ),
        3 => format!(
            "AssignPrivateIpAddresses NetworkInterfaceId={{{eni}}} SecondaryPrivateIpAddressCount={}",
            n % 3
        ),
        4 => format!("AssignPrivateIpAddresses NetworkInterfaceId={{{eni}}} Ipv4PrefixCount=1"),
        5 | 6 => format!(
            "UnassignPrivateIpAddresses NetworkInterfaceId={{{other}}} PrivateIpAddresses=[\"10.0.1.{}\"]",
            [51, 101, 102, 103][n % 4]
        ),
        7 => format!("AssignIpv6Addresses NetworkInterfaceId={{{eni}}} Ipv6AddressCount=1"),
        8 => format!(
            "UnassignIpv6Addresses NetworkInterfaceId={{{other}}} Ipv6Addresses=[\"2001:db8::1\"]"
        ),
        9 => "AllocateAddress".to_owned(),
        10..14 => format!(
            "AssociateAddress AllocationId={address} NetworkInterfaceId={{{eni}}} AllowReassociation={on}"
        ),
        14 => format!("AssociateAddress AllocationId={address} InstanceId={{{instance}}}"),
        15 => "DisassociateAddress AssociationId=eipassoc-#1".to_owned(),
        16 => format!("ReleaseAddress AllocationId={address}"),
        17 | 18 => format!(
            "ReplaceRoute RouteTableId={table} Destination=172.31.99.0/24 NetworkInterfaceId={{{eni}}}"
        ),
        19 => format!(
            "CreateRoute RouteTableId={table} Destination=172.31.{n}.0/24 NetworkInterfaceId={{{eni}}}"
        ),
        20 => format!("DeleteRoute RouteTableId={table} Destination=172.31.{n}.0/24"),
        21 | 22 => format!(
            "RunInstances InstanceType=t3.nano NetworkInterfaces=[{{\"NetworkInterfaceId\":\"{{{eni}}}\",\"DeviceIndex\":0}}]"
        ),
        23 => "RunInstances InstanceType=t3.medium SubnetId={app} MaxCount=2".to_owned(),
        24 => format!("ModifyInstanceAttribute InstanceId={{{instance}}} InstanceType=t3.nano"),
        25 => format!(
            "ModifyNetworkInterfaceAttribute NetworkInterfaceId={{{eni}}} Groups=[\"sg-#{}\"]",
            n % 8
        ),
        26 => format!("CreateSubnet VpcId=vpc-#10 CidrBlock={net}"),
        27 => "DeleteSubnet SubnetId={tiny}".to_owned(),
        28 => format!("DeleteSecurityGroup GroupId=sg-#{}", n % 8),
        29 => format!("CreateNatGateway SubnetId={{app}} AllocationId={address}"),
        30 => "CreateNatGateway SubnetId={app} ConnectivityType=private".to_owned(),
        31 => format!(
            "CreateTags Resources=[\"{{{eni}}}\"] Tags=[{{\"Key\":\"k\",\"Value\":\"{n}\"}}]"
        ),
        32 => "AssociateRouteTable RouteTableId=rtb-#2 SubnetId={app}".to_owned(),
        _ => format!("RebootInstances InstanceIds=[\"{{{instance}}}\"]"),
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
            assert_eq!(before.primary_ip(), eni.primary_ip(), "{when}");
        }
        let holder = eni.instance_id().and_then(|id| world.instance(id));
        if let Some(holder) = holder {
            assert_ne!(holder.state, InstanceState::Terminated, "{when}: {eni:?}");
        }
    }
    for subnet in world.subnets() {
        let used: u32 = world.enis_in(&subnet.id).map(|e| e.addresses_taken()).sum();
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
    for address in world.addresses() {
        let on = address.network_interface_id.as_ref();
        let holder = on
            .and_then(|id| world.eni(id))
            .and_then(|e| e.instance_id());
        assert_eq!(address.instance_id.as_ref(), holder, "{when}");
    }
    for route in world.route_tables().flat_map(|t| &t.routes) {
        let Some(eni) = &route.network_interface_id else {
            continue;
        };
        let holder = world.eni(eni).and_then(|e| e.instance_id());
        assert_eq!(route.instance_id.as_ref(), holder, "{when}");
        let attached = world.eni(eni).is_some_and(|e| e.attachment.is_some());
        let down = holder
            .and_then(|id| world.instance(id))
            .is_some_and(|i| i.state == InstanceState::Stopped);
        let up = attached && !down;
        assert_eq!(route.state == RouteState::Active, up, "{when}: {route:?}");
    }
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
            let call = world::call(&world, &super::with_ids(&text, &world));
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
    assert!(allowed.len() >= 25, "{allowed:?}");
    assert!(allowed.values().all(|count| *count > 2), "{allowed:?}");
    assert!(codes.len() >= 25, "{codes:?}");
}
