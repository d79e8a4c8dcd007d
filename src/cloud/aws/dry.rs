//! Asking whether a call would be permitted, without making it.
//!
//! Invariants: every request that is built here says `DryRun=true` as its first word, in the same
//! expression that builds it (`tests/tidy.rs` reads that), so that none can be sent without; the
//! parameters are those of the call; nothing is asked twice. What comes back without an error was
//! carried out, whoever sent it.

use std::error::Error;

use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ec2::operation::RequestId;
use aws_sdk_ec2::types::NetworkInterfaceAttachmentChanges;

use super::Connection;
use super::act::to_destination;
use super::errors::Trouble;
use crate::ec2::call::{Answer, Associate, Attach, Call, Detach, Instances, Modify, PutRoute};
use crate::ec2::id::Str;
use crate::failover::engine::Outcome;
use crate::failover::permission::Reply;

impl Connection {
    /// Asks once.
    pub(in crate::cloud) async fn permits(&self, call: &Call) -> Reply {
        let reply = match call {
            Call::DetachNetworkInterface(call) => self.ask_detach(call).await,
            Call::AttachNetworkInterface(call) => self.ask_attach(call).await,
            Call::AssociateAddress(call) => self.ask_associate(call).await,
            Call::ReplaceRoute(call) => self.ask_replace_route(call).await,
            Call::ModifyNetworkInterfaceAttribute(call) => self.ask_modify(call).await,
            Call::StopInstances(call) => self.ask_stop(call).await,
            // AssignPrivateIpAddresses has no DryRun; others are no part of a plan.
            _ => None,
        };
        reply.unwrap_or(Reply::NotOffered)
    }

    async fn ask_detach(&self, call: &Detach) -> Option<Reply> {
        let request = self
            .once
            .detach_network_interface()
            .dry_run(true)
            .attachment_id(call.attachment_id.as_str())
            .set_force(call.force.then_some(true));
        Some(heard(request.send().await))
    }

    async fn ask_attach(&self, call: &Attach) -> Option<Reply> {
        let request = self
            .once
            .attach_network_interface()
            .dry_run(true)
            .network_interface_id(call.network_interface_id.as_str())
            .instance_id(call.instance_id.as_str())
            .device_index(i32::try_from(call.device_index).ok()?)
            .network_card_index(i32::try_from(call.network_card_index).ok()?);
        Some(match request.send().await {
            Ok(answer) => {
                let attachment = answer.attachment_id().map(Into::into);
                executed(answer.request_id(), attachment)
            }
            Err(error) => refused(&error),
        })
    }

    /// DeleteOnTermination is the only attribute that a plan turns.
    async fn ask_modify(&self, call: &Modify) -> Option<Reply> {
        let (attachment, on) = call.delete_on_termination.as_ref()?;
        let only = Modify {
            network_interface_id: call.network_interface_id.clone(),
            delete_on_termination: call.delete_on_termination.clone(),
            ..Modify::default()
        };
        let changes = NetworkInterfaceAttachmentChanges::builder()
            .attachment_id(attachment.as_str())
            .delete_on_termination(*on)
            .build();
        let request = self
            .once
            .modify_network_interface_attribute()
            .dry_run(true)
            .network_interface_id(call.network_interface_id.as_str())
            .attachment(changes);
        match only == *call {
            true => Some(heard(request.send().await)),
            false => None,
        }
    }

    /// Of one instance, never by force.
    async fn ask_stop(&self, call: &Instances) -> Option<Reply> {
        let ([instance], false) = (call.instance_ids.as_slice(), call.force) else {
            return None;
        };
        let request = self
            .once
            .stop_instances()
            .dry_run(true)
            .instance_ids(instance.as_str());
        Some(heard(request.send().await))
    }

    async fn ask_associate(&self, call: &Associate) -> Option<Reply> {
        let request = self
            .once
            .associate_address()
            .dry_run(true)
            .allocation_id(call.allocation_id.as_ref()?.as_str())
            .network_interface_id(call.network_interface_id.as_ref()?.as_str())
            .set_private_ip_address(call.private_ip_address.map(|ip| ip.to_string()))
            .set_allow_reassociation(call.allow_reassociation);
        Some(heard(request.send().await))
    }

    async fn ask_replace_route(&self, call: &PutRoute) -> Option<Reply> {
        let request = self
            .once
            .replace_route()
            .dry_run(true)
            .route_table_id(call.route_table_id.as_str())
            .network_interface_id(call.network_interface_id.as_ref()?.as_str());
        let request = to_destination(request, &call.destination);
        Some(heard(request.send().await))
    }
}

fn heard<T, E>(answer: Result<T, SdkError<E>>) -> Reply
where
    T: RequestId,
    E: ProvideErrorMetadata + Error + 'static,
{
    match answer {
        Ok(answer) => executed(answer.request_id(), None),
        Err(error) => refused(&error),
    }
}

/// Also where the answer names no request: it was no error, so it counts as done.
fn executed(request: Option<&str>, attachment_id: Option<crate::ec2::id::AttachmentId>) -> Reply {
    Reply::Executed(Answer {
        attachment_id,
        request_id: request.map(Str::from),
        ..Answer::default()
    })
}

fn refused<E>(error: &SdkError<E>) -> Reply
where
    E: ProvideErrorMetadata + Error + 'static,
{
    // Not understood, but no error either.
    if error
        .raw_response()
        .is_some_and(|r| r.status().is_success())
    {
        return executed(None, None);
    }
    match Trouble::of(error).outcome() {
        Outcome::Refused(error) => Reply::of_error(error),
        Outcome::Unknown(why) => Reply::Unknown(why),
        Outcome::Accepted(answer) => Reply::Executed(answer),
    }
}
