//! All that travels with a network interface, taken before the move and compared after it.
//!
//! Invariants: whole values are compared field by field, never text within text (a partial match
//! once made an address look present that was not: ClusterLabs/resource-agents, `awsvip`); every
//! address, Elastic IP and tag is a field of its own, so that what is lost can be named and what is
//! added meanwhile is no loss. Of tag values only `Name` is kept; the others are digests, because
//! an identity goes into the journal. What belongs to the attachment, and the mark of a primary
//! IPv6 address, do not travel and are not part of it (EC2 User Guide, "Elastic network interfaces").

use serde::{Deserialize, Serialize};

use super::mechanism::good::{Good, What};
use crate::ec2::eni::Eni;
use crate::ec2::world::World;

/// The bundle that must be unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// One line a field: EC2's member name and its value.
    pub fields: Vec<(String, String)>,
}

/// A field that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// EC2's member name.
    pub field: String,
    /// Before the move.
    pub before: String,
    /// After it.
    pub after: String,
}

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} was {}, is {}", self.field, self.before, self.after)
    }
}

impl Identity {
    /// Takes it.
    pub fn of(eni: &Eni) -> Self {
        let mut fields = Fields::default();
        fields.put("NetworkInterfaceId", &eni.id);
        fields.put("MacAddress", &eni.mac_address);
        fields.put("SubnetId", &eni.subnet_id);
        fields.put("VpcId", &eni.vpc_id);
        fields.put("AvailabilityZone", &eni.availability_zone);
        fields.put("OwnerId", &eni.owner_id);
        fields.put("InterfaceType", &eni.interface_type);
        fields.addresses(eni);
        fields.put("Groups", &groups(eni));
        fields.put("SourceDestCheck", &eni.source_dest_check);
        fields.put("DenyAllIgwTraffic", &eni.deny_all_igw_traffic);
        fields.put("Description", &eni.description);
        fields.dns_names(eni);
        if let Some(conntrack) = &eni.connection_tracking_configuration {
            for (name, seconds) in [
                ("TcpEstablishedTimeout", conntrack.tcp_established_timeout),
                ("UdpStreamTimeout", conntrack.udp_stream_timeout),
                ("UdpTimeout", conntrack.udp_timeout),
            ] {
                if let Some(seconds) = seconds {
                    fields.put(&format!("ConnectionTrackingConfiguration.{name}"), &seconds);
                }
            }
        }
        for tag in &eni.tag_set {
            let value = match &*tag.key {
                "Name" => tag.value.to_string(),
                _ => format!("digest {:08x}", crc32fast::hash(tag.value.as_bytes())),
            };
            fields.put(&format!("TagSet.{}", tag.key), &value);
        }
        Self { fields: fields.0 }
    }

    /// Takes that of things which are carried over: what must be the same in both places.
    pub fn of_goods<'a>(world: &World, goods: impl Iterator<Item = &'a Good>) -> Self {
        let mut fields = Fields::default();
        for good in goods {
            fields.good(world, good);
        }
        Self { fields: fields.0 }
    }

    /// What `after` lacks or has otherwise.
    pub fn compare(&self, after: &Self) -> Vec<Lost> {
        let differs = |(field, before): &(String, String)| {
            let now = after.value(field).unwrap_or("none");
            (now != before).then(|| Lost {
                field: field.clone(),
                before: before.clone(),
                after: now.to_owned(),
            })
        };
        self.fields.iter().filter_map(differs).collect()
    }

    /// The value of a field.
    pub fn value(&self, field: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(name, _)| name == field);
        found.map(|(_, value)| value.as_str())
    }

    /// Private addresses, the primary first.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        self.members("PrivateIpAddresses.")
            .chain(self.members("Ipv6Addresses."))
    }

    /// Elastic IPs.
    pub fn elastic_ips(&self) -> impl Iterator<Item = &str> {
        self.members("Association.")
    }

    /// How many tags it has.
    pub fn tags(&self) -> usize {
        self.members("TagSet.").count()
    }

    fn members<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter_map(move |(name, _)| name.strip_prefix(prefix))
    }
}

/// Empty values are no fields: what was not there cannot be lost.
#[derive(Default)]
struct Fields(Vec<(String, String)>);

impl Fields {
    fn put(&mut self, name: &str, value: &dyn ToString) {
        let value = value.to_string();
        if !value.is_empty() {
            self.0.push((name.to_owned(), value));
        }
    }

    fn addresses(&mut self, eni: &Eni) {
        for ip in &eni.private_ip_addresses {
            let rank = if ip.primary { "primary" } else { "secondary" };
            self.put(
                &format!("PrivateIpAddresses.{}", ip.private_ip_address),
                &rank,
            );
        }
        for (ip, association) in eni.associations().filter(|(_, a)| a.is_elastic()) {
            let of = |id: Option<String>| id.unwrap_or_else(|| "none".to_owned());
            let value = format!(
                "{} {} on {ip}",
                of(association.allocation_id.as_ref().map(ToString::to_string)),
                of(association.association_id.as_ref().map(ToString::to_string)),
            );
            self.put(&format!("Association.{}", association.public_ip), &value);
        }
        for ip in &eni.ipv6_addresses {
            self.put(&format!("Ipv6Addresses.{}", ip.ipv6_address), &"assigned");
        }
        for prefix in &eni.ipv4_prefixes {
            self.put(&format!("Ipv4Prefixes.{prefix}"), &"delegated");
        }
        for prefix in &eni.ipv6_prefixes {
            self.put(&format!("Ipv6Prefixes.{prefix}"), &"delegated");
        }
    }

    fn good(&mut self, world: &World, good: &Good) {
        match &good.what {
            What::PrivateIp(ip) => {
                let ends = [&good.from, &good.to].into_iter();
                let on = ends
                    .filter_map(|berth| world.eni(&berth.eni))
                    .find_map(|eni| {
                        let mut ips = eni.private_ip_addresses.iter();
                        ips.find(|on| on.private_ip_address == *ip)
                    });
                let Some(on) = on else { return };
                let rank = if on.primary { "primary" } else { "secondary" };
                self.put(&format!("PrivateIpAddresses.{ip}"), &rank);
                if let Some(elastic) = on.association.as_ref().filter(|a| a.is_elastic()) {
                    let id = elastic.allocation_id.as_ref();
                    let id = id.map_or_else(|| "none".to_owned(), ToString::to_string);
                    self.put(
                        &format!("Association.{}", elastic.public_ip),
                        &format!("{id} on {ip}"),
                    );
                }
            }
            What::ElasticIp {
                allocation_id,
                public_ip,
            } => {
                if world.address(allocation_id).is_some() {
                    self.put(&format!("Association.{public_ip}"), allocation_id);
                }
            }
            What::Route { table, destination } => {
                let table_seen = world.route_table(table);
                let mut routes = table_seen.into_iter().flat_map(|t| &t.routes);
                if routes.any(|r| r.destination == *destination) {
                    self.put(&format!("Routes.{destination}"), table);
                }
            }
        }
    }

    /// The public name of an automatically assigned address goes with that address.
    fn dns_names(&mut self, eni: &Eni) {
        if let Some(name) = &eni.private_dns_name {
            self.put("PrivateDnsName", name);
        }
        let elastic = eni.associations().any(|(_, a)| a.is_elastic());
        if let Some(name) = eni.public_dns_name.as_ref().filter(|_| elastic) {
            self.put("PublicDnsName", name);
        }
    }
}

/// Ids only, sorted: a group may be renamed, and EC2 promises no order.
fn groups(eni: &Eni) -> String {
    let mut ids: Vec<_> = eni.groups.iter().map(|g| g.group_id.as_str()).collect();
    ids.sort_unstable();
    ids.join(" ")
}
