//! What this process knows about where it runs, gathered for the preflight.
//!
//! Invariants: nothing is sent and nothing is created; what cannot be found out is left out; what may
//! wait for a name server or a disk keeps nobody else waiting.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cloud::port::Reader;
use crate::ec2::id::InstanceId;
use crate::failover::permission::Permissions;
use crate::failover::plan::Plan;
use crate::failover::surroundings::Surroundings;
use crate::store::dir::{StateDir, locate, warnings_of};
use crate::store::ops;

/// Where Nitro instances say which instance they are (EC2 User Guide, "Identify EC2 instances").
const ASSET_TAG: &str = "/sys/devices/virtual/dmi/id/board_asset_tag";

/// What concerns this plan, whose addresses `moving` leave their machine.
pub async fn around(
    reader: &Reader,
    plan: Arc<Plan>,
    moving: Vec<IpAddr>,
    state_dir: Option<PathBuf>,
) -> Surroundings {
    let place = reader.place();
    let machine =
        tokio::task::spawn_blocking(move || machine(&place, &plan, moving, state_dir.as_deref()));
    let (machine, credentials) = tokio::join!(machine, reader.credentials());
    Surroundings {
        credentials,
        ..machine.unwrap_or_default()
    }
}

/// Everything but the credentials.
fn machine(
    place: &str,
    plan: &Plan,
    moving: Vec<IpAddr>,
    state_dir: Option<&Path>,
) -> Surroundings {
    let (dir, unfinished) = kept(state_dir, plan);
    let asset = std::fs::read_to_string(ASSET_TAG).unwrap_or_default();
    let asset = asset.trim();
    Surroundings {
        session_to: std::env::var("SSH_CONNECTION")
            .ok()
            .and_then(|words| session_to(&words)),
        own_addresses: moving.into_iter().filter(|ip| is_ours(*ip)).collect(),
        own_instance: InstanceId::well_formed(asset).then(|| InstanceId::from(asset)),
        api_from: api_from(place),
        credentials: None,
        permissions: Permissions::NotWanted,
        probe: None,
        unfinished,
        state_dir: Some(dir),
    }
}

/// Third word of `SSH_CONNECTION`: the address to which the client connected.
fn session_to(words: &str) -> Option<IpAddr> {
    words.split_whitespace().nth(2)?.parse().ok()
}

/// An address can be bound only where it is the machine's own.
fn is_ours(ip: IpAddr) -> bool {
    UdpSocket::bind(SocketAddr::new(ip, 0)).is_ok()
}

/// The address from which packets to the endpoint would leave. Connecting a datagram socket sends
/// nothing; it only asks the machine's own routes.
fn api_from(place: &str) -> Option<IpAddr> {
    let rest = place.split_once("://").map_or(place, |(_, rest)| rest);
    let host = rest.split(['/', ' ']).next()?;
    let to = match host.parse::<SocketAddr>() {
        Ok(to) => to,
        Err(_) if host.contains(':') => host.to_socket_addrs().ok()?.next()?,
        Err(_) => (host, 443).to_socket_addrs().ok()?.next()?,
    };
    let any = match to {
        SocketAddr::V4(_) => "0.0.0.0:0",
        SocketAddr::V6(_) => "[::]:0",
    };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(to).ok()?;
    socket.local_addr().ok().map(|from| from.ip())
}

/// What is wrong with the state directory, and the operations on its interfaces that were left open.
fn kept(state_dir: Option<&Path>, plan: &Plan) -> (Result<Vec<String>, String>, Vec<String>) {
    let found = locate(state_dir).and_then(|path| {
        let dir = StateDir::existing(&path)?;
        Ok((dir, warnings_of(&path)))
    });
    let (dir, warnings) = match found {
        Ok((Some(dir), warnings)) => (dir, warnings),
        // It will be made, private, when it is needed.
        Ok((None, warnings)) => return (Ok(warnings), Vec::new()),
        Err(error) => return (Err(error.to_string()), Vec::new()),
    };
    let open = match ops::open(&dir) {
        Ok(open) => open,
        Err(error) => return (Err(error.to_string()), Vec::new()),
    };
    let on_it = open.into_iter().filter(|(_, kept)| kept.meets(plan));
    let names = on_it.map(|(_, kept)| kept.op.clone()).collect();
    (Ok(warnings), names)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_way_to_an_endpoint_is_found_without_sending() {
        for (place, expected) in [
            ("http://127.0.0.1:5000", Some("127.0.0.1")),
            ("127.0.0.1:5000", Some("127.0.0.1")),
            ("http://127.0.0.1:5000/path", Some("127.0.0.1")),
            ("", None),
        ] {
            let from = api_from(place).map(|ip| ip.to_string());
            assert_eq!(from.as_deref(), expected, "{place}");
        }
        assert!(is_ours("127.0.0.1".parse().unwrap()));
        assert!(!is_ours("192.0.2.1".parse().unwrap()));
    }

    #[test]
    fn a_session_came_to_the_third_word() {
        let ip = Some("10.0.1.50".parse().unwrap());
        assert_eq!(session_to("198.51.100.7 50022 10.0.1.50 22"), ip);
        assert_eq!(session_to("nonsense"), None);
    }
}
