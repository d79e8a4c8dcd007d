//! What clients hear while switches are on.

use std::time::Duration;

use enipilot::sim::Sim;
use enipilot::sim::faults::Faults;
use enipilot::wire::{Reply, answer};

use super::TWO_AM;

const DESCRIBE: &str = "Action=DescribeNetworkInterfaces";
const DETACH: &str =
    "Action=DetachNetworkInterface&AttachmentId=eni-attach-0b7e5c21d09f1a338&Version=2016-11-15";

fn with(faults: &str) -> Sim {
    let mut sim = Sim::load("two-am.toml", TWO_AM, 1).unwrap();
    for item in Faults::parse(faults).unwrap().0 {
        sim.inject(&item).unwrap();
    }
    sim
}

fn ask(sim: &mut Sim, body: &str) -> Reply {
    let now = sim.now();
    answer(sim, now, 1, body.as_bytes())
}

fn is_detaching(sim: &Sim) -> bool {
    let world = sim.world();
    let eni = world.eni(&sim.focus().unwrap()).unwrap();
    let attachment = eni.attachment.as_ref();
    attachment.is_some_and(|a| a.status.to_string() == "detaching")
}

#[test]
fn what_becomes_of_a_request_is_told_to_the_server() {
    // Faults, request, status or 0 for silence, code, whether the interface is detaching then.
    for (faults, body, status, code, detaching) in [
        ("delay=2s", DETACH, 200, None, true),
        ("lost=100%", DETACH, 0, Some("lost"), false),
        ("unanswered=100%", DETACH, 0, Some("unanswered"), true),
        ("late=100%:20s", DETACH, 0, Some("late"), false),
        (
            "throttle=100%",
            DETACH,
            503,
            Some("RequestLimitExceeded"),
            false,
        ),
        ("expired", DETACH, 400, Some("RequestExpired"), false),
        (
            "expired",
            "Action=GetCallerIdentity",
            403,
            Some("ExpiredToken"),
            false,
        ),
        (
            "deny=Describe*",
            DESCRIBE,
            403,
            Some("UnauthorizedOperation"),
            false,
        ),
        (
            "deny=Describe*",
            "Action=DescribeVpcs&DryRun=true",
            403,
            Some("UnauthorizedOperation"),
            false,
        ),
        (
            "deny=Describe*",
            "Action=GetCallerIdentity",
            200,
            None,
            false,
        ),
        (
            "deny=Detach*",
            DETACH,
            403,
            Some("UnauthorizedOperation"),
            false,
        ),
        (
            "lost=100%",
            "Action=NoSuchThing",
            400,
            Some("InvalidAction"),
            false,
        ),
    ] {
        let mut sim = with(faults);
        let reply = ask(&mut sim, body);
        let seen = (reply.status, reply.code.as_deref(), is_detaching(&sim));
        assert_eq!(seen, (status, code, detaching), "{faults}: {body}");
        assert_eq!(reply.lost, status == 0, "{faults}: {body}");
        let delay = if faults == "delay=2s" { 2 } else { 0 };
        assert_eq!(reply.after, Duration::from_secs(delay), "{faults}: {body}");
    }
}

#[test]
fn a_late_request_arrives_without_an_answer() {
    let mut sim = with("late=100%:20s");
    assert!(ask(&mut sim, DETACH).lost);
    // A dry run that is late does nothing.
    assert!(ask(&mut sim, &format!("{DETACH}&DryRun=true")).lost);
    let end = sim.now() + Duration::from_secs(40);
    sim.advance(end);
    let world = sim.world();
    let eni = world.eni(&sim.focus().unwrap()).unwrap();
    assert!(eni.attachment.is_none());
}

#[test]
fn all_clients_of_an_account_share_its_tokens() {
    let mut sim = with("throttle");
    let codes: Vec<_> = (0..51).map(|_| ask(&mut sim, DESCRIBE).status).collect();
    assert!(codes[..50].iter().all(|status| *status == 200));
    assert_eq!(codes[50], 503);
    let filtered = format!("{DESCRIBE}&MaxResults=5");
    let codes: Vec<_> = (0..101).map(|_| ask(&mut sim, &filtered).status).collect();
    assert!(codes[..100].iter().all(|status| *status == 200));
    assert_eq!(codes[100], 503);
    assert_eq!(ask(&mut sim, DETACH).status, 200);
}

#[test]
fn a_describe_lags_and_then_shows_what_is() {
    let mut sim = with("stale=8s");
    let later = sim.now() + Duration::from_secs(1);
    sim.advance(later);
    assert_eq!(ask(&mut sim, DETACH).status, 200);
    assert!(is_detaching(&sim));
    let attached = "<status>attached</status>";
    let body = format!("{DESCRIBE}&NetworkInterfaceId.1=eni-0c1d52aa7be03f9a1");
    assert!(ask(&mut sim, &body).body.contains(attached));
    let later = sim.now() + Duration::from_secs(18);
    sim.advance(later);
    for _ in 0..30 {
        let seen = ask(&mut sim, &body).body;
        assert!(seen.contains("<status>available</status>"), "{seen}");
    }
}
