//! The road between a client and EC2: what becomes of a request is decided by the simulator, and
//! carried out here as far as a world can show it; delay and silence are the server's to carry out.
//!
//! Invariants: every request that names a known action travels, well formed or not, because EC2 counts
//! requests before it reads them; an unknown action takes no token.

use super::params::Params;
use super::{Reply, parse, refusal, replied};
use crate::ec2::call::Call;
use crate::ec2::id::Str;
use crate::sim::Sim;
use crate::sim::faults::{Ask, Fate, READS};

use super::form::Form;

/// Whose reads never go back in time. Tokens are the account's: all clients are one caller.
const CALLER: &str = "account";

/// Sends a request on its way.
pub(super) fn travel(sim: &mut Sim, action: &Str, form: &Form, id: Str) -> Reply {
    let now = sim.now();
    let is_call = Call::ACTIONS.contains(&&**action);
    if !is_call && !READS.contains(&&**action) && &**action != "GetCallerIdentity" {
        return replied(sim, action, form.clone(), id, now);
    }
    let fate = sim.fate(CALLER, &ask(action, form));
    match fate {
        Fate::Answered { after, as_of } => Reply {
            after,
            ..replied(sim, action, form.clone(), id, as_of)
        },
        Fate::Twice { after } => {
            replied(sim, action, form.clone(), id.clone(), now);
            Reply {
                after,
                ..replied(sim, action, form.clone(), id, now)
            }
        }
        Fate::Refused { error, after } => Reply {
            after,
            ..refusal(action, error, id)
        },
        Fate::Lost => silence(action, "lost", id),
        Fate::Unanswered => {
            replied(sim, action, form.clone(), id.clone(), now);
            silence(action, "unanswered", id)
        }
        Fate::Late { after } => {
            if let Some(call) = call_of(action, form) {
                sim.call_later(&call, after);
            }
            silence(action, "late", id)
        }
    }
}

/// Nothing is sent; the code is for a log.
fn silence(action: &Str, why: &str, id: Str) -> Reply {
    Reply {
        status: 0,
        body: String::new(),
        request_id: id,
        action: action.clone(),
        code: Some(why.into()),
        after: std::time::Duration::ZERO,
        lost: true,
    }
}

/// The call of a request that would be carried out: well formed, and no dry run.
fn call_of(action: &str, form: &Form) -> Option<Call> {
    let mut params = Params::new(form.clone()).ok()?;
    params.common(action).ok()?;
    let call = parse::call(action, &mut params)?.ok()?;
    let dry_run = params.flag("DryRun").ok()?.unwrap_or(false);
    params.finish().ok()?;
    (!dry_run).then_some(call)
}

/// What counts for a request's tokens. Ids select, as filters and page sizes do.
fn ask(action: &Str, form: &Form) -> Ask {
    let selects = |name: &str| {
        name.starts_with("Filter.")
            || name == "MaxResults"
            || name == "NextToken"
            || name.contains("Id.")
    };
    let instances = match &**action {
        "RunInstances" => form.first("MaxCount").and_then(|n| n.parse().ok()),
        _ => u32::try_from(
            form.names()
                .filter(|n| n.starts_with("InstanceId."))
                .count(),
        )
        .ok(),
    };
    Ask {
        action: action.clone(),
        whole: !form.names().any(selects),
        instances: instances.unwrap_or(0),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_describe_travels() {
        let arms = include_str!("describe.rs").lines().filter_map(|line| {
            let (action, _) = line.trim().strip_prefix('"')?.split_once("\" =>")?;
            Some(action)
        });
        let mut arms: Vec<_> = arms.collect();
        arms.sort_unstable();
        assert_eq!(arms, READS);
    }

    #[test]
    fn ids_filters_and_page_sizes_select() {
        for (body, whole, instances) in [
            (
                "Action=DescribeNetworkInterfaces&Version=2016-11-15",
                true,
                0,
            ),
            ("Action=DescribeNetworkInterfaces&MaxResults=5", false, 0),
            ("Action=DescribeNetworkInterfaces&Filter.1.Name=x", false, 0),
            (
                "Action=DescribeNetworkInterfaces&NetworkInterfaceId.1=eni-1",
                false,
                0,
            ),
            (
                "Action=StopInstances&InstanceId.1=i-1&InstanceId.2=i-2",
                false,
                2,
            ),
            ("Action=RunInstances&MinCount=1&MaxCount=7", true, 7),
        ] {
            let form = Form::decode(body.as_bytes()).unwrap();
            let asked = ask(&form.first("Action").unwrap().into(), &form);
            assert_eq!((asked.whole, asked.instances), (whole, instances), "{body}");
        }
    }
}
