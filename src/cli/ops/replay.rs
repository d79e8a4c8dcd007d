//! An operation again, record by record, in words and as JSON.

use serde_json::{Value, json};

use crate::cli::failure::Failure;
use crate::cli::json::object;
use crate::cli::out::Out;
use crate::ec2::shown::shown;
use crate::failover::ops::{Kept, Told};
use crate::failover::replay::{Place, Replay};

/// Prints it, as far as the journal goes.
pub(super) fn run(kept: &Kept, out: &mut Out) -> Result<(), Failure> {
    let Some(replay) = &kept.replay else {
        let why = match &kept.told {
            Told::Damaged(why) => why.clone(),
            _ => "it cannot be read".to_owned(),
        };
        return Err(Failure::usage(
            format!("the journal of operation {} cannot be read: {why}", kept.op),
            "Look at the interface in EC2 and act by hand",
        ));
    };
    if out.json {
        out.json(&object(document(&kept.op, replay)));
        return Ok(());
    }
    let lines = replay.lines();
    let lines: Vec<String> = lines.iter().map(|l| shown(l).into_owned()).collect();
    out.lines(&lines);
    Ok(())
}

fn document(op: &str, replay: &Replay) -> Value {
    let began = replay.began();
    let moments = replay.moments.iter().map(|moment| {
        let since = began.map(|began| moment.at.since(began));
        json!({
            "At": moment.at,
            "Seconds": since.map(|s| s.as_secs_f64()),
            "Kind": moment.kind.word(),
            "Text": moment.text,
            "Place": place(&moment.place),
        })
    });
    json!({
        "Operation": op,
        "NetworkInterfaceId": replay.eni,
        "Moments": moments.collect::<Vec<_>>(),
        "Broken": replay.broken,
    })
}

/// Where the interface was known to be; null where nobody knew.
fn place(place: &Place) -> Value {
    match place {
        Place::Unknown => Value::Null,
        Place::Source => json!("source"),
        Place::Nowhere => json!("nowhere"),
        Place::Target => json!("target"),
        Place::Elsewhere(id) => json!(id),
    }
}
