//! Whether the place that this program runs at would be cut off, or is no place to fly from.
//!
//! Invariants: pure; whoever runs the program gathers what it knows about itself and hands it over as
//! data. What is not known is not judged. A session or a way to EC2 that runs over what is moved
//! blocks until it is accepted by name, because whoever sits there goes blind in the middle of it.

use std::net::IpAddr;
use std::time::Duration;

use super::permission::{self, Permissions};
use super::plan::preflight::{blocked_by, pass, warn};
use super::plan::{Check, Plan};
use super::resume::Operation;
use crate::ec2::id::InstanceId;
use crate::ec2::time::Time;
use crate::ec2::world::World;

/// Credentials should outlast the longest operation with its question and its put-back.
const CREDENTIALS_MARGIN: Duration = Duration::from_secs(15 * 60);

/// When credentials end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// They do not, as far as the SDK knows.
    Never,
    /// At this time.
    At(Time),
}

/// What a program knows about where it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Address of this machine to which the session came (third word of `SSH_CONNECTION`).
    pub session_to: Option<IpAddr>,
    /// Those of the moving addresses that are this machine's own.
    pub own_addresses: Vec<IpAddr>,
    /// This machine, if it is an instance.
    pub own_instance: Option<InstanceId>,
    /// Address of this machine from which requests to EC2 leave.
    pub api_from: Option<IpAddr>,
    /// When the credentials end, if that is known.
    pub credentials: Option<Expiry>,
    /// What EC2 says to dry runs.
    pub permissions: Permissions,
    /// Operations that were left open at an interface that the plan touches.
    pub unfinished: Vec<String>,
    /// The service to be probed and how it answers, or why it does not.
    pub probe: Option<(String, Result<String, String>)>,
    /// The state directory: what is wrong with it, or nothing; `None` where none is needed.
    pub state_dir: Option<Result<Vec<String>, String>>,
}

/// The addresses that leave their machine.
pub fn moving(plan: &Plan, world: &World) -> Vec<IpAddr> {
    use super::mechanism::good::What;
    if plan.handovers.is_empty() {
        let Some(eni) = world.eni(&plan.intent.eni) else {
            return Vec::new();
        };
        let v4 = eni.private_ip_addresses.iter();
        let v6 = eni.ipv6_addresses.iter();
        return v4
            .map(|ip| IpAddr::V4(ip.private_ip_address))
            .chain(v6.map(|ip| IpAddr::V6(ip.ipv6_address)))
            .collect();
    }
    let goods = plan.goods();
    goods
        .filter_map(|good| match &good.what {
            What::PrivateIp(ip) => Some(IpAddr::V4(*ip)),
            // Who comes in by an Elastic IP reaches the private address under it.
            What::ElasticIp { .. } => good.from.private_ip.map(IpAddr::V4),
            What::Route { .. } => None,
        })
        .collect()
}

/// Judges, and adds to the plan's preflight.
pub fn judge(plan: &mut Plan, world: &World, here: &Surroundings, now: Time) {
    let moving = moving(plan, world);
    let mut checks = vec![session(here, &moving), api(here, &moving)];
    checks.push(own_host(plan, here));
    checks.extend(credentials(here, now));
    checks.push(unfinished(here));
    checks.extend(state_dir(here));
    checks.extend(probe(here));
    checks.extend(permission::judge(plan, &here.permissions));
    plan.add_checks(checks);
}

/// The same for an operation that is taken up again, whose preflight for going on is `fresh`; what is
/// named in `accepted` gives way. That the operation itself was left open is no news.
pub fn judge_again(
    operation: &Operation,
    fresh: Vec<Check>,
    world: &World,
    here: &Surroundings,
    accepted: &[String],
    now: Time,
) -> Vec<Check> {
    let mut plan = Plan::clone(&operation.plan);
    let eni = world.eni(&plan.intent.eni);
    let holder = eni.and_then(|eni| eni.instance_id());
    // Only who still has it can lose it.
    plan.source = plan.source.filter(|source| Some(source) == holder);
    plan.intent.accepted = accepted.to_vec();
    plan.preflight = fresh;
    let others = here.unfinished.iter().filter(|op| **op != operation.op);
    let here = Surroundings {
        unfinished: others.cloned().collect(),
        ..here.clone()
    };
    judge(&mut plan, world, &here, now);
    plan.preflight
}

fn session(here: &Surroundings, moving: &[IpAddr]) -> Check {
    let id = "own-session";
    match here.session_to {
        Some(ip) if moving.contains(&ip) => blocked_by(
            id,
            format!("this SSH session came to {ip}, which is about to leave: it will freeze"),
            "Connect by another address, or run it where it outlives the session and accept it.",
        ),
        Some(ip) => pass(id, format!("this SSH session came to {ip}, which stays")),
        None => pass(id, "no SSH session is known".to_owned()),
    }
}

fn api(here: &Surroundings, moving: &[IpAddr]) -> Check {
    let id = "own-api-path";
    match here.api_from {
        Some(ip) if moving.contains(&ip) => blocked_by(
            id,
            format!(
                "requests to EC2 leave from {ip}, which is about to leave this machine: nothing could \
                 be finished or put back from here"
            ),
            "Run it from a machine that does not depend on what is moved.",
        ),
        Some(ip) => pass(id, format!("requests to EC2 leave from {ip}, which stays")),
        None => pass(id, "the way to EC2 is not known to run over it".to_owned()),
    }
}

fn own_host(plan: &Plan, here: &Surroundings) -> Check {
    let id = "own-host";
    let ours = here.own_instance.as_ref();
    if ours.is_some() && ours == plan.source.as_ref() {
        return warn(
            id,
            format!("this program runs on {}, which loses it", plan.names.source),
            "Run it from another machine if there is one.",
        );
    }
    match here.own_addresses.first() {
        Some(ip) => warn(
            id,
            format!("{ip} is an address of this machine, and is about to leave it"),
            "Run it from another machine if there is one.",
        ),
        None => pass(
            id,
            "this machine has none of the moving addresses".to_owned(),
        ),
    }
}

fn credentials(here: &Surroundings, now: Time) -> Option<Check> {
    let id = "credentials";
    Some(match here.credentials? {
        Expiry::Never => pass(id, "the credentials are not known to end".to_owned()),
        Expiry::At(end) if end <= now => {
            blocked_by(id, format!("the credentials ended at {end}"), "Renew them.")
        }
        Expiry::At(end) if end < now + CREDENTIALS_MARGIN => warn(
            id,
            format!("the credentials end in {} s", end.since(now).as_secs()),
            "Renew them first: an operation with a question may take a quarter of an hour.",
        ),
        Expiry::At(end) => pass(
            id,
            format!("the credentials last {} min", end.since(now).as_secs() / 60),
        ),
    })
}

fn unfinished(here: &Surroundings) -> Check {
    let id = "unfinished";
    match here.unfinished.first() {
        Some(op) => Check {
            acceptable: false,
            ..blocked_by(
                id,
                format!("operation {op}, at an interface that this one touches, was left open"),
                &format!(
                    "Finish it or put it back first: `enipilot ops show {op}` has the commands."
                ),
            )
        },
        None => pass(id, "no operation that touches it was left open".to_owned()),
    }
}

fn probe(here: &Surroundings) -> Option<Check> {
    let id = "probe";
    let (target, answer) = here.probe.as_ref()?;
    Some(match answer {
        Ok(how) => pass(id, format!("{target} from this host: {how}")),
        Err(why) => warn(
            id,
            format!("{target} from this host: {why}"),
            "If it should answer now, look at its firewall and at the way there: otherwise the outage \
             that is measured began before the move.",
        ),
    })
}

fn state_dir(here: &Surroundings) -> Option<Check> {
    let id = "state-directory";
    Some(match here.state_dir.as_ref()? {
        Err(why) => Check {
            acceptable: false,
            ..blocked_by(
                id,
                format!("the journal cannot be kept: {why}"),
                "Make it writable and private, or choose another place with --state-dir.",
            )
        },
        Ok(doubts) => match doubts.first() {
            Some(doubt) => warn(id, doubt.clone(), "A journal must survive what it is for."),
            None => pass(id, "private, and on a disk".to_owned()),
        },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;
    use crate::failover::mechanism::Mechanism;
    use crate::failover::plan::{Intent, Level};
    use crate::failover::testing::{PRIMARY, STANDBY, START, eni, live, planned, wide_world};

    fn set(here: &mut Surroundings, word: &str) {
        let (name, value) = word.split_once('=').unwrap();
        match name {
            "ssh" => here.session_to = Some(value.parse().unwrap()),
            "own" => here.own_addresses = vec![value.parse().unwrap()],
            "on" => here.own_instance = Some(value.into()),
            "api" => here.api_from = Some(value.parse().unwrap()),
            "ends" => {
                let seconds: i64 = value.parse().unwrap();
                let span = Duration::from_secs(seconds.unsigned_abs());
                here.credentials = Some(Expiry::At(match seconds < 0 {
                    true => START - span,
                    false => START + span,
                }));
            }
            "probe" => {
                let answer = match value {
                    "answers" => Ok(value.to_owned()),
                    other => Err(other.to_owned()),
                };
                here.probe = Some(("10.0.1.50:5432".to_owned(), answer));
            }
            "never" => here.credentials = Some(Expiry::Never),
            "open" => here.unfinished = vec![value.to_owned()],
            "dir" => {
                here.state_dir = Some(match value {
                    "bad" => Err("not writable".to_owned()),
                    "memory" => Ok(vec!["in memory".to_owned()]),
                    _ => Ok(Vec::new()),
                });
            }
            other => panic!("{other}"),
        }
    }

    #[test]
    fn every_item_is_judged_as_the_table_says() {
        // mechanism | what is known | item | level, and whether it may be accepted
        let table = format!(
            "interface  | ssh=10.0.1.50 | own-session  | block may
             interface  | ssh=10.0.1.51 | own-session  | block may
             interface  | ssh=10.0.1.5  | own-session  | pass
             private-ip | ssh=10.0.1.50 | own-session  | pass
             private-ip | ssh=10.0.1.51 | own-session  | block may
             elastic-ip | ssh=10.0.1.50 | own-session  | block may
             elastic-ip | ssh=10.0.1.51 | own-session  | pass
             route      | ssh=10.0.1.50 | own-session  | pass
             interface  | api=10.0.1.50 | own-api-path | block may
             interface  | api=10.0.1.10 | own-api-path | pass
             interface  | own=10.0.1.50 | own-host     | warn
             interface  | on={PRIMARY}  | own-host     | warn
             interface  | on={STANDBY}  | own-host     | pass
             interface  | ends=-1       | credentials  | block may
             interface  | ends=899      | credentials  | warn
             interface  | ends=900      | credentials  | pass
             interface  | never=        | credentials  | pass
             interface  | open=7f3a     | unfinished   | block
             interface  | dir=bad       | state-directory | block
             interface  | dir=memory    | state-directory | warn
             interface  | dir=good      | state-directory | pass
             interface  | probe=answers | probe        | pass
             interface  | probe=silence | probe        | warn"
        );
        for row in table.lines() {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            let intent = Intent {
                mechanism: Mechanism::of_word(cells[0]).unwrap(),
                ..Intent::new(eni(), STANDBY.into())
            };
            let world = wide_world();
            let mut here = Surroundings::default();
            set(&mut here, cells[1]);
            let judged = |accepted: &[&str]| {
                let accepted = accepted.iter().map(|id| (*id).to_owned()).collect();
                let intent = Intent {
                    accepted,
                    ..intent.clone()
                };
                let mut plan = planned(&world, &intent, &live());
                judge(&mut plan, &world, &here, START);
                let mut checks = plan.preflight.into_iter();
                checks.find(|c| c.id == cells[2]).unwrap()
            };
            let check = judged(&[]);
            let word = match check.level {
                Level::Pass => "pass",
                Level::Warn => "warn",
                Level::Block if check.acceptable => "block may",
                Level::Block => "block",
            };
            assert_eq!(word, cells[3], "{row}: {check:?}");
            assert_eq!(check.remedy.is_empty(), check.level == Level::Pass, "{row}");
            let level = judged(&[cells[2]]).level;
            assert_eq!(level == Level::Block, cells[3] == "block", "{row} accepted");
        }
    }
}
