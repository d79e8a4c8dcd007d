//! What people read when the endpoint fails, and what the engine hears.

use super::handler::{Form, Reply, empty, ok, reader, refusal};
use crate::cloud::port::{Failure, Options};
use crate::ec2::gap::{Gap, Kind};
use crate::ec2::time::Time;
use crate::failover::engine::Gaze;
use crate::failover::facts::Scope;

const ENDPOINT: &str = "http://127.0.0.1:1";

fn options() -> Options {
    Options {
        endpoint_url: Some(ENDPOINT.into()),
        ..Options::default()
    }
}

fn scope() -> Scope {
    Scope {
        eni: "eni-1".into(),
        source: Some("i-1".into()),
        target: "i-2".into(),
        source_name: String::new(),
        target_name: String::new(),
        goods: Vec::new(),
    }
}

/// The world of an endpoint where one describe answers so and all others are empty.
async fn failure(
    action: &'static str,
    reply: impl Fn() -> Reply + Send + Sync + 'static,
) -> Failure {
    let (reader, _) = reader(&options(), move |form: &Form| {
        if form["Action"] == action {
            reply()
        } else {
            empty(&form["Action"])
        }
    });
    reader.world(&mut |_| ()).await.unwrap_err()
}

#[tokio::test]
async fn every_failure_says_what_and_names_the_way_out() {
    // status and body, then words that must be in the text
    let page = "<!doctype html><html><title>500 Internal Server Error</title></html>";
    let cases: Vec<(Reply, &[&str])> = vec![
        (
            refusal(400, "RequestExpired"),
            &["expired", "aws sso login"],
        ),
        (refusal(400, "ExpiredToken"), &["expired", "aws sso login"]),
        (
            refusal(401, "AuthFailure"),
            &["does not accept the credentials", "clock", "(AuthFailure)"],
        ),
        (
            refusal(403, "UnauthorizedOperation"),
            &["may not ec2:DescribeVpcs", "IAM policy"],
        ),
        (
            refusal(400, "InvalidParameterValue"),
            &["refused ec2:DescribeVpcs", "(InvalidParameterValue)"],
        ),
        (
            refusal(503, "RequestLimitExceeded"),
            &["fewer requests", "(RequestLimitExceeded)"],
        ),
        (refusal(500, "InternalError"), &["HTTP 500", "Try again"]),
        (
            Reply::Http(500, page.into()),
            &["web page", "HTTP 500", "endpoint's own log"],
        ),
        (
            Reply::Http(200, "<html>Sign in</html>".into()),
            &["web page", "proxy or login page"],
        ),
        (
            Reply::Http(404, "no such thing".into()),
            &["not EC2's XML", "HTTP 404"],
        ),
        (
            Reply::Http(502, String::new()),
            &["with nothing", "HTTP 502"],
        ),
        (
            Reply::Broken,
            &[
                "cannot be reached",
                "connection reset by peer",
                "--endpoint-url",
            ],
        ),
        (Reply::TimedOut, &["did not answer", "no answer within 4 s"]),
    ];
    for (reply, words) in cases {
        let failure = failure("DescribeVpcs", move || reply.clone()).await;
        let text = failure.to_string();
        assert!(
            text.contains(ENDPOINT) || words[0].starts_with("may not") || words[0] == "expired",
            "{text}"
        );
        assert!(!failure.remedy.is_empty());
        for word in words {
            assert!(text.contains(word), "`{word}` is not in: {text}");
        }
    }
}

#[tokio::test]
async fn each_describe_of_the_frame_is_named_when_it_is_not_allowed() {
    for action in [
        "DescribeVpcs",
        "DescribeSubnets",
        "DescribeInstances",
        "DescribeNetworkInterfaces",
    ] {
        let failure = failure(action, || refusal(403, "UnauthorizedOperation")).await;
        assert!(failure.what.contains(&format!("ec2:{action}")), "{failure}");
        assert_eq!(failure.code.as_deref(), Some("UnauthorizedOperation"));
    }
}

#[tokio::test]
async fn another_describe_that_is_not_allowed_is_a_gap_and_one_that_fails_is_not() {
    for kind in [
        Kind::StatusChecks,
        Kind::Addresses,
        Kind::RouteTables,
        Kind::SecurityGroups,
    ] {
        let action = kind.action();
        let (reader, _) = reader(&options(), move |form: &Form| {
            match form["Action"] == action {
                true => refusal(403, "UnauthorizedOperation"),
                false => empty(&form["Action"]),
            }
        });
        let code = "UnauthorizedOperation".into();
        let gaps = [Gap { kind, code }];
        let world = reader.world(&mut |_| ()).await.unwrap();
        assert_eq!(world.gaps(), gaps, "{action}");
        let look = reader.look(&scope(), Gaze::Full, Time::default()).await;
        let seen = look.seen.unwrap();
        // A running operation does not look at groups.
        let looked_at = kind != Kind::SecurityGroups;
        assert_eq!(seen.gap(kind).is_some(), looked_at, "{action}");
        let failure = failure(action, || refusal(400, "RequestExpired")).await;
        assert!(failure.what.contains("expired"), "{action}: {failure}");
    }
}

#[tokio::test]
async fn inventories_retry_and_looks_do_not() {
    let flaky = || reader(&options(), |_| refusal(503, "RequestLimitExceeded"));
    let (reader, log) = flaky();
    let failure = reader.world(&mut |_| ()).await.unwrap_err();
    assert!(failure.throttled);
    assert_eq!(log.count("DescribeVpcs"), 3);

    let (reader, log) = flaky();
    let seen = reader.look(&scope(), Gaze::Eni, Time::from_millis(7)).await;
    assert_eq!(seen.asked_at, Time::from_millis(7));
    assert!(seen.seen.unwrap_err().throttled);
    assert_eq!(log.all().len(), 1);

    let (reader, _) = self::reader(&options(), |_| Reply::Broken);
    let error = reader.look(&scope(), Gaze::Full, Time::default()).await;
    let error = error.seen.unwrap_err();
    assert!(!error.throttled);
    assert!(
        error.what.contains("connection reset by peer"),
        "{}",
        error.what
    );
}

const IDENTITY: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/a</Arn>\
    <UserId>A</UserId><Account>111122223333</Account></GetCallerIdentityResult>\
    <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>";

const OWNED: &str = "<DescribeNetworkInterfacesResponse><networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId>\
    <ownerId>444455556666</ownerId></item></networkInterfaceSet></DescribeNetworkInterfacesResponse>";

#[tokio::test]
async fn the_account_is_that_of_sts() {
    let pinned = Options {
        account: Some("111122223333".into()),
        ..options()
    };
    let (reader, _) = reader(&pinned, |_| ok(IDENTITY));
    assert_eq!(&*reader.caller().await.unwrap().account, "111122223333");
    assert_eq!(&*reader.sky().account, "111122223333");
}

#[tokio::test]
async fn another_account_than_the_pinned_one_is_refused() {
    let pinned = Options {
        account: Some("999999999999".into()),
        ..options()
    };
    let (reader, _) = reader(&pinned, |_| ok(IDENTITY));
    let text = reader.caller().await.unwrap_err().to_string();
    assert!(
        text.contains("111122223333") && text.contains("999999999999"),
        "{text}"
    );
}

#[tokio::test]
async fn without_sts_the_owner_of_the_interfaces_stands_for_it() {
    for missing in [
        || refusal(400, "InvalidAction"),
        || Reply::Http(500, "<html>unknown service</html>".into()),
        || Reply::Http(404, String::new()),
    ] {
        let (reader, _) = reader(&options(), move |form: &Form| {
            if form["Action"] == "GetCallerIdentity" {
                missing()
            } else {
                ok(OWNED)
            }
        });
        let caller = reader.caller().await.unwrap();
        assert_eq!((&*caller.account, caller.arn), ("444455556666", None));
    }
}

#[tokio::test]
async fn bad_credentials_are_not_mistaken_for_a_missing_sts() {
    for code in [
        "ExpiredToken",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
    ] {
        let (reader, _) = reader(&options(), move |form: &Form| {
            if form["Action"] == "GetCallerIdentity" {
                Reply::Http(
                    403,
                    format!(
                        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>m</Message></Error><RequestId>r</RequestId></ErrorResponse>"
                    ),
                )
            } else {
                ok(OWNED)
            }
        });
        assert_eq!(
            reader.caller().await.unwrap_err().code.as_deref(),
            Some(code)
        );
    }
}

#[tokio::test]
async fn on_aws_only_sts_counts() {
    let aws = Options {
        endpoint_url: Some("https://ec2.us-east-1.amazonaws.com".into()),
        ..Options::default()
    };
    let (reader, _) = reader(&aws, |form: &Form| {
        if form["Action"] == "GetCallerIdentity" {
            refusal(400, "InvalidAction")
        } else {
            ok(OWNED)
        }
    });
    assert!(reader.caller().await.is_err());
}
