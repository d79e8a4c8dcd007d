//! Asking EC2 whether a plan would be permitted, before anybody agrees to it.
//!
//! Invariants: dry runs only, and only through their own port; one after the other, and none after one
//! that was carried out or not answered. What was carried out is journaled before anything else is said
//! or done, and where that would not be possible nothing is asked.

use std::path::Path;

use super::clock::WallClock;
use super::launch::draw;
use crate::cloud::port::{DryRuns, Reader};
use crate::ec2::time::Time;
use crate::failover::engine::Gaze;
use crate::failover::journal::line;
use crate::failover::permission::{Deed, Permissions, Reply, asks};
use crate::failover::plan::Plan;
use crate::store::dir::{StateDir, locate};
use crate::store::journal::JournalFile;

/// What EC2 permits of this plan.
pub async fn permissions(
    reader: &Reader,
    plan: &Plan,
    state_dir: Option<&Path>,
    clock: WallClock,
) -> Permissions {
    let Some(port) = DryRuns::open(reader) else {
        return Permissions::MayExecute;
    };
    let dir = match locate(state_dir).and_then(|path| StateDir::open(&path)) {
        Ok(dir) => dir,
        Err(why) => return Permissions::NoJournal(why.to_string()),
    };
    let mut replies = Vec::new();
    for ask in asks(plan) {
        let at = clock.now();
        let reply = port.ask(&ask.call).await;
        if let Reply::Executed(answer) = reply {
            let took = clock.now().since(at);
            let looked = clock.now();
            let seen = reader.look(&plan.scope(), Gaze::Full, looked).await.seen;
            let deed = Deed {
                ask,
                at,
                answer,
                took,
                seen: seen.map_err(|error| error.what),
                looked,
            };
            let plan = plan.clone();
            let now = clock.now();
            let written = tokio::task::spawn_blocking(move || journaled(&dir, &plan, &deed, now));
            return match written.await {
                Ok(executed) => executed,
                Err(why) => Permissions::NoJournal(format!("an internal error: {why}")),
            };
        }
        let unanswered = matches!(reply, Reply::Unknown(_));
        replies.push((ask, reply));
        if unanswered {
            break;
        }
    }
    Permissions::Asked(replies)
}

/// Writes the journal of what was carried out; says which operation holds it, or that none does.
fn journaled(dir: &StateDir, plan: &Plan, deed: &Deed, now: Time) -> Permissions {
    let written = write(dir, plan, deed, now);
    let op = match &written {
        Ok(op) => Ok(op.as_str()),
        Err(why) => Err(why.as_str()),
    };
    Permissions::Executed(Box::new(deed.executed(plan, op)))
}

fn write(dir: &StateDir, plan: &Plan, deed: &Deed, now: Time) -> Result<String, String> {
    let (op, _) = draw().map_err(|error| error.to_string())?;
    let mut journal = JournalFile::create(dir, deed.at, &plan.intent.eni, &op)
        .map_err(|error| error.to_string())?;
    for record in deed.records(plan, &op, now) {
        let line = line::encode(&op, &record).map_err(|error| error.to_string())?;
        journal.append(&line).map_err(|error| error.to_string())?;
    }
    Ok(op)
}
