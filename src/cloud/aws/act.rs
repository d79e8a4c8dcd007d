//! The mutating calls: the only place that can change an account.
//!
//! Invariants: every call goes out at most once (the client has retries off, and `tests/tidy.rs`
//! reads which operations this layer names); whatever is not an answer of EC2 is an unknown outcome.

use aws_sdk_ec2::operation::RequestId;
use aws_sdk_ec2::operation::replace_route::builders::ReplaceRouteFluentBuilder;
use aws_sdk_ec2::types::{AttributeBooleanValue, NetworkInterfaceAttachmentChanges};

use super::Connection;
use super::errors::Trouble;
use crate::ec2::call::{
    Answer, AssignPrivate, Associate, Attach, Call, Detach, Instances, Modify, PutRoute,
};
use crate::ec2::error::ApiError;
use crate::ec2::id::Str;
use crate::failover::engine::Outcome;

impl Connection {
    /// Sends a call once.
    pub(in crate::cloud) async fn submit(&self, call: &Call) -> Outcome {
        match call {
            Call::DetachNetworkInterface(call) => self.detach(call).await,
            Call::AttachNetworkInterface(call) => self.attach(call).await,
            Call::ModifyNetworkInterfaceAttribute(call) => self.modify(call).await,
            Call::AssignPrivateIpAddresses(call) => self.assign(call).await,
            Call::AssociateAddress(call) => self.associate(call).await,
            Call::ReplaceRoute(call) => self.replace_route(call).await,
            Call::StopInstances(call) => self.stop(call).await,
            other => not_encodable(other.action()),
        }
    }

    async fn detach(&self, call: &Detach) -> Outcome {
        let request = self
            .once
            .detach_network_interface()
            .attachment_id(call.attachment_id.as_str())
            .set_force(call.force.then_some(true));
        match request.send().await {
            Ok(answer) => accepted(None, answer.request_id()),
            Err(error) => Trouble::of(&error).outcome(),
        }
    }

    async fn attach(&self, call: &Attach) -> Outcome {
        let (Ok(device), Ok(card)) = (
            i32::try_from(call.device_index),
            i32::try_from(call.network_card_index),
        ) else {
            return not_encodable("AttachNetworkInterface with such an index");
        };
        let request = self
            .once
            .attach_network_interface()
            .network_interface_id(call.network_interface_id.as_str())
            .instance_id(call.instance_id.as_str())
            .device_index(device)
            .network_card_index(card);
        match request.send().await {
            Ok(answer) if answer.attachment_id().is_some() => {
                accepted(answer.attachment_id(), answer.request_id())
            }
            Ok(_) => Outcome::Unknown("HTTP 200, but the answer names no attachment".to_owned()),
            Err(error) => Trouble::of(&error).outcome(),
        }
    }

    async fn modify(&self, call: &Modify) -> Outcome {
        // No other attribute is part of a failover, and EC2 takes one a call. Compared as a whole, so
        // that an attribute which is not encoded here is refused and never left out in silence.
        let encoded = Modify {
            network_interface_id: call.network_interface_id.clone(),
            delete_on_termination: call.delete_on_termination.clone(),
            source_dest_check: call.source_dest_check,
            ..Modify::default()
        };
        let flags = [
            call.delete_on_termination.is_some(),
            call.source_dest_check.is_some(),
        ];
        if *call != encoded || flags[0] == flags[1] {
            return not_encodable("ModifyNetworkInterfaceAttribute of anything but one flag");
        }
        let attachment = call.delete_on_termination.as_ref().map(|(id, on)| {
            NetworkInterfaceAttachmentChanges::builder()
                .attachment_id(id.as_str())
                .delete_on_termination(*on)
                .build()
        });
        let check = call
            .source_dest_check
            .map(|on| AttributeBooleanValue::builder().value(on).build());
        let request = self
            .once
            .modify_network_interface_attribute()
            .network_interface_id(call.network_interface_id.as_str())
            .set_attachment(attachment)
            .set_source_dest_check(check);
        match request.send().await {
            Ok(answer) => accepted(None, answer.request_id()),
            Err(error) => Trouble::of(&error).outcome(),
        }
    }

    async fn assign(&self, call: &AssignPrivate) -> Outcome {
        // Given addresses only; compared as a whole, as above.
        let encoded = AssignPrivate {
            network_interface_id: call.network_interface_id.clone(),
            private_ip_addresses: call.private_ip_addresses.clone(),
            allow_reassignment: call.allow_reassignment,
            ..AssignPrivate::default()
        };
        if *call != encoded || call.private_ip_addresses.is_empty() {
            return not_encodable("AssignPrivateIpAddresses of anything but given addresses");
        }
        let ips = call.private_ip_addresses.iter().map(ToString::to_string);
        let request = self
            .once
            .assign_private_ip_addresses()
            .network_interface_id(call.network_interface_id.as_str())
            .set_private_ip_addresses(Some(ips.collect()))
            .set_allow_reassignment(call.allow_reassignment.then_some(true));
        match request.send().await {
            Ok(answer) => accepted(None, answer.request_id()),
            Err(error) => Trouble::of(&error).outcome(),
        }
    }

    async fn associate(&self, call: &Associate) -> Outcome {
        let (Some(allocation), Some(eni), None, None) = (
            &call.allocation_id,
            &call.network_interface_id,
            &call.public_ip,
            &call.instance_id,
        ) else {
            return not_encodable("AssociateAddress but of an allocation with an interface");
        };
        let request = self
            .once
            .associate_address()
            .allocation_id(allocation.as_str())
            .network_interface_id(eni.as_str())
            .set_private_ip_address(call.private_ip_address.map(|ip| ip.to_string()))
            .set_allow_reassociation(call.allow_reassociation);
        match request.send().await {
            Ok(answer) => accepted(None, answer.request_id()),
            Err(error) => Trouble::of(&error).outcome(),
        }
    }

    async fn replace_route(&self, call: &PutRoute) -> Outcome {
        let encoded = PutRoute {
            route_table_id: call.route_table_id.clone(),
            destination: call.destination.clone(),
            network_interface_id: call.network_interface_id.clone(),
            ..PutRoute::default()
        };
        let Some(eni) = call
            .network_interface_id
            .as_ref()
            .filter(|_| *call == encoded)
        else {
            return not_encodable("ReplaceRoute to anything but an interface");
        };
        let request = self
            .once
            .replace_route()
            .route_table_id(call.route_table_id.as_str())
            .network_interface_id(eni.as_str());
        match to_destination(request, &call.destination).send().await {
            Ok(answer) => accepted(None, answer.request_id()),
            Err(error) => Trouble::of(&error).outcome(),
        }
    }

    /// One instance, never by force.
    async fn stop(&self, call: &Instances) -> Outcome {
        let [instance] = call.instance_ids.as_slice() else {
            return not_encodable("StopInstances but of one instance");
        };
        if call.force {
            return not_encodable("StopInstances by force");
        }
        let request = self.once.stop_instances().instance_ids(instance.as_str());
        match request.send().await {
            Ok(answer) => accepted(None, answer.request_id()),
            Err(error) => Trouble::of(&error).outcome(),
        }
    }
}

/// Each kind of destination has a parameter of its own.
pub(super) fn to_destination(
    request: ReplaceRouteFluentBuilder,
    to: &str,
) -> ReplaceRouteFluentBuilder {
    if to.starts_with("pl-") {
        request.destination_prefix_list_id(to)
    } else if to.contains(':') {
        request.destination_ipv6_cidr_block(to)
    } else {
        request.destination_cidr_block(to)
    }
}

/// The SDK takes any body with status 200 for the answer of a call without results, a login page
/// too; EC2 names the request in every answer.
fn accepted(attachment: Option<&str>, request: Option<&str>) -> Outcome {
    if attachment.is_none() && request.is_none() {
        return Outcome::Unknown(
            "HTTP 200, but the answer names no request and may not come from EC2".to_owned(),
        );
    }
    Outcome::Accepted(Answer {
        attachment_id: attachment.map(Into::into),
        request_id: request.map(Str::from),
        ..Answer::default()
    })
}

fn not_encodable(what: &str) -> Outcome {
    Outcome::Refused(ApiError::new(
        "NotAllowedHere",
        format!("enipilot never sends {what} to an endpoint; nothing was sent"),
    ))
}
