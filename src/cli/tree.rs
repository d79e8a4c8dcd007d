//! The inventory as a tree of lines, or as nested JSON.

use std::sync::Arc;

use serde_json::{Value, json};

use super::json::{items, value};
use super::table::aligned;
use crate::ec2::eni::Eni;
use crate::ec2::resource::{Instance, Subnet, Vpc, name_of};
use crate::ec2::world::World;
use crate::failover::sky::Sky;
use crate::rules::ownership::owner;

/// What stands below a subnet, in the order of the screen.
struct Below<'a> {
    instances: Vec<&'a Arc<Instance>>,
    unattached: Vec<&'a Arc<Eni>>,
    managed: Vec<&'a Arc<Eni>>,
    /// Attached to something that is not listed.
    elsewhere: Vec<&'a Arc<Eni>>,
}

fn below<'a>(world: &'a World, subnet: &Subnet) -> Below<'a> {
    let mut out = Below {
        instances: world.instances_in(&subnet.id).collect(),
        unattached: Vec::new(),
        managed: Vec::new(),
        elsewhere: Vec::new(),
    };
    for eni in world.enis_in(&subnet.id) {
        let holder = eni.instance_id().and_then(|id| world.instance(id));
        // It stands below its instance, even where that is at home in another subnet.
        if holder
            .and_then(|i| i.subnet_id.as_ref())
            .is_some_and(|s| world.subnet(s).is_some())
        {
            continue;
        }
        if owner(eni).is_some() {
            out.managed.push(eni);
        } else if eni.attachment.is_none() {
            out.unattached.push(eni);
        } else {
            out.elsewhere.push(eni);
        }
    }
    out
}

/// The tree as text: what it is, its id, and what matters about it, one resource a line.
pub fn lines(world: &World, sky: &Sky) -> Vec<String> {
    let mut rows = Vec::new();
    for vpc in world.vpcs() {
        rows.push(vpc_row(vpc));
        for subnet in world.subnets_of(&vpc.id) {
            rows.push(subnet_row(subnet));
            let below = below(world, subnet);
            for instance in &below.instances {
                rows.push(instance_row(instance));
                for eni in world.enis_of(&instance.id) {
                    rows.push(eni_row(3, eni, world));
                }
            }
            for (group, enis) in [
                ("unattached", &below.unattached),
                ("attached to what is not listed", &below.elsewhere),
                ("service-managed", &below.managed),
            ] {
                if !enis.is_empty() {
                    rows.push(vec![format!("    {group}")]);
                    rows.extend(enis.iter().map(|eni| eni_row(3, eni, world)));
                }
            }
        }
    }
    let mut lines = vec![format!(
        "{}  {}  account {}",
        sky.badge(),
        world.region,
        if world.account.is_empty() {
            "unknown"
        } else {
            &world.account
        }
    )];
    if rows.is_empty() {
        lines.push("no VPC in this Region".to_owned());
    }
    lines.extend(aligned(&rows));
    lines.extend(gaps(world));
    lines
}

/// What nobody may look at, one kind a line.
pub fn gaps(world: &World) -> impl Iterator<Item = String> {
    world.gaps().iter().map(|gap| {
        let action = gap.kind.action();
        let lost = gap.kind.lost();
        format!("NOT SEEN: {gap}: {lost}; to see them allow ec2:{action}")
    })
}

/// The same for a document: `Unseen`, absent where all was seen.
pub fn with_gaps(document: Value, world: &World) -> Value {
    if world.gaps().is_empty() {
        return document;
    }
    let gaps = world.gaps().iter().map(|gap| {
        json!({
            "Kind": gap.kind,
            "Action": gap.kind.action(),
            "Code": gap.code,
            "Lost": gap.kind.lost(),
        })
    });
    with(document, "Unseen", json!(gaps.collect::<Vec<_>>()))
}

fn head(depth: usize, kind: &str, name: Option<&str>) -> String {
    let name = name.map(|n| format!(" {n}")).unwrap_or_default();
    format!("{}{kind}{name}", "  ".repeat(depth))
}

fn vpc_row(vpc: &Vpc) -> Vec<String> {
    vec![
        head(0, "vpc", name_of(&vpc.tags)),
        vpc.id.to_string(),
        vpc.cidr_block.to_string(),
        if vpc.is_default {
            "default VPC".into()
        } else {
            String::new()
        },
    ]
}

fn subnet_row(subnet: &Subnet) -> Vec<String> {
    vec![
        head(1, "subnet", name_of(&subnet.tags)),
        subnet.id.to_string(),
        subnet.cidr_block.to_string(),
        format!(
            "{}, {} free",
            subnet.availability_zone, subnet.available_ip_address_count
        ),
    ]
}

fn instance_row(instance: &Instance) -> Vec<String> {
    let state = if instance.is_impaired() {
        format!("{}, IMPAIRED", instance.state)
    } else {
        instance.state.to_string()
    };
    vec![
        head(2, "instance", instance.name()),
        instance.id.to_string(),
        instance.instance_type.to_string(),
        state,
    ]
}

fn eni_row(depth: usize, eni: &Eni, world: &World) -> Vec<String> {
    let more = eni.private_ip_addresses.len().saturating_sub(1);
    let mut address = eni
        .primary_ip()
        .map(|ip| ip.to_string())
        .unwrap_or_default();
    if more > 0 {
        address.push_str(&format!(" +{more}"));
    }
    vec![
        head(depth, "eni", eni.name()),
        eni.id.to_string(),
        address,
        eni_words(eni, world).join(", "),
    ]
}

/// Attachment, public addresses and owner of an interface, in words.
fn eni_words(eni: &Eni, world: &World) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(attachment) = &eni.attachment {
        if eni.is_primary() {
            words.push("primary".to_owned());
        } else if attachment.instance_id.is_some() {
            words.push("secondary".to_owned());
        }
        words.push(attachment.status.to_string());
        if let Some(holder) = &attachment.instance_id {
            words.push(format!("device index {}", attachment.device_index));
            if let Some(subnet) = abroad(eni, world) {
                words.push(format!("in {subnet}"));
            } else if world.instance(holder).is_none() {
                words.push(format!("to {holder}"));
            }
        }
    } else {
        words.push(eni.status.to_string());
    }
    for (_, association) in eni.associations() {
        let kind = if association.is_elastic() {
            "EIP"
        } else {
            "public"
        };
        words.push(format!("{kind} {}", association.public_ip));
    }
    if let Some(owner) = owner(eni) {
        let resource = owner.resource.map(|r| format!(" {r}")).unwrap_or_default();
        words.push(format!("{}{resource}", owner.service));
    }
    words
}

/// The subnet of an interface whose instance is at home in another one.
fn abroad<'a>(eni: &'a Eni, world: &World) -> Option<&'a str> {
    let holder = world.instance(eni.instance_id()?)?;
    let home = holder.subnet_id.as_ref()?;
    (*home != eni.subnet_id).then(|| eni.subnet_id.as_str())
}

/// The tree as JSON: VPCs, with `Subnets`, with `Instances` and `NetworkInterfaces` in them.
pub fn json(world: &World) -> Value {
    let vpcs = world.vpcs().map(|vpc| vpc_json(world, vpc));
    with_gaps(items(vpcs.collect()), world)
}

fn vpc_json(world: &World, vpc: &Vpc) -> Value {
    let subnets: Vec<Value> = world
        .subnets_of(&vpc.id)
        .map(|subnet| {
            let below = below(world, subnet);
            let instances = below.instances.iter().map(|instance| {
                let enis = world.enis_of(&instance.id).into_iter();
                let enis: Vec<Value> = enis.map(|e| value(&**e)).collect();
                with(value(&***instance), "NetworkInterfaces", json!(enis))
            });
            let instances: Vec<Value> = instances.collect();
            let others = below
                .unattached
                .iter()
                .chain(&below.elsewhere)
                .chain(&below.managed);
            let others: Vec<Value> = others.map(|e| value(&***e)).collect();
            let subnet = with(value(&**subnet), "Instances", json!(instances));
            with(subnet, "NetworkInterfaces", json!(others))
        })
        .collect();
    with(value(vpc), "Subnets", json!(subnets))
}

fn with(mut object: Value, name: &str, member: Value) -> Value {
    if let Value::Object(members) = &mut object {
        members.insert(name.to_owned(), member);
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ec2::gap::{Gap, Kind};

    #[test]
    fn a_gap_is_told_with_what_is_lost_and_the_remedy() {
        let mut world = World::new("us-east-1", "111122223333");
        assert_eq!(gaps(&world).count(), 0);
        assert!(with_gaps(json!({}), &world).get("Unseen").is_none());
        let kinds = [
            Kind::Addresses,
            Kind::RouteTables,
            Kind::SecurityGroups,
            Kind::StatusChecks,
        ];
        for kind in kinds {
            let code = "UnauthorizedOperation".into();
            world.put_gap(Gap { kind, code });
        }
        let lines: Vec<_> = gaps(&world).collect();
        assert_eq!(
            lines,
            [
                "NOT SEEN: Elastic IPs: not permitted (UnauthorizedOperation): those on no \
                 interface are not shown, and none can be carried over by itself; to see them \
                 allow ec2:DescribeAddresses",
                "NOT SEEN: route tables: not permitted (UnauthorizedOperation): where routes \
                 lead, and whether they follow, is not known, and none can be carried over; to \
                 see them allow ec2:DescribeRouteTables",
                "NOT SEEN: security groups: not permitted (UnauthorizedOperation): their rules, \
                 and the names of those on no interface, are not known; to see them allow \
                 ec2:DescribeSecurityGroups",
                "NOT SEEN: status checks: not permitted (UnauthorizedOperation): whether \
                 instances are healthy is not known; to see them allow ec2:DescribeInstanceStatus",
            ]
        );
        let document = with_gaps(json!({}), &world);
        let told = document["Unseen"].as_array().map(Vec::len);
        assert_eq!(told, Some(4), "{document}");
        assert_eq!(document["Unseen"][3]["Lost"], Kind::StatusChecks.lost());
    }
}
