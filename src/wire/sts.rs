//! The one action of STS that clients ask for before they do anything: who am I?

use super::params::Params;
use super::xml::Xml;
use crate::ec2::error::ApiError;
use crate::ec2::world::World;

/// `GetCallerIdentity`: a user of the world's account.
pub(super) fn caller_identity(world: &World, params: Params) -> Result<Xml, ApiError> {
    params.finish()?;
    let account = &world.account;
    let mut xml = Xml::sts("GetCallerIdentity");
    xml.text("Arn", format_args!("arn:aws:iam::{account}:user/enipilot"));
    xml.text("UserId", "AIDAENIPILOTSIMULATOR");
    xml.text("Account", account);
    Ok(xml)
}
