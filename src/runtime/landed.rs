//! What became of an operation whose screen was gone before it ended, live and in the simulator.

use crate::ec2::shown::shown;
use crate::failover::status::{Ending, Status};

/// An operation that has ended after its screen.
#[derive(Clone, Debug)]
pub struct Landed {
    /// How.
    pub ending: Ending,
    /// Its last picture.
    pub status: Status,
}

impl Landed {
    /// What became of it, on one line.
    pub fn line(&self) -> String {
        let names = &self.status.plan.names;
        let (op, eni) = (&self.status.op, &self.status.plan.intent.eni);
        let what = match &self.ending {
            Ending::Done => format!("is on {}, verified", names.target),
            Ending::PutBack => format!("is on {} again, verified", names.source),
            Ending::Aborted => "was given up before anything moved".to_owned(),
            Ending::Refused(text) => format!("was refused, nothing has moved: {text}"),
            Ending::ForeignChange(text) => format!("was changed by somebody else: {text}"),
            Ending::IdentityLost(text) => format!("has lost something: {text}"),
            Ending::NeedsPerson(text) => format!("needs you: {text}"),
        };
        shown(&format!("operation {op}: {eni} {what}")).into_owned()
    }
}
