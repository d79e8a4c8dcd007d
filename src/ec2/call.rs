//! The EC2 calls that this program knows, as data.
//!
//! Invariants: a call holds exactly what goes over the wire; nothing is defaulted on the way.
//! `NetworkCardIndex` is always explicit, because a call that relied on the default was once
//! validated against the wrong card (cilium/cilium#42512).

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::id::{AttachmentId, EniId, GroupId, InstanceId, Str, SubnetId};

/// One call with its parameters. Identifiers are text where a person may have typed them, so that
/// a malformed one can be refused as EC2 refuses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "Action")]
pub enum Call {
    /// `AttachNetworkInterface`.
    AttachNetworkInterface(Attach),
    /// `DetachNetworkInterface`.
    DetachNetworkInterface(Detach),
    /// `ModifyNetworkInterfaceAttribute`.
    ModifyNetworkInterfaceAttribute(Modify),
    /// `CreateNetworkInterface`.
    CreateNetworkInterface(Create),
    /// `DeleteNetworkInterface`.
    DeleteNetworkInterface(Delete),
    /// `StartInstances`.
    StartInstances(Instances),
    /// `StopInstances`.
    StopInstances(Instances),
    /// `TerminateInstances`.
    TerminateInstances(Instances),
}

/// Parameters of `AttachNetworkInterface`. There is no client token: it is not idempotent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attach {
    /// Which interface.
    pub network_interface_id: EniId,
    /// To which instance.
    pub instance_id: InstanceId,
    /// At which position of the card.
    pub device_index: u32,
    /// On which card; always sent.
    pub network_card_index: u32,
}

/// Parameters of `DetachNetworkInterface`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Detach {
    /// The attachment, not the interface: EC2's own compare-and-swap.
    pub attachment_id: AttachmentId,
    /// Last resort, with two lasting effects on the old instance.
    #[serde(default)]
    pub force: bool,
}

/// Parameters of `ModifyNetworkInterfaceAttribute`; EC2 takes one attribute a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Modify {
    /// Which interface.
    pub network_interface_id: EniId,
    /// `Attachment.{AttachmentId, DeleteOnTermination}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_on_termination: Option<(AttachmentId, bool)>,
    /// `SourceDestCheck.Value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_dest_check: Option<bool>,
    /// `Description.Value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Str>,
}

/// Parameters of `CreateNetworkInterface`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Create {
    /// Where.
    pub subnet_id: Option<SubnetId>,
    /// Free text.
    #[serde(default)]
    pub description: Str,
    /// The primary address; EC2 chooses one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_ip_address: Option<Ipv4Addr>,
    /// Further addresses, chosen by EC2.
    #[serde(default)]
    pub secondary_private_ip_address_count: u32,
    /// Security groups; the VPC's default one when empty.
    #[serde(default)]
    pub groups: Vec<GroupId>,
    /// The tag `Name`, if one is wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Str>,
}

/// Parameters of `DeleteNetworkInterface`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Delete {
    /// Which interface.
    pub network_interface_id: EniId,
}

/// Parameters of `StartInstances`, `StopInstances` and `TerminateInstances`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Instances {
    /// Which instances.
    pub instance_ids: Vec<InstanceId>,
    /// `Force`, for `StopInstances` only.
    #[serde(default)]
    pub force: bool,
}

/// What EC2 answers to an accepted call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    /// `AttachNetworkInterface`: the new attachment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment_id: Option<AttachmentId>,
    /// `CreateNetworkInterface`: the new interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_interface_id: Option<EniId>,
    /// The request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Str>,
}

impl Call {
    /// One instance, for start, stop and terminate.
    pub fn instances(id: &InstanceId) -> Instances {
        Instances {
            instance_ids: vec![id.clone()],
            force: false,
        }
    }

    /// The API action.
    pub fn action(&self) -> &'static str {
        match self {
            Self::AttachNetworkInterface(_) => "AttachNetworkInterface",
            Self::DetachNetworkInterface(_) => "DetachNetworkInterface",
            Self::ModifyNetworkInterfaceAttribute(_) => "ModifyNetworkInterfaceAttribute",
            Self::CreateNetworkInterface(_) => "CreateNetworkInterface",
            Self::DeleteNetworkInterface(_) => "DeleteNetworkInterface",
            Self::StartInstances(_) => "StartInstances",
            Self::StopInstances(_) => "StopInstances",
            Self::TerminateInstances(_) => "TerminateInstances",
        }
    }

    /// Parameters in EC2's wire form and order (EC2 query protocol: lists flat and 1-based).
    pub fn parameters(&self) -> Vec<(String, String)> {
        let mut out: Vec<(String, String)> = Vec::new();
        let mut put =
            |name: &str, value: &dyn ToString| out.push((name.to_owned(), value.to_string()));
        match self {
            Self::AttachNetworkInterface(c) => {
                put("NetworkInterfaceId", &c.network_interface_id);
                put("InstanceId", &c.instance_id);
                put("DeviceIndex", &c.device_index);
                put("NetworkCardIndex", &c.network_card_index);
            }
            Self::DetachNetworkInterface(c) => {
                put("AttachmentId", &c.attachment_id);
                if c.force {
                    put("Force", &true);
                }
            }
            Self::ModifyNetworkInterfaceAttribute(c) => {
                put("NetworkInterfaceId", &c.network_interface_id);
                if let Some((attachment, on)) = &c.delete_on_termination {
                    put("Attachment.AttachmentId", attachment);
                    put("Attachment.DeleteOnTermination", on);
                }
                if let Some(on) = &c.source_dest_check {
                    put("SourceDestCheck.Value", on);
                }
                if let Some(text) = &c.description {
                    put("Description.Value", text);
                }
            }
            Self::CreateNetworkInterface(c) => {
                if let Some(subnet) = &c.subnet_id {
                    put("SubnetId", subnet);
                }
                if !c.description.is_empty() {
                    put("Description", &c.description);
                }
                if let Some(ip) = &c.private_ip_address {
                    put("PrivateIpAddress", ip);
                }
                if c.secondary_private_ip_address_count > 0 {
                    put(
                        "SecondaryPrivateIpAddressCount",
                        &c.secondary_private_ip_address_count,
                    );
                }
                for (n, group) in c.groups.iter().enumerate() {
                    put(&format!("SecurityGroupId.{}", n + 1), group);
                }
                if let Some(name) = &c.name {
                    put("TagSpecification.1.ResourceType", &"network-interface");
                    put("TagSpecification.1.Tag.1.Key", &"Name");
                    put("TagSpecification.1.Tag.1.Value", name);
                }
            }
            Self::DeleteNetworkInterface(c) => put("NetworkInterfaceId", &c.network_interface_id),
            Self::StartInstances(c) | Self::TerminateInstances(c) => {
                for (n, id) in c.instance_ids.iter().enumerate() {
                    put(&format!("InstanceId.{}", n + 1), id);
                }
            }
            Self::StopInstances(c) => {
                for (n, id) in c.instance_ids.iter().enumerate() {
                    put(&format!("InstanceId.{}", n + 1), id);
                }
                if c.force {
                    put("Force", &true);
                }
            }
        }
        out
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
        let mut words: Vec<String> = vec!["aws".into(), "ec2".into(), kebab(self.action())];
        let mut option = |name: &str, value: String| {
            words.push(format!("--{name}"));
            if !value.is_empty() {
                words.push(value);
            }
        };
        match self {
            Self::AttachNetworkInterface(c) => {
                option(
                    "network-interface-id",
                    quoted(c.network_interface_id.as_str()),
                );
                option("instance-id", quoted(c.instance_id.as_str()));
                option("device-index", c.device_index.to_string());
                option("network-card-index", c.network_card_index.to_string());
            }
            Self::DetachNetworkInterface(c) => {
                option("attachment-id", quoted(c.attachment_id.as_str()));
                if c.force {
                    option("force", String::new());
                }
            }
            Self::ModifyNetworkInterfaceAttribute(c) => {
                option(
                    "network-interface-id",
                    quoted(c.network_interface_id.as_str()),
                );
                if let Some((attachment, on)) = &c.delete_on_termination {
                    option(
                        "attachment",
                        quoted(&format!(
                            "AttachmentId={attachment},DeleteOnTermination={on}"
                        )),
                    );
                }
                match c.source_dest_check {
                    Some(true) => option("source-dest-check", String::new()),
                    Some(false) => option("no-source-dest-check", String::new()),
                    None => {}
                }
                if let Some(text) = &c.description {
                    option("description", quoted(&format!("Value={text}")));
                }
            }
            Self::CreateNetworkInterface(c) => {
                if let Some(subnet) = &c.subnet_id {
                    option("subnet-id", quoted(subnet.as_str()));
                }
                if !c.description.is_empty() {
                    option("description", quoted(&c.description));
                }
                if let Some(ip) = &c.private_ip_address {
                    option("private-ip-address", ip.to_string());
                }
                if c.secondary_private_ip_address_count > 0 {
                    option(
                        "secondary-private-ip-address-count",
                        c.secondary_private_ip_address_count.to_string(),
                    );
                }
                if !c.groups.is_empty() {
                    let groups: Vec<_> = c.groups.iter().map(|g| quoted(g.as_str())).collect();
                    option("groups", groups.join(" "));
                }
                if let Some(name) = &c.name {
                    option(
                        "tag-specifications",
                        quoted(&format!(
                            "ResourceType=network-interface,Tags=[{{Key=Name,Value={name}}}]"
                        )),
                    );
                }
            }
            Self::DeleteNetworkInterface(c) => {
                option(
                    "network-interface-id",
                    quoted(c.network_interface_id.as_str()),
                );
            }
            Self::StartInstances(c) | Self::StopInstances(c) | Self::TerminateInstances(c) => {
                let ids: Vec<_> = c.instance_ids.iter().map(|i| quoted(i.as_str())).collect();
                option("instance-ids", ids.join(" "));
                if c.force {
                    option("force", String::new());
                }
            }
        }
        words.join(" ")
    }
}

fn kebab(action: &str) -> String {
    let mut out = String::new();
    for c in action.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
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
