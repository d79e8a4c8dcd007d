//! The EC2 calls that this program knows, as data.
//!
//! Invariants: a call holds exactly what goes over the wire; nothing is defaulted on the way.
//! `NetworkCardIndex` of an attach is always explicit, because a call that relied on the default
//! was once validated against the wrong card (cilium/cilium#42512).

mod address;
mod answer;
mod args;
mod attribute;
mod instance;
mod interface;
mod network;
mod permission;
mod route;

use serde::{Deserialize, Serialize};

use super::id::InstanceId;
pub use address::{
    Allocate, AssignIpv6, AssignPrivate, Associate, Disassociate, Release, UnassignIpv6,
    UnassignPrivate,
};
pub use answer::{Answer, StateChange};
use args::{Args, kebab};
pub use attribute::{ModifySubnet, ModifyVpc};
pub use instance::{Instances, ModifyInstance, Run, RunInterface};
pub use interface::{Attach, Create, Delete, Detach, Modify, PrivateIpSpecification, Reset};
pub use network::{
    CreateInternetGateway, CreateNatGateway, CreateSecurityGroup, CreateSubnet, CreateTags,
    CreateVpc, DeleteInternetGateway, DeleteNatGateway, DeleteSecurityGroup, DeleteSubnet,
    DeleteTags, DeleteVpc, GatewayAttachment,
};
pub use permission::{Authorize, Revoke};
pub use route::{
    AssociateRouteTable, CreateRouteTable, DeleteRoute, DeleteRouteTable, DisassociateRouteTable,
    PutRoute,
};

macro_rules! calls {
    ($($action:ident($parameters:ident),)*) => {
        /// One call with its parameters. Identifiers are text where a person may have typed them,
        /// so that a malformed one can be refused as EC2 refuses it; an empty one is missing.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "Action")]
        pub enum Call {$(
            #[doc = concat!("`", stringify!($action), "`.")]
            $action($parameters),
        )*}

        impl Call {
            /// Every action that there is a call for.
            pub const ACTIONS: &[&str] = &[$(stringify!($action)),*];

            /// The API action.
            pub fn action(&self) -> &'static str {
                match self {
                    $(Self::$action(_) => stringify!($action),)*
                }
            }

            fn put(&self, args: &mut Args) {
                match self {
                    $(Self::$action(call) => call.put(args),)*
                }
            }
        }
    };
}

calls! {
    AttachNetworkInterface(Attach),
    DetachNetworkInterface(Detach),
    ModifyNetworkInterfaceAttribute(Modify),
    ResetNetworkInterfaceAttribute(Reset),
    CreateNetworkInterface(Create),
    DeleteNetworkInterface(Delete),
    AssignPrivateIpAddresses(AssignPrivate),
    UnassignPrivateIpAddresses(UnassignPrivate),
    AssignIpv6Addresses(AssignIpv6),
    UnassignIpv6Addresses(UnassignIpv6),
    AllocateAddress(Allocate),
    AssociateAddress(Associate),
    DisassociateAddress(Disassociate),
    ReleaseAddress(Release),
    RunInstances(Run),
    StartInstances(Instances),
    StopInstances(Instances),
    RebootInstances(Instances),
    TerminateInstances(Instances),
    ModifyInstanceAttribute(ModifyInstance),
    CreateRoute(PutRoute),
    ReplaceRoute(PutRoute),
    DeleteRoute(DeleteRoute),
    CreateRouteTable(CreateRouteTable),
    DeleteRouteTable(DeleteRouteTable),
    AssociateRouteTable(AssociateRouteTable),
    DisassociateRouteTable(DisassociateRouteTable),
    CreateVpc(CreateVpc),
    DeleteVpc(DeleteVpc),
    ModifyVpcAttribute(ModifyVpc),
    CreateSubnet(CreateSubnet),
    DeleteSubnet(DeleteSubnet),
    ModifySubnetAttribute(ModifySubnet),
    CreateSecurityGroup(CreateSecurityGroup),
    AuthorizeSecurityGroupIngress(Authorize),
    AuthorizeSecurityGroupEgress(Authorize),
    RevokeSecurityGroupIngress(Revoke),
    RevokeSecurityGroupEgress(Revoke),
    DeleteSecurityGroup(DeleteSecurityGroup),
    CreateInternetGateway(CreateInternetGateway),
    AttachInternetGateway(GatewayAttachment),
    DetachInternetGateway(GatewayAttachment),
    DeleteInternetGateway(DeleteInternetGateway),
    CreateNatGateway(CreateNatGateway),
    DeleteNatGateway(DeleteNatGateway),
    CreateTags(CreateTags),
    DeleteTags(DeleteTags),
}

impl Call {
    /// One instance, for start, stop, reboot and terminate.
    pub fn instances(id: &InstanceId) -> Instances {
        Instances {
            instance_ids: vec![id.clone()],
            force: false,
        }
    }

    /// It can be asked for with `DryRun`; the four calls that assign and unassign addresses cannot (EC2
    /// API Reference, "AssignPrivateIpAddresses" and the other three).
    pub fn has_dry_run(&self) -> bool {
        !matches!(
            self,
            Self::AssignPrivateIpAddresses(_)
                | Self::UnassignPrivateIpAddresses(_)
                | Self::AssignIpv6Addresses(_)
                | Self::UnassignIpv6Addresses(_)
        )
    }

    /// Parameters in EC2's wire form and order (EC2 query protocol: lists flat and 1-based).
    pub fn parameters(&self) -> Vec<(String, String)> {
        let mut args = Args::default();
        self.put(&mut args);
        args.wire
    }

    /// The call on one line, as the screen and the reports show it:
    /// `DetachNetworkInterface AttachmentId=eni-attach-…`.
    pub fn line(&self) -> String {
        let mut line = self.action().to_owned();
        for (name, value) in self.parameters() {
            line.push_str(&format!(" {name}={value}"));
        }
        line
    }

    /// The equivalent aws CLI line. Every value is quoted for a POSIX shell if it needs it.
    pub fn aws_cli(&self) -> String {
        let mut args = Args::default();
        self.put(&mut args);
        let mut words = vec!["aws".to_owned(), "ec2".to_owned(), kebab(self.action())];
        words.append(&mut args.words);
        words.join(" ")
    }
}

/// One word of a POSIX shell. Control characters never get this far: they are visible escapes by
/// then, so single quotes are enough.
pub fn quoted(text: &str) -> String {
    let plain = !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_=,./:@%+".contains(&b));
    if plain {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_and_shell_forms() {
        let attach = Call::AttachNetworkInterface(Attach {
            network_interface_id: "eni-1".into(),
            instance_id: "i-1".into(),
            device_index: 1,
            network_card_index: 0,
        });
        assert_eq!(
            attach.line(),
            "AttachNetworkInterface NetworkInterfaceId=eni-1 InstanceId=i-1 DeviceIndex=1 NetworkCardIndex=0"
        );
        assert_eq!(
            attach.aws_cli(),
            "aws ec2 attach-network-interface --network-interface-id eni-1 --instance-id i-1 \
             --device-index 1 --network-card-index 0"
        );
    }

    #[test]
    fn a_hostile_value_stays_one_shell_word() {
        let delete = Call::DeleteNetworkInterface(Delete {
            network_interface_id: "eni-1; rm -rf '/'".into(),
        });
        assert_eq!(
            delete.aws_cli(),
            r"aws ec2 delete-network-interface --network-interface-id 'eni-1; rm -rf '\''/'\'''"
        );
    }
}
