//! Calls on the rules of security groups.

use super::super::params::{Params, invalid_value};
use crate::ec2::call::{Authorize, Revoke};
use crate::ec2::error::ApiError;
use crate::ec2::permission::{Peer, Permission};

pub(super) fn authorize(p: &mut Params) -> Result<Authorize, ApiError> {
    Ok(Authorize {
        group_id: p.needed_id("GroupId")?,
        permissions: permissions(p)?,
    })
}

pub(super) fn revoke(p: &mut Params) -> Result<Revoke, ApiError> {
    Ok(Revoke {
        group_id: p.needed_id("GroupId")?,
        permissions: permissions(p)?,
        security_group_rule_ids: p.ids("SecurityGroupRuleId")?,
    })
}

/// `IpPermissions.N`, and the one permission that older clients write without a list.
fn permissions(p: &mut Params) -> Result<Vec<Permission>, ApiError> {
    let mut out = Vec::new();
    for mut member in p.members("IpPermissions")? {
        one(&mut member, &mut out)?;
        member.finish()?;
    }
    if let Some(cidr) = p.take("CidrIp") {
        out.push(Permission {
            ip_protocol: p.needed("IpProtocol")?.into(),
            from_port: port(p, "FromPort")?,
            to_port: port(p, "ToPort")?,
            peer: Peer::CidrIpv4(cidr.into()),
            description: Default::default(),
        });
    }
    Ok(out)
}

/// One entry: a permission for each of its peers.
fn one(p: &mut Params, out: &mut Vec<Permission>) -> Result<(), ApiError> {
    let ip_protocol: crate::ec2::id::Str = p.needed("IpProtocol")?.into();
    let (from_port, to_port) = (port(p, "FromPort")?, port(p, "ToPort")?);
    type Make = fn(String) -> Peer;
    let lists: [(&str, &str, Make); 4] = [
        ("IpRanges", "CidrIp", |t| Peer::CidrIpv4(t.into())),
        ("Ipv6Ranges", "CidrIpv6", |t| Peer::CidrIpv6(t.into())),
        ("PrefixListIds", "PrefixListId", |t| {
            Peer::PrefixListId(t.into())
        }),
        ("Groups", "GroupId", |t| Peer::ReferencedGroupId(t.into())),
    ];
    for (list, member, peer) in lists {
        for mut entry in p.members(list)? {
            let named = entry.needed(member)?;
            // The account of the other group: there is only one here.
            entry.take("UserId");
            out.push(Permission {
                ip_protocol: ip_protocol.clone(),
                from_port,
                to_port,
                peer: peer(named),
                description: entry.take("Description").unwrap_or_default().into(),
            });
            entry.finish()?;
        }
    }
    Ok(())
}

/// A port, an ICMP type, or -1 for all of them.
fn port(p: &mut Params, name: &str) -> Result<Option<i32>, ApiError> {
    let Some(value) = p.take(name) else {
        return Ok(None);
    };
    match value.parse::<i32>() {
        Ok(port) => Ok(Some(port)),
        Err(_) => Err(invalid_value(name, &value, "Expecting a whole number.")),
    }
}
