//! The mechanisms as the table names them: what each carries, and where that is.

use enipilot::failover::mechanism::Mechanism;

use super::pilot::{ENI, SOURCE, TARGET};
use crate::support::served::{Served, between};

/// The interface of the standby that takes over what is carried.
pub const RECEIVER: &str = "eni-0c1d52aa7be03f9a2";

/// Where everything is that can be carried without its interface.
const CARRIED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/carried.toml");

/// The mechanism that a case begins with; the interface itself if it names none.
pub fn of(how: &[String]) -> Mechanism {
    let named = how.first().and_then(|word| Mechanism::of_word(word));
    named.unwrap_or_default()
}

/// The world in which it is played.
pub fn world(way: Mechanism) -> &'static str {
    match way {
        Mechanism::Interface => "two-am",
        _ => CARRIED,
    }
}

/// Arguments beside interface and target.
pub fn words(way: Mechanism) -> Vec<&'static str> {
    match way {
        Mechanism::Interface => Vec::new(),
        _ => vec!["--mechanism", way.word(), "--receiver", RECEIVER],
    }
}

/// What it carries, as the screen's list of ways says.
pub fn on_the_screen(way: Mechanism) -> &'static str {
    match way {
        Mechanism::Interface => "the interface",
        Mechanism::PrivateIp => "its secondary addresses",
        Mechanism::ElasticIp => "its Elastic IPs",
        Mechanism::Route => "the routes to it",
    }
}

/// The call that brings something to the target.
pub fn call(way: Mechanism) -> &'static str {
    match way {
        Mechanism::Interface => "AttachNetworkInterface",
        Mechanism::PrivateIp => "AssignPrivateIpAddresses",
        Mechanism::ElasticIp => "AssociateAddress",
        Mechanism::Route => "ReplaceRoute",
    }
}

/// `source`, `target`, or `source and target` if some of it is here and some there.
pub fn place(served: &Served, way: Mechanism) -> String {
    let all: Vec<String> = match way {
        Mechanism::Interface => {
            let form = format!("Action=DescribeNetworkInterfaces&NetworkInterfaceId.1={ENI}");
            let answer = served.call(&form);
            let on = between(&answer, "<attachment>", "</attachment>");
            vec![at(on.unwrap_or_default())]
        }
        Mechanism::PrivateIp => {
            let address = |ip| {
                let filter = "Filter.1.Name=addresses.private-ip-address&Filter.1.Value.1";
                let form = format!("Action=DescribeNetworkInterfaces&{filter}={ip}");
                at(&served.call(&form))
            };
            ["10.0.1.51", "10.0.1.52"].map(address).to_vec()
        }
        Mechanism::ElasticIp => {
            // At home each is under the private address that it had.
            let address = |(n, home): (u32, &str)| {
                let form =
                    format!("Action=DescribeAddresses&AllocationId.1=eipalloc-0123456789abcdef{n}");
                let answer = served.call(&form);
                let place = at(&answer);
                let under = between(&answer, "<privateIpAddress>", "</privateIpAddress>");
                match place == "source" && under != Some(home) {
                    true => format!("source under {under:?}"),
                    false => place,
                }
            };
            [(1, "10.0.1.52"), (2, "10.0.1.51")].map(address).to_vec()
        }
        Mechanism::Route => {
            let table = "Action=DescribeRouteTables&RouteTableId.1=rtb-0f1e2d3c4b5a69788";
            let answer = served.call(table);
            let route = |cidr| {
                let to = format!("<destinationCidrBlock>{cidr}</destinationCidrBlock>");
                at(between(&answer, &to, "</item>").unwrap_or_default())
            };
            ["172.31.98.0/24", "172.31.99.0/24"].map(route).to_vec()
        }
    };
    let mut places = all;
    places.sort();
    places.dedup();
    places.join(" and ")
}

/// The instance that a part of an answer names.
fn at(answer: &str) -> String {
    match between(answer, "<instanceId>", "</instanceId>") {
        Some(SOURCE) => "source".to_owned(),
        Some(TARGET) => "target".to_owned(),
        other => other.unwrap_or("nobody").to_owned(),
    }
}
