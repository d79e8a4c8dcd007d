//! The laws: what must hold after every event, whatever has gone wrong.
//!
//! Each is judged from the simulator's world, from the bytes that are safe on the disk and from what
//! the engine was really shown; never from what it says of itself.

use enipilot::ec2::call::{Call, Instances};
use enipilot::ec2::id::InstanceId;
use enipilot::failover::engine::FORCE_PHRASE;
use enipilot::failover::journal::{CallResult, Entry};
use enipilot::failover::mechanism::Mechanism;
use enipilot::failover::status::Ending;
use enipilot::rules::attach::blockers;
use enipilot::rules::check;

use super::disk::decode;
use super::op::{Fate, Kind, Op};
use super::view::Side;

/// Most submissions of one action for one decision of a person.
const TRIES: usize = 5;

/// A law was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Which.
    pub law: &'static str,
    /// What was seen.
    pub what: String,
}

fn breach<T>(law: &'static str, what: impl Into<String>) -> Result<T, Breach> {
    let what = what.into();
    Err(Breach { law, what })
}

/// Before a call leaves the program.
pub fn may_submit(op: &Op, ticket: u64, call: &Call, first_of_process: bool) -> Result<(), Breach> {
    if op.ending.is_some() {
        return breach("after the end nothing is submitted", call.line());
    }
    if !op.plan.sky.writes {
        return breach(
            "I8 nothing is submitted where writing is not allowed",
            call.line(),
        );
    }
    intended(op, ticket, call)?;
    settled(op, call)?;
    planned(op, call)?;
    named(op, call)?;
    bounded(op, call)?;
    looked(op, call, first_of_process)
}

/// I2: it equals a durable intent; plan and consent came before it.
fn intended(op: &Op, ticket: u64, call: &Call) -> Result<(), Breach> {
    let records = op.file.records();
    let intent = records.iter().find(|r| r.seq == ticket).map(|r| &r.entry);
    match intent {
        Some(Entry::Intent { call: meant, .. }) if meant == call => {}
        Some(other) => {
            return breach(
                "I2 a call equals its intent byte for byte",
                format!("{other:?}"),
            );
        }
        // Once it is detached, attaching it outranks a journal that fails.
        None if op.journal_failed
            && matches!(call, Call::AttachNetworkInterface(_))
            && op.may_have_detached() => {}
        None => return breach("I2 an intent is durable before its call", call.line()),
    }
    let planned = matches!(records.first().map(|r| &r.entry), Some(Entry::Plan { .. }));
    let agreed = records
        .iter()
        .any(|r| matches!(&r.entry, Entry::Consent { to, .. } if to != "force"));
    if planned && agreed {
        Ok(())
    } else {
        breach(
            "W3 plan and consent are durable before the first call",
            call.line(),
        )
    }
}

/// W2: every outcome that was told is durable before the next call.
fn settled(op: &Op, call: &Call) -> Result<(), Breach> {
    if op.journal_failed {
        return Ok(());
    }
    let durable = |ticket: u64| {
        op.file.records().iter().any(|r| match &r.entry {
            Entry::Outcome { of, result, .. } => {
                *of == ticket && !matches!(result, CallResult::NotSubmitted(_))
            }
            _ => false,
        })
    };
    match op.sent.iter().find(|s| s.answered && !durable(s.ticket)) {
        None => Ok(()),
        Some(sent) => breach(
            "W2 an outcome is durable before the next call",
            format!("{} before the outcome of {}", call.line(), sent.call.line()),
        ),
    }
}

/// I3: nothing is submitted that the plan does not name.
fn planned(op: &Op, call: &Call) -> Result<(), Breach> {
    let law = "I3 nothing is submitted that the plan does not name";
    let carried = !op.plan.handovers.is_empty();
    let named = match call {
        Call::AttachNetworkInterface(attach) => {
            let ends = [Some(&op.plan.intent.target), op.plan.source.as_ref()];
            let end = ends.contains(&Some(&attach.instance_id));
            !carried && end && attach.network_interface_id == *op.eni()
        }
        Call::DetachNetworkInterface(_) | Call::StopInstances(_) => !carried,
        other => {
            let mut handovers = op.plan.handovers.iter();
            handovers.any(|h| h.over == *other || h.back == *other)
                || op.plan.calls().any(|c| c == other)
        }
    };
    if named {
        Ok(())
    } else {
        breach(law, call.line())
    }
}

/// I3, I4: the attachment, the force and the stop.
fn named(op: &Op, call: &Call) -> Result<(), Breach> {
    if let Call::StopInstances(stop) = call {
        return fenced(op, stop);
    }
    let Call::DetachNetworkInterface(detach) = call else {
        return Ok(());
    };
    if Some(&detach.attachment_id) != op.plan.attachment_id.as_ref() {
        return breach("I3 a detach names the plan's attachment", call.line());
    }
    let agreed = op.file.records().iter().any(|r| {
        matches!(&r.entry, Entry::Consent { to, typed, .. } if to == "force" && typed == FORCE_PHRASE)
    });
    if detach.force && !agreed {
        return breach("I4 force needs its own durable consent", call.line());
    }
    Ok(())
}

/// A stop is the plan's source's alone, after its own durable consent, and never forced.
fn fenced(op: &Op, stop: &Instances) -> Result<(), Breach> {
    let source = op.plan.source.as_ref();
    let agreed = op.file.records().iter().any(|r| {
        let typed = source.map(|id| id.as_str());
        matches!(&r.entry, Entry::Consent { to, typed: t, .. } if to == "fence" && Some(&**t) == typed)
    });
    let only = source.is_some_and(|id| stop.instance_ids == [id.clone()]);
    if agreed && only && !stop.force {
        return Ok(());
    }
    breach(
        "I4 a stop is of the source, and needs its own durable consent",
        format!("{stop:?}"),
    )
}

/// I7: at most so many tries, for each decision of a person.
fn bounded(op: &Op, call: &Call) -> Result<(), Breach> {
    let (made, most) = match call {
        // A force is one more, after its own consent.
        Call::DetachNetworkInterface(_) => (op.detaches(), TRIES + op.choices),
        Call::AttachNetworkInterface(_) => (op.attaches(), 2 * TRIES * (1 + op.choices)),
        // It may be turned as often as somebody decides.
        other => (op.submissions(other), TRIES * (1 + op.choices)),
    };
    if made < most {
        Ok(())
    } else {
        breach(
            "I7 tries are bounded",
            format!("{} for the {made}th time", call.line()),
        )
    }
}

/// After every outcome, and in every new process, it looks before it acts; what it attaches to could
/// take it when it last looked, but straight after the detach, when EC2 itself refuses.
fn looked(op: &Op, call: &Call, first_of_process: bool) -> Result<(), Breach> {
    let begins = first_of_process && op.takeovers == 0;
    let attach = match call {
        Call::AttachNetworkInterface(attach) => Some(attach),
        Call::ModifyNetworkInterfaceAttribute(_) if begins => return Ok(()),
        _ => None,
    };
    if op.judged().looks == 0 {
        return breach("it looks before it acts", call.line());
    }
    let Some(attach) = attach else {
        return carries(op, call);
    };
    let straight_on = attach.instance_id == op.plan.intent.target && op.attaches() == 0;
    match &op.judged().full {
        None if straight_on => Ok(()),
        None => breach(
            "it looks at both ends before it attaches again",
            call.line(),
        ),
        Some(world) => match blockers(world, attach).into_iter().next() {
            Some(denial) if !straight_on => breach(
                "it attaches only to what can take it",
                format!("{}: {}", call.line(), denial.because),
            ),
            _ => Ok(()),
        },
    }
}

/// What EC2 would refuse by what was last seen is not submitted.
fn carries(op: &Op, call: &Call) -> Result<(), Breach> {
    if op.plan.handovers.is_empty() {
        return Ok(());
    }
    let Some(world) = &op.judged().full else {
        return breach("it looks at both ends before it carries over", call.line());
    };
    match check(world, call) {
        Ok(()) => Ok(()),
        Err(denial) => breach(
            "it carries over only what EC2 would take",
            format!("{}: {}", call.line(), denial.because),
        ),
    }
}

/// A call of an operation has taken effect; the interface is on this instance.
pub fn may_take_effect(op: &Op, call: &Call, holder: Option<&InstanceId>) -> Result<(), Breach> {
    let carried = |over: bool| {
        let mut handovers = op.plan.handovers.iter();
        handovers.any(|h| *call == if over { h.over.clone() } else { h.back.clone() })
    };
    let harmless = match (&op.ending, call) {
        (None | Some(Ending::NeedsPerson(_)), _)
        | (_, Call::ModifyNetworkInterfaceAttribute(_)) => true,
        // Where it is there already it changes nothing; if somebody has moved it on since, it is a
        // foreign change for them.
        (
            Some(Ending::Done | Ending::PutBack | Ending::IdentityLost(_)),
            Call::AttachNetworkInterface(_),
        ) => true,
        (Some(Ending::Done), Call::StopInstances(_)) => true,
        // The source is to be stopped, whatever was lost, unless it has the interface again.
        (Some(Ending::IdentityLost(_)), Call::StopInstances(_)) => {
            holder != op.plan.source.as_ref()
        }
        (Some(Ending::Done), _) => carried(true),
        (Some(Ending::PutBack), _) => carried(false),
        (Some(_), _) => false,
    };
    if harmless {
        return Ok(());
    }
    breach(
        "no call takes effect after the verdict",
        format!("{} after {:?}", call.line(), op.ending),
    )
}

/// W5: the journal has failed, and the engine answers with this ending.
pub fn may_end_for_journal(op: &Op, kind: Kind) -> Result<(), Breach> {
    let mut sent = op.sent.iter();
    let loose =
        sent.any(|s| matches!(s.call, Call::DetachNetworkInterface(_)) && s.fate != Fate::Void);
    if !loose || matches!(kind, Kind::Verdict | Kind::OtherIntent) {
        return Ok(());
    }
    breach(
        "W5 once detached, attaching it outranks a journal that fails",
        format!("{kind:?}"),
    )
}

/// I6: another operation begins on the same interface, next to this one.
pub fn may_begin_beside(op: &Op, is_alive: bool) -> Result<(), Breach> {
    let over = op.file.verdict();
    let open = matches!(over, None | Some("needs-person"));
    if is_alive || (open && !op.sent.is_empty()) {
        return breach(
            "I6 at most one operation on an interface at a time",
            format!(
                "alive: {is_alive}, ending {over:?}, {} calls",
                op.sent.len()
            ),
        );
    }
    Ok(())
}

/// An operation says that it has ended.
pub fn may_end(op: &Op, ending: &Ending, others: usize) -> Result<(), Breach> {
    let others = others - op.others;
    if op.ending.is_some() {
        return breach("an operation ends once", format!("{ending:?}"));
    }
    let shown = op.judged();
    let arrived = |side: Side| {
        if shown.arrived == Some(side) {
            return Ok(());
        }
        breach(
            "I5 arrived only if a look after the last outcome shows it attached there, unchanged",
            format!("{ending:?}, shown {:?}", shown.arrived),
        )
    };
    match ending {
        Ending::Done => arrived(Side::Target),
        Ending::PutBack => arrived(Side::Source),
        Ending::Aborted | Ending::Refused(_) => {
            if op.may_move() {
                return breach(
                    "nothing has moved only if nothing was submitted, or all of it came to nothing",
                    format!("{ending:?}"),
                );
            }
            Ok(())
        }
        Ending::ForeignChange(_) => {
            if others == 0 && !op.unrecorded() {
                return breach(
                    "nobody is blamed for what nobody did",
                    format!("{ending:?}"),
                );
            }
            if shown.foreign < 2 {
                return breach(
                    "a foreign change is believed from two looks",
                    format!("{ending:?}"),
                );
            }
            Ok(())
        }
        Ending::IdentityLost(_) => {
            if others == 0 && !op.unrecorded() {
                return breach(
                    "nobody is blamed for what nobody did",
                    format!("{ending:?}"),
                );
            }
            if shown.gone < 2 && shown.changed < 2 {
                return breach("a loss is believed from two looks", format!("{ending:?}"));
            }
            Ok(())
        }
        Ending::NeedsPerson(text) => {
            let line = match op.plan.intent.mechanism {
                Mechanism::Interface => "attach-network-interface",
                Mechanism::PrivateIp => "assign-private-ip-addresses",
                Mechanism::ElasticIp => "associate-address",
                Mechanism::Route => "replace-route",
            };
            if text.contains(op.eni().as_str()) && text.contains(line) {
                return Ok(());
            }
            breach(
                "it says where everything is and which line helps",
                text.clone(),
            )
        }
    }
}

/// I1: it is attached to nothing because of us, so some durable journal says so.
pub fn not_forgotten(op: &Op) -> Result<(), Breach> {
    let law = "I1 what we have detached is never forgotten";
    let named = matches!(
        op.file.records().first().map(|r| &r.entry),
        Some(Entry::Plan { plan }) if plan.intent.eni == op.plan.intent.eni
    );
    if !named {
        return breach(law, "no durable journal names it");
    }
    match (&op.ending, op.file.verdict()) {
        (None | Some(Ending::NeedsPerson(_)), None | Some("needs-person")) => Ok(()),
        (ending, verdict) => breach(
            law,
            format!(
                "attached to nothing, and the operation is over: {ending:?}, verdict {verdict:?}"
            ),
        ),
    }
}

/// I11: the journal can be read, and tells what is known of it.
pub fn reads_back(op: &Op, bytes: &[u8]) -> Result<(), Breach> {
    op.file.reads_back(bytes).map_err(|what| Breach {
        law: "I11 the journal can be read",
        what,
    })
}

/// I11: the journal can be read after being cut off anywhere, and says what it said.
pub fn readable(op: &Op, bytes: &[u8]) -> Result<(), Breach> {
    let cut = bytes.len();
    match decode(bytes) {
        Ok(journal) if op.file.records().starts_with(&journal.records) => Ok(()),
        Ok(_) => breach("I11 what was durable reads back", format!("cut at {cut}")),
        Err(error) => breach(
            "I11 the journal can be read",
            format!("cut at {cut}: {error}"),
        ),
    }
}

/// I10: without faults everything comes to an end.
pub fn ends(op: &Op) -> Result<(), Breach> {
    if op.ending.is_some() || op.refused || !op.file.is_open() {
        return Ok(());
    }
    let flying = op.sent.iter().filter(|s| s.fate == Fate::Flying).count();
    breach(
        "I10 without faults every operation ends within 30 minutes",
        format!("{} calls, {flying} of them flying", op.sent.len()),
    )
}

/// What a person is told is never nothing.
pub fn waits(has_wake: bool, flying: usize) -> Result<(), Breach> {
    if has_wake || flying > 0 {
        return Ok(());
    }
    breach(
        "the engine never waits for nothing",
        "no wake-up and nothing under way",
    )
}
