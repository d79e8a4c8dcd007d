//! Who owns an interface: we ourselves, or an AWS service that will not let us touch it.

use crate::ec2::eni::Eni;

/// The service behind an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Short name for the tree: `NAT gateway`, `ALB`, `Lambda`.
    pub service: &'static str,
    /// The service's own resource, if the interface names it: `nat-0a1b…`, `app/web/50dc6c…`.
    pub resource: Option<String>,
    /// Plain words: who made it, and what to do instead of moving it.
    pub because: String,
}

/// The service that owns the interface, or `None` if its account does. Recognised in the order
/// interface type, requester-managed or operator-managed, owner of the attachment, description.
pub fn owner(_eni: &Eni) -> Option<Owner> {
    None
}
