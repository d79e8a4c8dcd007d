#![allow(clippy::unwrap_used, clippy::panic)]

use std::time::Duration;

use super::notation::NAMES;
use super::*;

const NOW: Time = Time::from_millis(1_000_000);

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[test]
fn the_notation_reads_and_prints_as_its_table_says() {
    for line in include_str!("../../../tests/data/fault_notation.txt").lines() {
        if line.starts_with('#') {
            continue;
        }
        let (text, expected) = line.rsplit_once('|').unwrap();
        let expected = expected.trim();
        match (Faults::parse(text.trim()), expected.strip_prefix("error: ")) {
            (Ok(faults), None) => {
                assert_eq!(faults.to_string(), expected, "{line}");
                assert_eq!(Faults::parse(expected).unwrap(), faults, "{line}");
            }
            (Err(error), Some(wrong)) => {
                let error = error.to_string();
                assert!(error.contains(wrong), "{line}\n    {error}");
            }
            (got, _) => panic!("{line}\n    {got:?}"),
        }
    }
}

#[test]
fn every_name_of_the_list_is_a_fault_and_says_its_own_name() {
    for (name, form, _) in NAMES {
        let form = form.split(" or ").next().unwrap_or_default();
        let form = form.replace("[=5%]", "").replace("[:20s]", "");
        let value = form.replace("ACTION", "StopInstances");
        let text = format!("{name}{value}");
        assert_eq!(Faults::parse(&text).unwrap().to_string(), text);
    }
}

fn fates(faults: &str, ask: &Ask, count: usize, gap: u64) -> Vec<Fate> {
    let faults = Faults::parse(faults).unwrap();
    let mut road = Road::new(7);
    let mut now = NOW;
    let mut fates = Vec::new();
    for _ in 0..count {
        let on = faults.0.iter().map(|item| &item.fault);
        fates.push(road.fate(on, "111122223333", "me", ask, now));
        now = now + ms(gap);
    }
    fates
}

fn is_throttled(fate: &Fate) -> bool {
    matches!(fate, Fate::Refused { error, .. } if &*error.code == "RequestLimitExceeded")
}

#[test]
fn a_bucket_empties_and_fills_as_ec2_documents() {
    // Requests at one moment that are accepted, and milliseconds until the next one is.
    for (action, whole, capacity, gap) in [
        ("AttachNetworkInterface", false, 50, 200),
        ("DescribeNetworkInterfaces", false, 100, 50),
        ("DescribeNetworkInterfaces", true, 50, 100),
        ("DescribeSubnets", true, 100, 50),
        ("CreateNetworkInterface", false, 100, 200),
        ("CreateTags", false, 100, 100),
        ("RunInstances", false, 5, 500),
        ("TerminateInstances", false, 100, 200),
    ] {
        let faults = [Fault::Throttle];
        let mut road = Road::new(1);
        let ask = Ask::read(action, whole);
        let mut at = |now| !is_throttled(&road.fate(faults.iter(), "1", "me", &ask, now));
        let accepted = (0..capacity + 1).filter(|_| at(NOW)).count();
        assert_eq!(accepted, capacity, "{action}");
        assert!(!at(NOW + ms(gap - 1)), "{action}");
        assert!(at(NOW + ms(gap)), "{action}");
        assert!(!at(NOW + ms(gap)), "{action}");
    }
}

#[test]
fn instances_take_tokens_of_their_own() {
    let faults = [Fault::Throttle];
    let mut road = Road::new(1);
    let ask = Ask {
        action: "TerminateInstances".into(),
        whole: false,
        instances: 600,
    };
    let mut at = |now| !is_throttled(&road.fate(faults.iter(), "1", "me", &ask, now));
    assert!(at(NOW));
    assert!(!at(NOW));
    // 200 are missing, 20 come a second.
    assert!(!at(NOW + ms(9_999)));
    assert!(at(NOW + ms(10_000)));
}

#[test]
fn shares_are_met_and_exclude_each_other() {
    let ask = Ask::read("DescribeSubnets", false);
    let all = "lost=10%,unanswered=10%,late=10%:20s,twice=10%,throttle=10%";
    let fates = fates(all, &ask, 20_000, 1);
    let share = |of: fn(&Fate) -> bool| fates.iter().filter(|f| of(f)).count();
    for count in [
        share(|f| *f == Fate::Lost),
        share(|f| *f == Fate::Unanswered),
        share(|f| matches!(f, Fate::Late { after } if *after <= ms(20_000))),
        share(|f| matches!(f, Fate::Twice { .. })),
        share(is_throttled),
    ] {
        assert!((1_800..2_200).contains(&count), "{count}");
    }
}

#[test]
fn the_same_seed_meets_the_same_fates() {
    let ask = Ask::read("DescribeSubnets", false);
    let all = "stale=8s,delay=1s..2s,lost=10%,late=10%:20s";
    assert_eq!(fates(all, &ask, 500, 40), fates(all, &ask, 500, 40));
}

#[test]
fn reads_lag_within_the_bound_and_never_go_back() {
    let ask = Ask::read("DescribeSubnets", false);
    let mut now = NOW;
    let mut last = NOW - ms(8_000);
    let mut lagging = 0;
    for fate in fates("stale=8s", &ask, 2_000, 100) {
        let Fate::Answered { as_of, .. } = fate else {
            panic!("{fate:?}");
        };
        assert!(last <= as_of && as_of <= now && now.since(as_of) <= ms(8_000));
        lagging += usize::from(as_of < now);
        last = as_of;
        now = now + ms(100);
    }
    assert!(lagging > 1_000, "{lagging}");
}

#[test]
fn what_is_refused_first_is_said_first() {
    let refusal = |faults: &str, action: &str| match fates(faults, &Ask::read(action, false), 1, 0)
        .remove(0)
    {
        Fate::Refused { error, .. } => error.code.to_string(),
        other => format!("{other:?}"),
    };
    let all = "deny=*,expired,throttle=100%";
    assert_eq!(refusal(all, "DescribeVpcs"), "RequestLimitExceeded");
    assert_eq!(refusal("deny=*,expired", "DescribeVpcs"), "RequestExpired");
    assert_eq!(refusal("expired", "GetCallerIdentity"), "ExpiredToken");
    assert_eq!(refusal("deny=*", "DescribeVpcs"), "UnauthorizedOperation");
    assert!(refusal("deny=*", "GetCallerIdentity").starts_with("Answered"));
    assert_eq!(refusal("lost=100%,expired", "DescribeVpcs"), "Lost");
}

#[test]
fn without_faults_everything_is_answered_at_once() {
    let ask = Ask::read("DescribeSubnets", true);
    let mut road = Road::new(7);
    for _ in 0..1_000 {
        let fate = road.fate([].iter(), "1", "me", &ask, NOW);
        let expected = Fate::Answered {
            after: Duration::ZERO,
            as_of: NOW,
        };
        assert_eq!(fate, expected);
    }
    assert_eq!(road, Road::new(7));
}

#[test]
fn a_switch_is_on_within_its_window() {
    let item = Item::parse("expired@30s..60s").unwrap();
    let placed = Placed {
        number: 0,
        since: NOW,
        item,
    };
    for (after, on) in [
        (0, false),
        (29_999, false),
        (30_000, true),
        (59_999, true),
        (60_000, false),
    ] {
        assert_eq!(placed.is_on(NOW + ms(after)), on, "{after}");
    }
}
