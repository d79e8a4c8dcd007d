//! Stopping the old instance when the detach hangs.

use super::rig::{Answering, Rig};
use crate::failover::engine::{Input, Pace};
use crate::failover::journal::Entry;
use crate::failover::plan::Intent;
use crate::failover::status::Ending;
use crate::failover::testing::{PRIMARY, STANDBY, eni, live, planned, world};

fn rig(fence: Option<&str>) -> Rig {
    let world = world();
    let intent = Intent {
        fence: fence.map(Into::into),
        ..Intent::new(eni(), STANDBY.into())
    };
    let mut rig = Rig::new(world.clone(), planned(&world, &intent, &live()));
    rig.ec2.hang = true;
    rig.ec2.stop_frees = true;
    rig
}

#[test]
fn a_hung_detach_ends_with_the_instance_that_was_agreed_to() {
    let mut rig = rig(Some(PRIMARY));
    assert_eq!(rig.fly(), Ending::Done, "{}", rig.notes());
    assert_eq!(rig.calls(), "detach StopInstances attach-2");
    assert_eq!(rig.ec2.holder(), Some(STANDBY.into()));
    let detach = rig.engine.status().calls[0].at;
    let stop = rig.engine.status().calls[1].at;
    let waited = stop.since(detach).as_secs();
    assert!((60..65).contains(&waited), "{waited} s");
    let consents: Vec<_> = rig
        .records
        .iter()
        .filter_map(|r| match &r.entry {
            Entry::Consent { to, typed, .. } => Some((to.as_str(), typed.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(consents.get(1), Some(&("fence", PRIMARY)));
    assert!(rig.notes().contains("half a minute"), "{}", rig.notes());
    rig.assert_journal_reads_back();
}

#[test]
fn nothing_is_stopped_that_was_not_agreed_to() {
    let mut rig = rig(None);
    rig.begin(Pace::Run);
    rig.run(|rig| rig.engine.status().question.is_some());
    assert_eq!(rig.calls(), "detach");
}

#[test]
fn a_refused_stop_is_told_and_not_repeated() {
    let mut rig = rig(Some(PRIMARY));
    rig.answers = vec![
        Answering::Normal,
        Answering::Refused("UnsupportedOperation"),
    ]
    .into();
    rig.begin(Pace::Run);
    rig.run(|rig| rig.engine.status().question.is_some());
    assert_eq!(rig.calls(), "detach StopInstances");
    assert!(rig.notes().contains("was not stopped"), "{}", rig.notes());
    rig.input(Input::Alone("nobody can be asked".to_owned()));
    let ending = rig.end();
    assert!(matches!(ending, Ending::NeedsPerson(_)), "{ending:?}");
    assert_eq!(rig.calls(), "detach StopInstances");
}
