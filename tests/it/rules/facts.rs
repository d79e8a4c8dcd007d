//! What the table of effects says about a world, one fact at a time.

use enipilot::ec2::eni::Eni;
use enipilot::ec2::world::World;

use super::world;

/// One fact in words; `first` knows the names of what is gone.
pub fn fact_of(first: &World, world: &World, name: &str) -> String {
    let named = |id: Option<&str>| {
        let found = id.and_then(|id| {
            let instance = first.instance(&id.into()).and_then(|i| i.name());
            instance.or_else(|| first.eni(&id.into()).and_then(|e| e.name()))
        });
        found.unwrap_or("-").to_owned()
    };
    let eni = |name: &str| world.eni(&world::eni_id(world, name)).cloned();
    match name.split_once(' ') {
        Some(("free", subnet)) => {
            let subnet = world.subnet(&world::subnet_id(subnet)).unwrap();
            subnet.available_ip_address_count.to_string()
        }
        Some((fact, of)) => eni_fact(fact, &eni(of).unwrap()),
        None if name == "X" => {
            let x = world.addresses().next().unwrap();
            match &x.network_interface_id {
                None => "free".to_owned(),
                Some(eni) => format!(
                    "{} {}",
                    named(Some(eni.as_str())),
                    named(x.instance_id.as_ref().map(|i| i.as_str()))
                ),
            }
        }
        None if name == "R" => {
            let route = &world.route_tables().next().unwrap().routes[1];
            format!(
                "{} {}",
                route.state,
                named(route.instance_id.as_ref().map(|i| i.as_str()))
            )
        }
        None => match world.instances().find(|i| i.name() == Some(name)) {
            Some(i) => format!("{} {} {}", i.state, i.system_status, i.instance_status),
            None => eni(name).map_or("gone".to_owned(), |e| {
                let attachment = e.attachment.as_ref().map(|a| {
                    let holder = named(a.instance_id.as_ref().map(|i| i.as_str()));
                    let flag = if a.delete_on_termination {
                        "delete"
                    } else {
                        "keep"
                    };
                    format!(
                        " {} {holder} {}:{} {flag}",
                        a.status, a.network_card_index, a.device_index
                    )
                });
                format!("{}{}", e.status, attachment.unwrap_or_default())
            }),
        },
    }
}

fn eni_fact(fact: &str, eni: &Eni) -> String {
    let joined = |words: Vec<String>| {
        let words = words.join(" ");
        if words.is_empty() {
            "-".to_owned()
        } else {
            words
        }
    };
    match fact {
        "public" => joined(
            eni.associations()
                .map(|(_, a)| a.public_ip.to_string())
                .collect(),
        ),
        "ips" => {
            let ips = eni.private_ip_addresses.iter();
            joined(ips.map(|ip| ip.private_ip_address.to_string()).collect())
        }
        "groups" => joined(
            eni.groups
                .iter()
                .map(|g| g.group_name.to_string())
                .collect(),
        ),
        "primary-ipv6" => {
            let has = eni.ipv6_addresses.iter().any(|ip| ip.is_primary_ipv6);
            (if has { "yes" } else { "no" }).to_owned()
        }
        "check" => (if eni.source_dest_check { "on" } else { "off" }).to_owned(),
        "dns" => {
            let ips = eni.private_ip_addresses.iter();
            let own = eni.private_dns_name.iter();
            let names = own.chain(ips.filter_map(|ip| ip.private_dns_name.as_ref()));
            joined(names.map(ToString::to_string).collect())
        }
        "text" => eni.description.to_string(),
        other => panic!("no such fact: {other}"),
    }
}
