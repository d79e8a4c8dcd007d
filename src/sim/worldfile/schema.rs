//! The form of a world file: what may stand in it, under which key.
//!
//! Invariants: unknown keys are refused; a table's name in the file is the resource's tag `Name`
//! unless `name` says otherwise; keys are EC2's member names in lower case with underscores, only
//! shorter where the table already says what it is about (`id`, `type`).

mod acts;

use std::collections::BTreeMap;

pub use acts::{Client, Dns, Event, EventCall, Managed, ManagedKind, Past, Service};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{self, Deserializer, MapAccess, Visitor};
use toml::Spanned;

use super::value::{Cidr, Ip, Ip6, Moment, Named, Ref, Span, Spread};
use crate::ec2::eni::{AttachmentStatus, EniStatus};
use crate::ec2::resource::{CheckStatus, InstanceState, RouteState};

macro_rules! known {
    ($(#[$doc:meta])* $name:ident = $inner:ident: $($text:literal)*) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(pub $inner);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                const TEXTS: &[&str] = &[$($text),*];
                if TEXTS.contains(&text.as_str()) {
                    Ok(Self($inner::from(text.as_str())))
                } else {
                    Err(de::Error::unknown_variant(&text, TEXTS))
                }
            }
        }
    };
}

known! {
    /// A state that EC2 knows: a slip of the hand is an error, not a new state.
    State = InstanceState: "pending" "running" "stopping" "stopped" "shutting-down" "terminated"
}
known! {
    /// A status check's result.
    Check = CheckStatus: "ok" "impaired" "initializing" "insufficient-data" "not-applicable"
}
known! {
    /// An interface's status.
    Status = EniStatus: "pending" "available" "in-use"
}
known! {
    /// An attachment's status.
    Attaching = AttachmentStatus: "attaching" "attached" "detaching"
}
known! {
    /// A route's state.
    Flow = RouteState: "active" "blackhole"
}

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The world's name, for the badge.
    pub name: String,
    /// One sentence about it.
    #[serde(default)]
    pub about: String,
    #[serde(default = "region")]
    pub region: String,
    #[serde(default = "account")]
    pub account: Spanned<String>,
    /// The moment at which time stands still until the person moves it.
    pub now: Spanned<Moment>,
    /// The interface that the story is about.
    pub focus: Option<Ref>,
    #[serde(default)]
    pub prologue: Vec<Line>,
    #[serde(default)]
    pub timings: Timings,
    pub deny: Option<Deny>,
    /// Switches by name: `true`, a value, or several.
    #[serde(default)]
    pub faults: Named<Spanned<toml::Value>>,
    /// Resources by number, beside those that are spelt out.
    pub generate: Option<Spanned<Generate>>,
    #[serde(default)]
    pub vpc: Named<Vpc>,
    #[serde(default)]
    pub subnet: Named<Subnet>,
    #[serde(default)]
    pub group: Named<Group>,
    #[serde(default)]
    pub instance: Named<Instance>,
    #[serde(default)]
    pub eni: Named<Eni>,
    #[serde(default)]
    pub eip: Named<Eip>,
    #[serde(default)]
    pub route_table: Named<RouteTable>,
    #[serde(default)]
    pub internet_gateway: Named<InternetGateway>,
    #[serde(default)]
    pub quota: Quota,
    #[serde(default)]
    pub service: Named<Service>,
    #[serde(default)]
    pub managed: Named<Managed>,
    #[serde(default)]
    pub client: Named<Client>,
    #[serde(default)]
    pub dns: Named<Dns>,
    #[serde(default)]
    pub event: Vec<Event>,
    /// What has happened since, as a program has written it down.
    pub saved: Option<Spanned<Saved>>,
}

/// Everything that was put in since the beginning; see `sim::saved`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// A whole number: TOML's own end at 2^63.
    pub seed: Spanned<String>,
    pub attach_ms: Option<u64>,
    pub detach_ms: Option<u64>,
    /// Inputs as JSON.
    pub inputs: Vec<Spanned<String>>,
}

/// See `sim::generate`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generate {
    pub vpcs: Option<u32>,
    pub subnets: Option<u32>,
    pub instances: Option<u32>,
    pub enis: Option<u32>,
    pub seed: Option<u64>,
}

fn region() -> String {
    "us-east-1".to_owned()
}

fn account() -> Spanned<String> {
    Spanned::new(0..0, "111122223333".to_owned())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub at: Moment,
    pub text: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timings {
    pub create: Option<Spread>,
    pub attach: Option<Spread>,
    pub guest: Option<Spread>,
    pub detach: Option<Spread>,
    pub force_detach: Option<Spread>,
    pub start: Option<Spread>,
    pub checks: Option<Spread>,
    pub stop: Option<Spread>,
    pub terminate: Option<Spread>,
    pub route: Option<Spread>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deny {
    /// API actions that the caller may not perform.
    pub actions: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    pub id: Option<Spanned<String>>,
    pub name: Option<String>,
    pub cidr: Cidr,
    #[serde(default)]
    pub is_default: bool,
    /// Interfaces get private DNS names.
    #[serde(default = "yes")]
    pub dns_hostnames: bool,
    pub owner: Option<String>,
    #[serde(default)]
    pub tags: Tags,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subnet {
    pub id: Option<Spanned<String>>,
    pub name: Option<String>,
    /// May be left out where there is one VPC.
    pub vpc: Option<Ref>,
    pub cidr: Spanned<Cidr>,
    pub zone: String,
    pub zone_id: Option<String>,
    /// Computed when left out.
    pub available_ip_address_count: Option<u32>,
    #[serde(default)]
    pub map_public_ip_on_launch: bool,
    pub ipv6_cidr: Option<String>,
    #[serde(default)]
    pub assign_ipv6_address_on_creation: bool,
    pub owner: Option<String>,
    #[serde(default)]
    pub tags: Tags,
}

/// An internet gateway. A VPC with a route to one needs none here.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InternetGateway {
    pub id: Option<Spanned<String>>,
    pub name: Option<String>,
    /// The VPC that it is attached to; may be left out where there is one VPC.
    pub vpc: Option<Ref>,
    #[serde(default)]
    pub tags: Tags,
}

/// Quotas other than those of a new account.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    pub network_interfaces: Option<usize>,
    pub elastic_ips: Option<usize>,
    pub groups_per_interface: Option<usize>,
    pub vpcs: Option<usize>,
    pub subnets_per_vpc: Option<usize>,
    pub groups: Option<usize>,
    pub rules_per_group: Option<usize>,
    pub nat_gateways_per_zone: Option<usize>,
    pub internet_gateways: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub id: Option<Spanned<String>>,
    /// The group's name; the table's when left out.
    pub name: Option<String>,
    pub vpc: Option<Ref>,
    #[serde(default)]
    pub description: String,
    /// What it lets in: `"tcp 5432 from 10.0.0.0/16"`, `"all from sg-app"`.
    #[serde(default)]
    pub ingress: Vec<Spanned<String>>,
    /// What it lets out: `"tcp 443 to 0.0.0.0/0"`; everything when left out.
    pub egress: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    pub tags: Tags,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    pub id: Option<Spanned<String>>,
    pub name: Option<String>,
    #[serde(rename = "type")]
    pub instance_type: String,
    pub subnet: Ref,
    #[serde(default = "running")]
    pub state: State,
    pub system_status: Option<Check>,
    pub instance_status: Option<Check>,
    pub owner: Option<String>,
    pub launch_time: Option<Moment>,
    /// It refuses to be terminated.
    #[serde(default)]
    pub disable_api_termination: bool,
    pub lifecycle: Option<String>,
    #[serde(default)]
    pub tags: Tags,
    /// Primary address; the lowest free one when left out.
    pub ip: Option<Spanned<Ip>>,
    /// Groups of the primary interface; the VPC's default one when left out.
    pub groups: Option<Vec<Ref>>,
    /// An automatically assigned public address.
    pub public_ip: Option<Ip>,
    /// When the transition that its state implies ends, from `now`.
    pub settles_in: Option<Spanned<Span>>,
    /// Attached to usable in this guest.
    pub guest_delay: Option<Spread>,
    /// The guest never sees what is attached from now on.
    #[serde(default)]
    pub guest_never_up: bool,
    /// The guest never lets go: a detach without force does not end.
    #[serde(default)]
    pub detach_hangs: bool,
    /// The guest has no routing rules of its own: what reaches a second interface in the subnet of
    /// the primary one is answered through the primary one, and lost.
    #[serde(default)]
    pub answers_astray: bool,
}

fn running() -> State {
    State(InstanceState::Running)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Eni {
    pub id: Option<Spanned<String>>,
    /// Empty: no tag `Name`.
    pub name: Option<String>,
    pub subnet: Ref,
    /// One address; the lowest free one when both `ip` and `ips` are left out.
    pub ip: Option<Spanned<Ip>>,
    /// All addresses, the primary first.
    pub ips: Option<Vec<Spanned<PrivateIp>>>,
    #[serde(default)]
    pub ipv6: Vec<Ipv6>,
    #[serde(default)]
    pub ipv4_prefixes: Vec<Spanned<Cidr>>,
    #[serde(default)]
    pub ipv6_prefixes: Vec<String>,
    #[serde(default)]
    pub ipv6_native: bool,
    pub groups: Option<Vec<Ref>>,
    #[serde(default)]
    pub description: String,
    #[serde(rename = "type", default = "interface")]
    pub interface_type: String,
    pub status: Option<Status>,
    pub mac: Option<String>,
    #[serde(default = "yes")]
    pub source_dest_check: bool,
    #[serde(default)]
    pub deny_all_igw_traffic: bool,
    pub owner: Option<String>,
    pub requester: Option<String>,
    #[serde(default)]
    pub requester_managed: bool,
    pub operator: Option<Operator>,
    pub private_dns_name: Option<String>,
    pub public_dns_name: Option<String>,
    pub public_ip_dns_name_options: Option<DnsOptions>,
    pub attachment: Option<Attachment>,
    pub connection_tracking: Option<Tracking>,
    pub outpost_arn: Option<String>,
    #[serde(default)]
    pub associated_subnets: Vec<String>,
    #[serde(default)]
    pub tags: Tags,
}

fn interface() -> String {
    "interface".to_owned()
}

/// An address alone, or a table with what is on it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivateIpTable {
    pub ip: Ip,
    pub private_dns_name: Option<String>,
    pub public: Option<Public>,
}

/// A private address.
#[derive(Debug)]
pub struct PrivateIp(pub PrivateIpTable);

/// An automatically assigned public address.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Public {
    pub ip: Ip,
    #[serde(default = "amazon")]
    pub owner: String,
    pub dns_name: Option<String>,
    pub carrier_ip: Option<String>,
    pub customer_owned_ip: Option<String>,
}

fn amazon() -> String {
    "amazon".to_owned()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ipv6Table {
    pub ip: Ip6,
    #[serde(default)]
    pub primary: bool,
    pub public_dns_name: Option<String>,
}

/// An IPv6 address.
#[derive(Debug)]
pub struct Ipv6(pub Ipv6Table);

macro_rules! text_or_table {
    ($name:ident($table:ident), $short:ident, $expected:literal, $make:expr) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Seen;
                impl<'de> Visitor<'de> for Seen {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expected)
                    }
                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$name, E> {
                        let ip = $short::deserialize(StrDeserializer::new(text))?;
                        let make: fn($short) -> $table = $make;
                        Ok($name(make(ip)))
                    }
                    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<$name, A::Error> {
                        $table::deserialize(MapAccessDeserializer::new(map)).map($name)
                    }
                }
                deserializer.deserialize_any(Seen)
            }
        }
    };
}

text_or_table!(
    PrivateIp(PrivateIpTable),
    Ip,
    "an IPv4 address or a table with `ip`",
    |ip| PrivateIpTable {
        ip,
        private_dns_name: None,
        public: None
    }
);
text_or_table!(
    Ipv6(Ipv6Table),
    Ip6,
    "an IPv6 address or a table with `ip`",
    |ip| Ipv6Table {
        ip,
        primary: false,
        public_dns_name: None
    }
);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    #[serde(default)]
    pub managed: bool,
    pub principal: Option<String>,
    #[serde(default)]
    pub hidden_by_default: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DnsOptions {
    pub dns_hostname_type: Option<String>,
    pub public_ipv4_dns_name: Option<String>,
    pub public_ipv6_dns_name: Option<String>,
    pub public_dual_stack_dns_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    pub id: Option<Spanned<String>>,
    /// Left out for what a service holds.
    pub instance: Option<Ref>,
    /// The instance's owner when left out, or `amazon-aws` without an instance.
    pub instance_owner: Option<String>,
    /// The lowest free one from 1 on when left out.
    pub device_index: Option<Spanned<u32>>,
    #[serde(default)]
    pub network_card_index: u32,
    pub status: Option<Attaching>,
    pub delete_on_termination: Option<bool>,
    pub attach_time: Option<Moment>,
    /// ENA Express: `ena_srd = { enabled = true, udp = false }`.
    pub ena_srd: Option<EnaSrd>,
    pub ena_queue_count: Option<i32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnaSrd {
    #[serde(default)]
    pub enabled: bool,
    #[serde(default)]
    pub udp: bool,
}

/// In seconds, as EC2 has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tracking {
    pub tcp_established_timeout: Option<i32>,
    pub udp_stream_timeout: Option<i32>,
    pub udp_timeout: Option<i32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Eip {
    pub id: Option<Spanned<String>>,
    pub name: Option<String>,
    pub public_ip: Ip,
    /// The interface that carries it; left out: allocated and free.
    pub eni: Option<Ref>,
    /// The private address that carries it; the interface's primary when left out.
    pub private_ip: Option<Spanned<Ip>>,
    pub association_id: Option<Spanned<String>>,
    pub owner: Option<String>,
    pub public_dns_name: Option<String>,
    pub carrier_ip: Option<String>,
    pub customer_owned_ip: Option<String>,
    #[serde(default)]
    pub tags: Tags,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteTable {
    pub id: Option<Spanned<String>>,
    pub name: Option<String>,
    pub vpc: Option<Ref>,
    #[serde(default)]
    pub main: bool,
    #[serde(default)]
    pub subnets: Vec<Ref>,
    /// Besides the VPC's own `local` route, which is always there.
    #[serde(default)]
    pub routes: Vec<Route>,
    #[serde(default)]
    pub tags: Tags,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    pub to: Spanned<String>,
    pub eni: Option<Ref>,
    pub gateway: Option<String>,
    /// From the target's state when left out.
    pub state: Option<Flow>,
}
