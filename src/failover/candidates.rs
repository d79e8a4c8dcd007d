//! Where an interface could go: every instance that is worth a look, ready ones first.

use crate::ec2::id::{EniId, InstanceId};
use crate::ec2::world::World;
use crate::rules::verdict::Denial;

/// One possible target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The instance.
    pub instance: InstanceId,
    /// Everything in the way, EC2's order; empty means ready.
    pub blockers: Vec<Denial>,
    /// The slot that would be used: network card, device index.
    pub slot: Option<(u32, u32)>,
    /// `hot` for a running instance, `warm` for a stopped one.
    pub manner: &'static str,
    /// Why it stands where it stands: `same name prefix db-`, `same security group sg-db`.
    pub reasons: Vec<String>,
    /// What does not block but should be known.
    pub warnings: Vec<String>,
}

impl Candidate {
    /// Nothing in the way.
    pub fn is_ready(&self) -> bool {
        self.blockers.is_empty()
    }
}

/// The candidates, best first; the current holder is none. An error if this interface itself can
/// never be moved (primary, service-managed), with the reason.
pub fn candidates(_world: &World, _eni: &EniId) -> Result<Vec<Candidate>, Denial> {
    Ok(Vec::new())
}
