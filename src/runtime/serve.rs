//! The simulator behind a loopback port, on EC2's query protocol.
//!
//! Invariants: only 127.0.0.1 is listened on; what a request may cost is bounded in bytes, in time
//! and in number of connections; one lock, never held across an await, orders the requests; virtual
//! time follows the wall clock, and moves when somebody asks.

mod guard;
mod key;

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{Sender, channel};

use crate::ec2::error::ApiError;
use crate::ec2::id::Str;
use crate::ec2::time::Time;
use crate::sim::Sim;
use crate::wire::{self, BODY_MAX, Reply};
use guard::Guard;

/// Connections at a time; more wait to be accepted.
const CONNECTIONS_MAX: usize = 256;
/// Log lines that may wait to be written; more are left out.
const LINES_MAX: usize = 1_024;
/// Bytes of too large a body that are taken in only to be thrown away.
const DISCARD_MAX: u64 = 1024 * 1024;
/// For the head of a request, and for its body.
const PATIENCE: Duration = Duration::from_secs(10);

/// How to serve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// A free port unless given.
    pub port: Option<u16>,
    /// A random one unless given.
    pub access_key: Option<String>,
    /// Any access key id is accepted, and none.
    pub any_key: bool,
    /// Virtual seconds a second.
    pub speed: f64,
}

/// What a client needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// `http://127.0.0.1:PORT`.
    pub endpoint: String,
    /// The access key id that is accepted.
    pub access_key_id: String,
    /// A secret: clients do not start without one. Signatures are not checked.
    pub secret_access_key: String,
}

/// Serves until SIGINT or SIGTERM.
pub fn serve(
    sim: Sim,
    options: &Options,
    announce: &mut dyn FnMut(&Announcement),
    log: &mut dyn FnMut(&str),
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run(sim, options, announce, log))
}

async fn run(
    sim: Sim,
    options: &Options,
    announce: &mut dyn FnMut(&Announcement),
    log: &mut dyn FnMut(&str),
) -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port.unwrap_or(0))).await?;
    let port = listener.local_addr()?.port();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let access_key_id = match &options.access_key {
        Some(id) => id.clone(),
        None => key::access_key_id()?,
    };
    announce(&Announcement {
        endpoint: format!("http://127.0.0.1:{port}"),
        access_key_id: access_key_id.clone(),
        secret_access_key: key::secret()?,
    });
    let (lines, mut written) = channel(LINES_MAX);
    let endpoint = Arc::new(Endpoint {
        guard: Guard {
            port,
            key: (!options.any_key).then_some(access_key_id),
        },
        state: Mutex::new(State {
            clock: Clock::start(sim.now(), options.speed, Instant::now()),
            sim,
            serial: 0,
        }),
        lines,
    });
    let free = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let accepted = async {
            let place = Arc::clone(&free).acquire_owned().await;
            (place, listener.accept().await)
        };
        tokio::select! {
            _ = interrupt.recv() => return Ok(()),
            _ = terminate.recv() => return Ok(()),
            line = written.recv() => log(&line.unwrap_or_default()),
            (place, stream) = accepted => {
                // One connection that fails to come about is no reason to end.
                let Ok((stream, _)) = stream else { continue };
                let endpoint = Arc::clone(&endpoint);
                tokio::spawn(async move {
                    let service = service_fn(|request| {
                        let endpoint = Arc::clone(&endpoint);
                        async move { Ok::<_, Infallible>(endpoint.exchange(request).await) }
                    });
                    // What ends a connection early concerns its client alone.
                    let _ended = hyper::server::conn::http1::Builder::new()
                        .timer(TokioTimer::new())
                        .header_read_timeout(PATIENCE)
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                    drop(place);
                });
            }
        }
    }
}

/// What all connections share.
struct Endpoint {
    guard: Guard,
    state: Mutex<State>,
    lines: Sender<String>,
}

struct State {
    sim: Sim,
    clock: Clock,
    /// Requests so far.
    serial: u64,
}

/// Virtual time by the wall clock.
#[derive(Clone, Copy, Debug)]
struct Clock {
    virtual_start: Time,
    start: Instant,
    speed: f64,
}

impl Clock {
    fn start(virtual_start: Time, speed: f64, start: Instant) -> Self {
        Self {
            virtual_start,
            start,
            speed,
        }
    }

    fn at(&self, now: Instant) -> Time {
        let passed = now.saturating_duration_since(self.start).as_secs_f64();
        let passed = Duration::try_from_secs_f64(passed * self.speed);
        self.virtual_start + passed.unwrap_or(Duration::ZERO)
    }
}

impl Endpoint {
    async fn exchange(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let query = head.uri.query().unwrap_or_default().to_owned();
        let refused = self.guard.host(&head.headers);
        if let Err(error) = refused {
            return self.refuse(StatusCode::FORBIDDEN, error);
        }
        let form = match head.method {
            Method::GET => Bytes::from(query.clone()),
            Method::POST => match self.body(body).await {
                Ok(body) => body,
                Err((status, error)) => return self.refuse(status, error),
            },
            _ => {
                let error = ApiError::new("InvalidAction", "Only POST and GET are answered.");
                return self.refuse(StatusCode::METHOD_NOT_ALLOWED, error);
            }
        };
        let credential = guard::credential(&head.headers, &query);
        if let Err(error) = self.guard.key(credential.as_deref()) {
            let status = StatusCode::from_u16(error.http_status());
            return self.refuse(status.unwrap_or(StatusCode::FORBIDDEN), error);
        }
        let reply = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let now = state.clock.at(Instant::now());
            state.serial += 1;
            let serial = state.serial;
            wire::answer(&mut state.sim, now, serial, &form)
        };
        self.sent(&reply)
    }

    async fn body(&self, body: Incoming) -> Result<Bytes, (StatusCode, ApiError)> {
        match tokio::time::timeout(PATIENCE, read(body)).await {
            Ok(Some(body)) => Ok(body),
            Ok(None) => Err((
                StatusCode::PAYLOAD_TOO_LARGE,
                ApiError::new(
                    "RequestEntityTooLarge",
                    format!("The body has more than {BODY_MAX} bytes, or broke off."),
                ),
            )),
            Err(_) => Err((
                StatusCode::REQUEST_TIMEOUT,
                ApiError::new("RequestTimeout", "The body did not arrive in time."),
            )),
        }
    }

    /// A refusal before anything was read as a request: the connection is of no use any more.
    fn refuse(&self, status: StatusCode, error: ApiError) -> Response<Full<Bytes>> {
        let serial = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.serial += 1;
            state.serial
        };
        let mut reply = wire::refusal(&Str::from(""), error, wire::request_id(serial));
        reply.status = status.as_u16();
        let mut response = self.sent(&reply);
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        response
    }

    fn sent(&self, reply: &Reply) -> Response<Full<Bytes>> {
        // A log that nobody takes up loses lines, not requests.
        let _ = self.lines.try_send(line(reply));
        let mut response = Response::new(Full::new(Bytes::from(reply.body.clone())));
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

/// A body that is not too large. Of one that is, some is read and thrown away: a client that is still
/// sending when the connection closes would not see the answer.
async fn read(mut body: Incoming) -> Option<Bytes> {
    if body.size_hint().lower() > DISCARD_MAX {
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
        if seen > DISCARD_MAX {
            return None;
        }
        if whole.len() <= BODY_MAX {
            whole.extend_from_slice(data);
        }
    }
    (whole.len() <= BODY_MAX).then(|| Bytes::from(whole))
}

/// One line of the log.
fn line(reply: &Reply) -> String {
    let action = if reply.action.is_empty() {
        "-"
    } else {
        &reply.action
    };
    let action: String = action.chars().take(64).collect();
    match &reply.code {
        Some(code) => format!("{} {action} {code}", reply.status),
        None => format!("{} {action}", reply.status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn virtual_time_follows_at_its_speed() {
        let start = Instant::now();
        let clock = Clock::start(Time::from_millis(1_000), 4.0, start);
        assert_eq!(clock.at(start), Time::from_millis(1_000));
        let later = start + Duration::from_millis(2_500);
        assert_eq!(clock.at(later), Time::from_millis(11_000));
    }
}
