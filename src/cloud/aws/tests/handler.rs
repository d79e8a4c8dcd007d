//! An endpoint that is a function: it gets the decoded form of a request and gives a reply.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ec2::config::http::{HttpRequest, HttpResponse};
use aws_sdk_ec2::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;

use crate::cloud::aws::Connection;
use crate::cloud::port::{Options, Reader};

/// The parameters of a request.
pub type Form = BTreeMap<String, String>;

/// What the endpoint does.
#[derive(Clone)]
pub enum Reply {
    /// Status and body.
    Http(u16, String),
    /// The connection breaks.
    Broken,
    /// Nothing comes, and the client's timer has run out.
    TimedOut,
}

/// A reply with status 200.
pub fn ok(body: impl Into<String>) -> Reply {
    Reply::Http(200, body.into())
}

/// An error answer in EC2's form.
pub fn refusal(status: u16, code: &str) -> Reply {
    Reply::Http(
        status,
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response><Errors><Error><Code>{code}</Code>\
             <Message>text of {code}</Message></Error></Errors><RequestID>req-1</RequestID></Response>"
        ),
    )
}

/// An empty answer to a describe.
pub fn empty(action: &str) -> Reply {
    ok(format!(
        "<{action}Response><requestId>r</requestId></{action}Response>"
    ))
}

/// The requests that went out, decoded, in order.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Vec<Form>>>);

impl Log {
    pub fn all(&self) -> Vec<Form> {
        self.0.lock().unwrap().clone()
    }

    pub fn count(&self, action: &str) -> usize {
        let log = self.0.lock().unwrap();
        log.iter().filter(|form| form["Action"] == action).count()
    }
}

/// A reader on the handler, and what it asked.
pub fn reader(
    options: &Options,
    handler: impl Fn(&Form) -> Reply + Send + Sync + 'static,
) -> (Reader, Log) {
    let (connection, log) = connection(options, handler);
    (Reader::over(connection, options.clone()), log)
}

fn connection(
    options: &Options,
    handler: impl Fn(&Form) -> Reply + Send + Sync + 'static,
) -> (Connection, Log) {
    let log = Log::default();
    let connector = SharedHttpConnector::new(Endpoint {
        handler: Arc::new(handler),
        log: log.clone(),
    });
    let keys = Credentials::for_tests();
    let shared = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .sleep_impl(aws_sdk_ec2::config::SharedAsyncSleep::new(NoSleep))
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .build();
    let connection = Connection::over(&shared, options, None, None).unwrap();
    (connection, log)
}

/// Backing off takes no time here; timeouts never fire, replies say when time is up.
#[derive(Debug)]
struct NoSleep;

impl aws_sdk_ec2::config::AsyncSleep for NoSleep {
    fn sleep(&self, span: std::time::Duration) -> aws_sdk_ec2::config::Sleep {
        // A back-off before a retry is short; a timeout is not.
        if span < std::time::Duration::from_secs(3) {
            aws_sdk_ec2::config::Sleep::new(std::future::ready(()))
        } else {
            aws_sdk_ec2::config::Sleep::new(std::future::pending())
        }
    }
}

struct Endpoint {
    handler: Arc<dyn Fn(&Form) -> Reply + Send + Sync>,
    log: Log,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Endpoint")
    }
}

impl HttpConnector for Endpoint {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = String::from_utf8(request.body().bytes().unwrap().to_vec()).unwrap();
        let form = decode(&body);
        let reply = (self.handler)(&form);
        self.log.0.lock().unwrap().push(form);
        HttpConnectorFuture::ready(match reply {
            Reply::Http(status, body) => Ok(http(status, body)),
            Reply::Broken => Err(ConnectorError::io("connection reset by peer".into())),
            Reply::TimedOut => Err(ConnectorError::timeout("no answer within 4 s".into())),
        })
    }
}

/// As EC2 does: the request is named in the body and in a header of a successful answer.
fn http(status: u16, body: String) -> HttpResponse {
    let named = body
        .split_once("<requestId>")
        .and_then(|(_, rest)| rest.split_once("</requestId>"))
        .map(|(id, _)| id.to_owned());
    let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
    if let Some(id) = named {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}

fn decode(body: &str) -> Form {
    body.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (percent(name), percent(value)))
        .collect()
}

fn percent(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(b) = bytes.next() {
        match b {
            b'+' => out.push(b' '),
            b'%' => {
                let hex = [bytes.next().unwrap(), bytes.next().unwrap()];
                let hex = std::str::from_utf8(&hex).unwrap();
                out.push(u8::from_str_radix(hex, 16).unwrap());
            }
            other => out.push(other),
        }
    }
    String::from_utf8(out).unwrap()
}
