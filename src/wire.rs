//! EC2's query protocol on the simulator: a form goes in, XML comes out.
//!
//! [`answer`] is a whole exchange, from the bytes of a form to status and body; [`handle`] is one
//! action with its decoded parameters. A server, the AWS SDK in a test and a fuzzer all call the same
//! function.
//!
//! Invariants: pure, no I/O and no clock; whatever comes in, what goes out is well-formed XML, and a
//! refusal has EC2's own form (EC2 API Reference, "Error codes"); a parameter that is not understood
//! is refused, never ignored; mutating actions go through [`Sim::call`] and its kin alone.

mod act;
mod describe;
mod filter;
mod form;
mod page;
mod params;
mod parse;
mod road;
mod sts;
mod xml;

use std::time::Duration;

use crate::ec2::error::ApiError;
use crate::ec2::id::Str;
use crate::ec2::time::Time;
use crate::sim::Sim;
use crate::sim::mint::Dice;
pub use form::{BODY_MAX, Form};
pub use params::Params;
pub use xml::Xml;

/// What goes back over HTTP. The body is always XML (`text/xml;charset=UTF-8`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The document.
    pub body: String,
    /// Names the request; it stands in the body too.
    pub request_id: Str,
    /// The action, as far as one was named; for a log.
    pub action: Str,
    /// EC2's code, of a refusal.
    pub code: Option<Str>,
    /// In virtual time: how much later than usual it is to be sent.
    pub after: Duration,
    /// It is never to be sent: the request or its answer got lost on the road.
    pub lost: bool,
}

/// Answers one request: `body` is the form as it came over the wire, `serial` tells requests apart
/// that are otherwise the same.
pub fn answer(sim: &mut Sim, now: Time, serial: u64, body: &[u8]) -> Reply {
    let id = request_id(serial);
    let form = match Form::decode(body) {
        Ok(form) => form,
        Err(error) => return refusal(&Str::from(""), error, id),
    };
    let action: Str = form.first("Action").unwrap_or_default().into();
    sim.advance(now);
    road::travel(sim, &action, &form, id)
}

/// The answer of EC2 itself, wherever it goes. A read shows the world as of a moment.
fn replied(sim: &mut Sim, action: &Str, form: Form, id: Str, as_of: Time) -> Reply {
    match Params::new(form).and_then(|params| perform(sim, action, params, as_of)) {
        Ok(xml) => {
            let request_id = xml.request_id().cloned().unwrap_or(id);
            Reply {
                status: 200,
                body: xml.document(&request_id),
                request_id,
                action: action.clone(),
                code: None,
                after: Duration::ZERO,
                lost: false,
            }
        }
        Err(error) => refusal(action, error, id),
    }
}

/// The id of a request that the simulator itself does not number.
pub fn request_id(serial: u64) -> Str {
    Dice::named(serial, "wire", "request").request_id().into()
}

/// A refusal in the form of the service that was asked.
pub fn refusal(action: &Str, error: ApiError, id: Str) -> Reply {
    let request_id = error.request_id.clone().unwrap_or(id);
    let body = match &**action {
        "GetCallerIdentity" => xml::sts_error(&error, &request_id),
        _ => xml::error(&error, &request_id),
    };
    Reply {
        status: error.http_status(),
        body,
        request_id,
        action: action.clone(),
        code: Some(error.code),
        after: Duration::ZERO,
        lost: false,
    }
}

/// One action at a moment: first everything that is due until then happens, then it is answered. No
/// road lies between: what is asked here arrives, and is answered with what is.
pub fn handle(sim: &mut Sim, now: Time, action: &str, params: Params) -> Result<Xml, ApiError> {
    sim.advance(now);
    perform(sim, action, params, now)
}

fn perform(sim: &mut Sim, action: &str, params: Params, as_of: Time) -> Result<Xml, ApiError> {
    let mut params = params;
    params.common(action)?;
    if let Some(result) = act::action(sim, action, &mut params, as_of) {
        return result;
    }
    let dry_run = params.flag("DryRun")?.unwrap_or(false);
    let world = sim.world_as_of(as_of);
    let result = match action {
        "" => return Err(params::missing("Action")),
        "GetCallerIdentity" => return sts::caller_identity(&world, params),
        _ => describe::action(&world, action, &mut params),
    };
    match result {
        None => Err(ApiError::new(
            "InvalidAction",
            format!("The action {action} is not valid for this web service."),
        )),
        Some(Ok(_)) if dry_run => Err(ApiError::new(
            "DryRunOperation",
            "Request would have succeeded, but DryRun flag is set.",
        )),
        Some(result) => result,
    }
}
