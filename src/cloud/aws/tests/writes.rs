//! Mutating calls: what goes over the wire, how often, and what each answer means.

use std::sync::Arc;

use super::handler::{Log, Reply, ok, reader, refusal};
use crate::cloud::port::{DryRuns, Options, Writer};
use crate::ec2::call::{
    AssignPrivate, Associate, Attach, Call, Delete, Detach, Instances, Modify, PutRoute,
};
use crate::failover::engine::Outcome;
use crate::failover::journal::Durable;
use crate::failover::permission::Reply as Asked;

struct Journal(bool);

impl Durable for Journal {
    fn is_open(&self) -> bool {
        self.0
    }
}

fn options() -> Options {
    Options {
        endpoint_url: Some("http://127.0.0.1:1".into()),
        allow_writes: true,
        ..Options::default()
    }
}

async fn submit(call: &Call, reply: impl Fn() -> Reply + Send + Sync + 'static) -> (Outcome, Log) {
    let (reader, log) = reader(&options(), move |_| reply());
    let leave = reader.allow_writes().unwrap();
    let writer = Writer::open(&reader, leave, &Journal(true)).unwrap();
    (writer.submit(call).await, log)
}

fn detach() -> Call {
    Call::DetachNetworkInterface(Detach {
        attachment_id: "eni-attach-1".into(),
        force: false,
    })
}

fn attach() -> Call {
    Call::AttachNetworkInterface(Attach {
        network_interface_id: "eni-1".into(),
        instance_id: "i-1".into(),
        device_index: 1,
        network_card_index: 0,
    })
}

fn modify(delete: Option<bool>, check: Option<bool>, description: Option<&str>) -> Call {
    Call::ModifyNetworkInterfaceAttribute(Modify {
        network_interface_id: "eni-1".into(),
        delete_on_termination: delete.map(|on| ("eni-attach-1".into(), on)),
        source_dest_check: check,
        description: description.map(Into::into),
        ..Modify::default()
    })
}

fn assign(ips: &[&str]) -> Call {
    Call::AssignPrivateIpAddresses(AssignPrivate {
        network_interface_id: "eni-1".into(),
        private_ip_addresses: ips.iter().map(|ip| ip.parse().unwrap()).collect(),
        allow_reassignment: true,
        ..AssignPrivate::default()
    })
}

fn associate() -> Call {
    Call::AssociateAddress(Associate {
        allocation_id: Some("eipalloc-1".into()),
        network_interface_id: Some("eni-1".into()),
        private_ip_address: Some("10.0.1.50".parse().unwrap()),
        allow_reassociation: Some(true),
        ..Associate::default()
    })
}

fn route(destination: &str) -> PutRoute {
    PutRoute {
        route_table_id: "rtb-1".into(),
        destination: destination.into(),
        network_interface_id: Some("eni-1".into()),
        ..PutRoute::default()
    }
}

fn replace(destination: &str) -> Call {
    Call::ReplaceRoute(route(destination))
}

#[tokio::test]
async fn the_wire_carries_exactly_the_parameters_of_the_call() {
    for call in [
        detach(),
        Call::DetachNetworkInterface(Detach {
            attachment_id: "eni-attach-1".into(),
            force: true,
        }),
        attach(),
        modify(Some(false), None, None),
        modify(None, Some(true), None),
        assign(&["10.0.1.51", "10.0.1.52"]),
        associate(),
        replace("172.31.99.0/24"),
        replace("2001:db8::/56"),
        replace("pl-1"),
        Call::StopInstances(Call::instances(&"i-1".into())),
    ] {
        let body = format!(
            "<{0}Response><requestId>req-7</requestId><attachmentId>eni-attach-9</attachmentId><return>true</return></{0}Response>",
            call.action()
        );
        let (outcome, log) = submit(&call, move || ok(body.clone())).await;
        let Outcome::Accepted(answer) = outcome else {
            panic!("{}: {outcome:?}", call.line());
        };
        let attached = matches!(call, Call::AttachNetworkInterface(_));
        assert_eq!(answer.attachment_id.is_some(), attached, "{}", call.line());
        assert_eq!(answer.request_id.as_deref(), Some("req-7"));
        let mut sent = log.all();
        assert_eq!(sent.len(), 1);
        let mut sent = sent.remove(0);
        assert_eq!(sent.remove("Action").as_deref(), Some(call.action()));
        assert_eq!(sent.remove("Version").as_deref(), Some("2016-11-15"));
        let expected: std::collections::BTreeMap<_, _> = call.parameters().into_iter().collect();
        assert_eq!(sent, expected);
    }
}

#[tokio::test]
async fn other_calls_are_refused_without_a_request() {
    let delete = Call::DeleteNetworkInterface(Delete {
        network_interface_id: "eni-1".into(),
    });
    for call in [
        delete,
        Call::StartInstances(Call::instances(&"i-1".into())),
        Call::StopInstances(Instances {
            force: true,
            ..Call::instances(&"i-1".into())
        }),
        assign(&[]),
        Call::AssignPrivateIpAddresses(AssignPrivate {
            network_interface_id: "eni-1".into(),
            secondary_private_ip_address_count: 1,
            ..AssignPrivate::default()
        }),
        Call::AssociateAddress(Associate {
            allocation_id: Some("eipalloc-1".into()),
            instance_id: Some("i-1".into()),
            ..Associate::default()
        }),
        Call::ReplaceRoute(PutRoute {
            gateway_id: Some("igw-1".into()),
            network_interface_id: None,
            ..route("10.9.0.0/16")
        }),
        Call::TerminateInstances(Call::instances(&"i-1".into())),
        modify(None, None, None),
        modify(None, None, Some("x")),
        modify(Some(true), Some(true), None),
        // What is not encoded must not be left out in silence.
        Call::ModifyNetworkInterfaceAttribute(Modify {
            network_interface_id: "eni-1".into(),
            source_dest_check: Some(true),
            groups: Some(vec!["sg-1".into()]),
            ..Modify::default()
        }),
    ] {
        let (outcome, log) = submit(&call, || Reply::Broken).await;
        assert!(matches!(outcome, Outcome::Refused(_)), "{}", call.line());
        assert_eq!(log.all().len(), 0, "{}", call.line());
    }
}

#[tokio::test]
async fn an_answer_is_refused_or_unknown_and_the_call_goes_out_once() {
    type Case = (
        &'static str,
        Arc<dyn Fn() -> Reply + Send + Sync>,
        &'static str,
    );
    let http = |status: u16, body: &'static str| -> Arc<dyn Fn() -> Reply + Send + Sync> {
        Arc::new(move || Reply::Http(status, body.to_owned()))
    };
    let code = |status: u16, code: &'static str| -> Arc<dyn Fn() -> Reply + Send + Sync> {
        Arc::new(move || refusal(status, code))
    };
    let cases: Vec<Case> = vec![
        (
            "limit",
            code(400, "AttachmentLimitExceeded"),
            "AttachmentLimitExceeded",
        ),
        (
            "unauthorised",
            code(403, "UnauthorizedOperation"),
            "UnauthorizedOperation",
        ),
        ("dry run", code(412, "DryRunOperation"), "DryRunOperation"),
        (
            "throttled",
            code(503, "RequestLimitExceeded"),
            "RequestLimitExceeded",
        ),
        ("unavailable", code(503, "Unavailable"), "unknown"),
        ("internal", code(500, "InternalError"), "unknown"),
        (
            "page",
            http(503, "<!doctype html><html>Bad gateway</html>"),
            "unknown",
        ),
        (
            "page with 200",
            http(200, "<!doctype html><html>Log in</html>"),
            "unknown",
        ),
        ("empty error", http(400, ""), "unknown"),
        ("empty answer", http(200, ""), "unknown"),
        (
            "cut short",
            http(200, "<AttachNetworkInterfaceResponse><attachm"),
            "unknown",
        ),
        ("broken", Arc::new(|| Reply::Broken), "unknown"),
        ("timeout", Arc::new(|| Reply::TimedOut), "unknown"),
    ];
    for (name, reply, expected) in cases {
        for call in [detach(), attach(), modify(Some(false), None, None)] {
            let reply = Arc::clone(&reply);
            let (outcome, log) = submit(&call, move || reply()).await;
            let seen = match &outcome {
                Outcome::Accepted(_) => "accepted".to_owned(),
                Outcome::Refused(error) => {
                    assert_eq!(error.request_id.as_deref(), Some("req-1"), "{name}");
                    assert_eq!(*error.message, *format!("text of {}", error.code), "{name}");
                    error.code.to_string()
                }
                Outcome::Unknown(cause) => {
                    assert!(!cause.is_empty(), "{name}");
                    "unknown".to_owned()
                }
            };
            assert_eq!(seen, expected, "{name}: {} {outcome:?}", call.action());
            assert_eq!(log.all().len(), 1, "{name}: {} was retried", call.action());
        }
    }
}

#[tokio::test]
async fn an_unknown_outcome_keeps_the_whole_cause() {
    let (outcome, _) = submit(&attach(), || Reply::Broken).await;
    let Outcome::Unknown(cause) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(cause.contains("connection reset by peer"), "{cause}");
    let (outcome, _) = submit(&attach(), || {
        Reply::Http(502, "<html>Bad gateway</html>".into())
    })
    .await;
    let Outcome::Unknown(cause) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(
        cause.contains("502") && cause.contains("Bad gateway"),
        "{cause}"
    );
}

#[test]
fn no_open_journal_no_write_port() {
    let (reader, _) = reader(&options(), |_| Reply::Broken);
    let leave = reader.allow_writes().unwrap();
    assert!(Writer::open(&reader, leave, &Journal(false)).is_err());
}

#[test]
fn leave_to_write_needs_the_flag() {
    let options = Options {
        allow_writes: false,
        ..options()
    };
    let (reader, _) = reader(&options, |_| Reply::Broken);
    assert!(reader.allow_writes().is_none());
}

async fn ask(call: &Call, reply: impl Fn() -> Reply + Send + Sync + 'static) -> (Asked, Log) {
    let options = Options {
        dry_run_supported: true,
        allow_writes: false,
        ..options()
    };
    let (reader, log) = reader(&options, move |_| reply());
    (DryRuns::open(&reader).unwrap().ask(call).await, log)
}

#[tokio::test]
async fn a_dry_run_carries_the_parameters_of_the_call_and_says_so() {
    for call in [
        detach(),
        attach(),
        associate(),
        replace("172.31.99.0/24"),
        replace("2001:db8::/56"),
        replace("pl-1"),
        modify(Some(false), None, None),
        Call::StopInstances(Call::instances(&"i-1".into())),
    ] {
        let (reply, log) = ask(&call, || refusal(412, "DryRunOperation")).await;
        assert_eq!(reply, Asked::Permitted, "{}", call.line());
        let mut sent = log.all();
        assert_eq!(sent.len(), 1);
        let mut sent = sent.remove(0);
        assert_eq!(sent.remove("DryRun").as_deref(), Some("true"));
        assert_eq!(sent.remove("Action").as_deref(), Some(call.action()));
        sent.remove("Version");
        let expected: std::collections::BTreeMap<_, _> = call.parameters().into_iter().collect();
        assert_eq!(sent, expected);
    }
    // These have no dry run, or are no part of a plan: nothing is sent.
    for call in [
        assign(&["10.0.1.51"]),
        modify(None, Some(true), None),
        Call::StopInstances(Instances {
            force: true,
            ..Call::instances(&"i-1".into())
        }),
    ] {
        let (reply, log) = ask(&call, || Reply::Broken).await;
        assert_eq!(reply, Asked::NotOffered, "{}", call.line());
        assert_eq!(log.all().len(), 0, "{}", call.line());
    }
}

#[tokio::test]
async fn an_answer_to_a_dry_run_that_is_no_error_was_carried_out() {
    let named = |call: &Call| {
        format!(
            "<{0}Response><requestId>req-7</requestId><attachmentId>eni-attach-9</attachmentId></{0}Response>",
            call.action()
        )
    };
    for call in [
        detach(),
        attach(),
        associate(),
        replace("10.9.0.0/16"),
        modify(Some(false), None, None),
        Call::StopInstances(Call::instances(&"i-1".into())),
    ] {
        let body = named(&call);
        let (reply, _) = ask(&call, move || ok(body.clone())).await;
        let Asked::Executed(answer) = reply else {
            panic!("{}: {reply:?}", call.line());
        };
        assert_eq!(answer.request_id.as_deref(), Some("req-7"));
        let attached = matches!(call, Call::AttachNetworkInterface(_));
        assert_eq!(answer.attachment_id.is_some(), attached);
        // Also when the answer says nothing at all.
        let (reply, _) = ask(&call, || ok("<html>Log in</html>")).await;
        assert!(matches!(reply, Asked::Executed(_)), "{reply:?}");
        let (reply, log) = ask(&call, || Reply::Broken).await;
        assert!(matches!(reply, Asked::Unknown(_)), "{reply:?}");
        assert_eq!(log.all().len(), 1, "{} was asked twice", call.action());
        let (reply, _) = ask(&call, || refusal(403, "UnauthorizedOperation")).await;
        assert!(matches!(reply, Asked::Refused(_)), "{reply:?}");
    }
}

#[test]
fn dry_runs_go_to_aws_or_where_a_person_says_so() {
    for (endpoint, supported, asked) in [
        (None, false, true),
        (Some("https://ec2.us-east-1.amazonaws.com"), false, true),
        (Some("https://amazonaws.com.example.com"), false, false),
        (Some("http://127.0.0.1:1"), false, false),
        (Some("http://127.0.0.1:1"), true, true),
    ] {
        let options = Options {
            endpoint_url: endpoint.map(Into::into),
            dry_run_supported: supported,
            ..Options::default()
        };
        let (reader, _) = reader(&options, |_| Reply::Broken);
        assert_eq!(DryRuns::open(&reader).is_some(), asked, "{options:?}");
    }
}
