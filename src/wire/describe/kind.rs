//! `DescribeInstanceTypes`: what the limits table knows of each type.

use super::super::page::Ask;
use super::super::params::Params;
use super::super::xml::Xml;
use super::{Values, listed, one, passes, told};
use crate::ec2::error::ApiError;
use crate::ec2::world::World;
use crate::rules::limits::{self, Limits};

const ASK: Ask = Ask {
    action: "DescribeInstanceTypes",
    ids: ("InstanceType", "instanceTypeSet"),
    rows: Some((5, 100)),
    exclusive: true,
    filters: &[
        "bare-metal",
        "hypervisor",
        "instance-type",
        "network-info.ipv4-addresses-per-interface",
        "network-info.ipv6-addresses-per-interface",
        "network-info.ipv6-supported",
        "network-info.maximum-network-cards",
        "network-info.maximum-network-interfaces",
        "network-info.network-performance",
    ],
};

/// `DescribeInstanceTypes`.
pub(super) fn describe(world: &World, params: &mut Params) -> Result<Xml, ApiError> {
    let query = ASK.query(world, params)?;
    let unknown: Vec<&str> = query
        .ids
        .iter()
        .map(String::as_str)
        .filter(|name| limits::of(name).is_none())
        .collect();
    if !unknown.is_empty() {
        let message = format!(
            "The following supplied instance types do not exist: [{}]",
            unknown.join(", ")
        );
        return Err(ApiError::new("InvalidInstanceType", message));
    }
    let page = query.page(
        limits::all(),
        |(name, _)| name,
        |(name, limits), filter| passes(filter, &[], |wanted| values(name, limits, wanted)),
    );
    listed(&query, "instanceTypeSet", page, |x, (name, limits)| {
        x.text("instanceType", name);
        x.text("bareMetal", is_metal(name));
        x.maybe("hypervisor", hypervisor(&limits));
        x.within("networkInfo", |x| write_network(x, &limits));
    })
}

fn is_metal(name: &str) -> bool {
    name.contains(".metal")
}

fn hypervisor(limits: &Limits) -> Option<&'static str> {
    limits
        .nitro
        .map(|nitro| if nitro { "nitro" } else { "xen" })
}

fn write_network(x: &mut Xml, limits: &Limits) {
    x.maybe("networkPerformance", limits.network_performance.as_deref());
    x.text("maximumNetworkInterfaces", limits.interfaces_max);
    x.text("maximumNetworkCards", limits.network_cards);
    x.text("defaultNetworkCardIndex", 0);
    x.list("networkCards", 0..limits.network_cards, |x, card| {
        x.text("networkCardIndex", card);
        x.maybe("networkPerformance", limits.network_performance.as_deref());
        x.text(
            "maximumNetworkInterfaces",
            limits.interfaces_per_card_max(card),
        );
    });
    x.text("ipv4AddressesPerInterface", limits.ipv4_per_interface_max);
    x.maybe("ipv6AddressesPerInterface", limits.ipv6_per_interface_max);
    x.maybe(
        "ipv6Supported",
        limits.ipv6_per_interface_max.map(|n| n > 0),
    );
}

fn values<'a>(name: &'a str, limits: &Limits, wanted: &str) -> Values<'a> {
    match wanted {
        "bare-metal" => told(is_metal(name)),
        "hypervisor" => one(hypervisor(limits)),
        "instance-type" => one(Some(name)),
        "network-info.ipv4-addresses-per-interface" => told(limits.ipv4_per_interface_max),
        "network-info.ipv6-addresses-per-interface" => {
            limits.ipv6_per_interface_max.map_or_else(Vec::new, told)
        }
        "network-info.ipv6-supported" => {
            let supported = limits.ipv6_per_interface_max.map(|n| n > 0);
            supported.map_or_else(Vec::new, told)
        }
        "network-info.maximum-network-cards" => told(limits.network_cards),
        "network-info.maximum-network-interfaces" => told(limits.interfaces_max),
        "network-info.network-performance" => {
            let performance = limits.network_performance.as_deref();
            performance.map_or_else(Vec::new, told)
        }
        _ => Vec::new(),
    }
}
