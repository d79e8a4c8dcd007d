//! HTTP for the endpoint: connections, heads, bodies, answers.
//!
//! Invariants: what a request may cost is bounded in bytes, in time and in number of connections;
//! every answer is XML in EC2's form, a refusal too; the desk is never held across an await.

use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::behind::Behind;
use super::class::Told;
use super::control::{self, Refusal};
use super::desk::{Asked, Shared, at};
use super::guard::{self, Guard};
use super::log::Log;
use super::road::{self, Lost};
use super::wire_io::Plain;
use crate::app::served::Exchange;
use crate::ec2::error::ApiError;
use crate::store::{dir, progress};
use crate::wire::{BODY_MAX, Reply};

/// Connections at a time; more wait to be accepted.
const CONNECTIONS_MAX: usize = 256;
/// Bytes of too large a body that are taken in only to be thrown away.
const DISCARD_MAX: u64 = 1024 * 1024;
/// Bytes of a world file that is loaded; a saved one holds everything that was put in.
const WORLD_MAX: usize = 64 * 1024 * 1024;
/// Between two looks at the goals of a lesson.
const LOOK_IN: Duration = Duration::from_millis(500);
/// For the head of a request, and for its body.
const PATIENCE: Duration = Duration::from_secs(10);

/// What all connections share.
pub(super) struct Endpoint<B> {
    /// Who may ask.
    pub guard: Guard,
    /// What is asked.
    pub desk: Shared<B>,
    /// Where requests are told, unless a screen tells them.
    pub log: Option<Log>,
    /// Where progress in a lesson is kept, unless a screen keeps it.
    pub state_dir: Option<PathBuf>,
}

/// Answers clients for as long as there is a listener.
pub(super) async fn serve<B: Behind + Send + 'static>(
    listener: TcpListener,
    endpoint: Arc<Endpoint<B>>,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let free = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let place = Arc::clone(&free).acquire_owned().await;
        // One connection that fails to come about is no reason to end.
        let Ok((stream, _)) = listener.accept().await else {
            // Such as too many open files: the next try would fail at once, too.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        // Answers are one write each; waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        let endpoint = Arc::clone(&endpoint);
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let endpoint = Arc::clone(&endpoint);
                async move { endpoint.exchange(request).await }
            });
            // What ends a connection early concerns its client alone.
            let _ended = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(PATIENCE)
                .serve_connection(TokioIo::new(Plain::new(stream)), service)
                .await;
            drop(place);
        });
    }
}

/// Looks at the world now and then, so that goals are told of while nobody asks.
pub(super) async fn look_in<B: Behind>(endpoint: Arc<Endpoint<B>>) {
    let mut ticks = tokio::time::interval(LOOK_IN);
    loop {
        ticks.tick().await;
        at(&endpoint.desk).turn(Instant::now());
        endpoint.tell();
    }
}

impl<B: Behind> Endpoint<B> {
    async fn exchange(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Lost> {
        let (head, body) = request.into_parts();
        let query = head.uri.query().unwrap_or_default().to_owned();
        let refused = self.guard.host(&head.headers);
        let caller = caller(&head.headers);
        if let Err(error) = refused {
            return Ok(self.refuse(StatusCode::FORBIDDEN, caller, error));
        }
        if let Some(command) = head.uri.path().strip_prefix(control::PATH) {
            return Ok(self.control(&head, command, body).await);
        }
        let form = match head.method {
            Method::GET => Bytes::from(query.clone()),
            Method::POST => match received(body, BODY_MAX).await {
                Ok(body) => body,
                Err((status, error)) => return Ok(self.refuse(status, caller, error)),
            },
            _ => {
                let error = ApiError::new("InvalidAction", "Only POST and GET are answered.");
                return Ok(self.refuse(StatusCode::METHOD_NOT_ALLOWED, caller, error));
            }
        };
        let credential = guard::credential(&head.headers, &query);
        if let Err(error) = self.guard.key(credential.as_deref()) {
            let status = StatusCode::from_u16(error.http_status());
            return Ok(self.refuse(status.unwrap_or(StatusCode::FORBIDDEN), caller, error));
        }
        let asked = Asked {
            now: Instant::now(),
            caller,
            form: &form,
        };
        let (reply, exchange, delay) = {
            let mut desk = at(&self.desk);
            let (reply, exchange) = desk.answer(asked);
            let delay = road::held(reply.after, |span| desk.takes(span));
            (reply, exchange, delay)
        };
        let lost = reply.lost;
        // The log tells of what gets lost, too.
        let response = self.sent(reply, &exchange);
        self.tell();
        road::travelled(lost, delay).await.map(|()| response)
    }

    /// A command of whoever steers the world. A web page cannot send one: its browser would ask
    /// first whether it may send JSON.
    async fn control(&self, head: &Parts, command: &str, body: Incoming) -> Response<Full<Bytes>> {
        let kind = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
        if head.method != Method::POST || kind != Some(b"application/json") {
            let text = "commands are sent by POST, as application/json".to_owned();
            return told(&Err(Refusal(405, "BadRequest", text)));
        }
        let credential = guard::credential(&head.headers, "");
        if let Err(error) = self.guard.key(credential.as_deref()) {
            let text = "this is not the access key id that the server takes".to_owned();
            let code = if error.code.starts_with("Missing") {
                "MissingAuthenticationToken"
            } else {
                "AuthFailure"
            };
            return told(&Err(Refusal(401, code, text)));
        }
        match received(body, WORLD_MAX).await {
            Ok(body) => {
                let answer = {
                    let mut desk = at(&self.desk);
                    control::answer(&mut desk, Instant::now(), command, &body)
                };
                self.tell();
                told(&answer)
            }
            Err((status, error)) => {
                let text = error.message.to_string();
                told(&Err(Refusal(status.as_u16(), "BadRequest", text)))
            }
        }
    }

    /// Tells what there is to tell of a lesson, and keeps how far it has come. Nobody holds the desk.
    fn tell(&self) {
        let Some(log) = &self.log else { return };
        let Told { lines, progress } = at(&self.desk).behind_mut().told();
        lines.into_iter().for_each(|line| log.say(line));
        if let Some(progress) = progress {
            let root = dir::locate(self.state_dir.as_deref());
            let root = root.and_then(|root| dir::StateDir::open(&root));
            if let Err(why) = root.and_then(|dir| progress::write(&dir, &progress)) {
                log.say(format!("progress is not kept: {why}"));
            }
        }
    }

    /// A refusal before anything was read as a request: the connection is of no use any more.
    fn refuse(&self, status: StatusCode, caller: &str, error: ApiError) -> Response<Full<Bytes>> {
        let (mut reply, exchange) = at(&self.desk).refuse(caller, error);
        reply.status = status.as_u16();
        let mut response = self.sent(reply, &exchange);
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        response
    }

    fn sent(&self, reply: Reply, exchange: &Exchange) -> Response<Full<Bytes>> {
        if let Some(log) = &self.log {
            log.say(line(reply.status, exchange));
        }
        let mut response = Response::new(Full::new(Bytes::from(reply.body)));
        if let Ok(status) = StatusCode::from_u16(reply.status) {
            *response.status_mut() = status;
        }
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/xml;charset=UTF-8"),
        );
        if let Ok(id) = HeaderValue::from_str(&reply.request_id) {
            headers.insert("x-amzn-requestid", id);
        }
        response
    }
}

/// What a command has come to.
fn told(result: &Result<Value, Refusal>) -> Response<Full<Bytes>> {
    let (status, value) = match result {
        Ok(value) => (200, value.clone()),
        Err(refusal) => (refusal.0, refusal.json()),
    };
    let mut response = Response::new(Full::new(Bytes::from(value.to_string())));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// Who asks, by its own account.
fn caller(headers: &HeaderMap) -> &str {
    let agent = headers.get(USER_AGENT).and_then(|h| h.to_str().ok());
    agent.unwrap_or_default()
}

/// One line of the log: `02:00:15 200 Boto3: DetachNetworkInterface accepted eni-attach-...`.
fn line(status: u16, exchange: &Exchange) -> String {
    format!("{} {status} {}", exchange.at.clock(), exchange.line())
}

async fn received(body: Incoming, most: usize) -> Result<Bytes, (StatusCode, ApiError)> {
    match tokio::time::timeout(PATIENCE, read(body, most)).await {
        Ok(Some(body)) => Ok(body),
        Ok(None) => Err((
            StatusCode::PAYLOAD_TOO_LARGE,
            ApiError::new(
                "RequestEntityTooLarge",
                format!("The body has more than {most} bytes, or broke off."),
            ),
        )),
        Err(_) => Err((
            StatusCode::REQUEST_TIMEOUT,
            ApiError::new("RequestTimeout", "The body did not arrive in time."),
        )),
    }
}

/// A body that is not too large. Of one that is, some is read and thrown away: a client that is still
/// sending when the connection closes would not see the answer.
async fn read(mut body: Incoming, most: usize) -> Option<Bytes> {
    let taken_max = DISCARD_MAX.max(u64::try_from(most).unwrap_or(u64::MAX));
    if body.size_hint().lower() > taken_max {
        return None;
    }
    let mut whole = Vec::new();
    let mut seen = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.ok()?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        seen += u64::try_from(data.len()).unwrap_or(u64::MAX);
        if seen > taken_max {
            return None;
        }
        if whole.len() <= most {
            whole.extend_from_slice(data);
        }
    }
    (whole.len() <= most).then(|| Bytes::from(whole))
}
