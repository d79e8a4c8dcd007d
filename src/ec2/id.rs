//! Identifiers of EC2 resources, one type a kind.
//!
//! Invariant: an identifier is only a name. Its form is checked where a person or a file gives it
//! ([`EniId::well_formed`]), never where EC2 answers it: EC2 decides what an identifier looks like.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Text shared between the worlds of two moments instead of being copied.
pub type Str = Arc<str>;

/// True for `prefix` followed by 8 or 17 lower-case hexadecimal digits, the two lengths that EC2
/// has used (EC2 User Guide, "Resource IDs").
fn has_id_form(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|tail| {
        (tail.len() == 8 || tail.len() == 17)
            && tail
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Str);

        impl $name {
            /// What identifiers of this kind begin with.
            pub const PREFIX: &'static str = $prefix;

            /// Takes the text as it is.
            pub fn new(text: impl Into<Str>) -> Self {
                Self(text.into())
            }

            /// The identifier as EC2 writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether the text has the form of such an identifier.
            pub fn well_formed(text: &str) -> bool {
                has_id_form(text, $prefix)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<Str> for $name {
            fn from(text: Str) -> Self {
                Self(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }
    )*};
}

ids! {
    /// A virtual private cloud.
    VpcId = "vpc-";
    /// A subnet of a VPC, in one Availability Zone.
    SubnetId = "subnet-";
    /// An instance.
    InstanceId = "i-";
    /// An elastic network interface.
    EniId = "eni-";
    /// One attachment of a network interface to an instance; a new one for every attach.
    AttachmentId = "eni-attach-";
    /// A security group.
    GroupId = "sg-";
    /// One rule of a security group.
    SecurityGroupRuleId = "sgr-";
    /// An allocated Elastic IP address.
    AllocationId = "eipalloc-";
    /// One association of an Elastic IP address with a private address.
    AssociationId = "eipassoc-";
    /// A route table.
    RouteTableId = "rtb-";
    /// One association of a route table: with a subnet, or with its VPC as the main table.
    RouteTableAssociationId = "rtbassoc-";
    /// An internet gateway.
    InternetGatewayId = "igw-";
    /// A NAT gateway.
    NatGatewayId = "nat-";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_is_prefix_and_8_or_17_hex_digits() {
        for good in ["eni-0c1d52aa7be03f9a1", "eni-0a1b2c3d"] {
            assert!(EniId::well_formed(good), "{good}");
        }
        for bad in [
            "eni-",
            "foo",
            "eni-0C1D52AA7BE03F9A1",
            "i-0c1d52aa7be03f9a1",
            "eni-0c1d52aa7be03f9a",
        ] {
            assert!(!EniId::well_formed(bad), "{bad}");
        }
    }
}
