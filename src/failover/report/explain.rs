//! Why it worked, or why it did not: the rules behind an operation in plain words.
//!
//! Invariant: says only what holds for this operation; text from outside is harmless.

use crate::ec2::shown::shown;
use crate::failover::plan::Plan;
use crate::failover::status::{Ending, Status};

/// Why an Elastic IP needs no call of its own (EC2 User Guide, "Elastic IP addresses").
const ELASTIC_IP: &str = "The Elastic IP stayed associated throughout: it belongs to a private \
                          address of the interface, not to the instance.";

/// Why it worked, or why it did not: the rules behind this operation in plain words.
pub fn explanation(status: &Status) -> Vec<String> {
    let names = &status.plan.names;
    let (eni, source, target) = (&names.eni, &names.source, &names.target);
    let mut lines = Vec::new();
    match &status.ending {
        Some(Ending::Done | Ending::PutBack) => lines.extend([
            format!("A network interface is a thing of its own: {eni} owns its addresses, MAC address, security groups and tags. An instance only holds it, by an attachment."),
            format!("Detaching ended the attachment. From then on nobody answered for {}, and any route to it was a blackhole; routes name the interface and become active again by themselves.", first_address(&status.plan)),
            "Attaching made a new attachment, with a new id, at a device index of the new instance. Clients kept the same address and the same MAC address; there was nothing to look up anew.".to_owned(),
            "Only a secondary interface can do this, and only within its Availability Zone: its subnet lives in one zone.".to_owned(),
        ]),
        Some(Ending::Aborted) => lines.push("It was stopped before the detach was submitted. Up to there nothing changes, so there is nothing to take back.".to_owned()),
        Some(Ending::Refused(why)) => lines.extend([
            format!("EC2 refused: {why}"),
            "A refused call changes nothing: the interface is where it was.".to_owned(),
        ]),
        Some(Ending::ForeignChange(why)) => lines.extend([
            format!("Somebody else changed the interface meanwhile: {why}"),
            "The plan names the attachment that it saw. When that is not there any more, going on could take the address away from whoever holds it rightly now.".to_owned(),
        ]),
        Some(Ending::IdentityLost(why)) => lines.extend([
            format!("What should have travelled with the interface is not what it was: {why}"),
            "An interface that was deleted, or has lost an address, cannot be made whole by attaching it again.".to_owned(),
        ]),
        Some(Ending::NeedsPerson(why)) => lines.push(why.clone()),
        None => {}
    }
    let has_elastic_ip = status.plan.identity.elastic_ips().next().is_some();
    if has_elastic_ip && matches!(status.ending, Some(Ending::Done | Ending::PutBack)) {
        lines.push(ELASTIC_IP.to_owned());
    }
    if status.ending == Some(Ending::Done) && status.plan.source.is_some() {
        lines.push(format!("{source} is not fenced by this. It has lost the address, but as long as it runs, or once it wakes up, it may still write to what it shares with {target}."));
    }
    if !status.notes.is_empty() {
        lines.push(String::new());
        lines.extend(
            status
                .notes
                .iter()
                .map(|(at, note)| format!("{} {note}", at.clock())),
        );
    }
    lines.iter().map(|l| shown(l).into_owned()).collect()
}

fn first_address(plan: &Plan) -> String {
    let first = plan.identity.addresses().next();
    first.unwrap_or("its address").to_owned()
}
