//! The simulator as an HTTP client of the AWS SDK: no socket, no thread, virtual time.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ec2::config::http::{HttpRequest, HttpResponse};
use aws_sdk_ec2::config::{
    AsyncSleep, Credentials, SharedAsyncSleep, SharedCredentialsProvider, Sleep,
};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use enipilot::cloud::port::{Options, Reader};
use enipilot::sim::Sim;
use enipilot::wire;

/// What may become of a request besides its answer.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// It never arrives: this status and body come back instead.
    Instead(u16, String),
    /// It never arrives, and the connection breaks.
    Broken,
    /// It arrives and is carried out; the answer is lost.
    AnswerLost,
}

/// The endpoint; copies share the simulator.
#[derive(Clone)]
pub struct Endpoint(Arc<Mutex<State>>);

struct State {
    sim: Sim,
    serial: u64,
    trouble: VecDeque<Trouble>,
    /// Actions that were asked for, answered or not.
    asked: Vec<String>,
    slept: Duration,
}

impl Endpoint {
    pub fn on(sim: Sim) -> Self {
        Self(Arc::new(Mutex::new(State {
            sim,
            serial: 0,
            trouble: VecDeque::new(),
            asked: Vec::new(),
            slept: Duration::ZERO,
        })))
    }

    /// The simulator itself.
    pub fn sim<T>(&self, look: impl FnOnce(&mut Sim) -> T) -> T {
        look(&mut self.0.lock().unwrap().sim)
    }

    /// What the next requests meet, one each.
    pub fn meet(&self, trouble: impl IntoIterator<Item = Trouble>) {
        self.0.lock().unwrap().trouble.extend(trouble);
    }

    /// The actions that were asked for since the last time, and the time that clients slept.
    pub fn told(&self) -> (Vec<String>, Duration) {
        let mut state = self.0.lock().unwrap();
        let state = &mut *state;
        (
            std::mem::take(&mut state.asked),
            std::mem::take(&mut state.slept),
        )
    }

    /// A configuration that leads here.
    pub fn config(&self) -> SdkConfig {
        let connector = SharedHttpConnector::new(self.clone());
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.sim(|sim| sim.world().region.to_string())))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::for_tests()))
            .sleep_impl(SharedAsyncSleep::new(self.clone()))
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .endpoint_url("http://127.0.0.1:1")
            .build()
    }

    /// The SDK's own client.
    pub fn client(&self) -> aws_sdk_ec2::Client {
        aws_sdk_ec2::Client::new(&self.config())
    }

    /// The program's reader.
    pub fn reader(&self, allow_writes: bool) -> Reader {
        let options = Options {
            allow_writes,
            ..Options::default()
        };
        Reader::on(&self.config(), &options).unwrap()
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Endpoint")
    }
}

/// A back-off passes in virtual time. A timeout never fires: no answer takes any time here.
impl AsyncSleep for Endpoint {
    fn sleep(&self, span: Duration) -> Sleep {
        if span >= Duration::from_secs(3) {
            return Sleep::new(std::future::pending());
        }
        let mut state = self.0.lock().unwrap();
        state.slept += span;
        let to = state.sim.now() + span;
        state.sim.advance(to);
        Sleep::new(std::future::ready(()))
    }
}

impl HttpConnector for Endpoint {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut state = self.0.lock().unwrap();
        let state = &mut *state;
        let body = request.body().bytes().unwrap_or_default();
        let text = String::from_utf8_lossy(body);
        let action = text.split('&').find_map(|p| p.strip_prefix("Action="));
        state.asked.push(action.unwrap_or_default().to_owned());
        let lost = match state.trouble.pop_front() {
            None => false,
            Some(Trouble::AnswerLost) => true,
            Some(Trouble::Broken) => return broken(),
            Some(Trouble::Instead(status, body)) => {
                return HttpConnectorFuture::ready(Ok(response(status, body)));
            }
        };
        state.serial += 1;
        let now = state.sim.now();
        let reply = wire::answer(&mut state.sim, now, state.serial, body);
        if lost {
            return broken();
        }
        let mut response = response(reply.status, reply.body);
        let id = reply.request_id.to_string();
        response.headers_mut().insert("x-amzn-requestid", id);
        HttpConnectorFuture::ready(Ok(response))
    }
}

fn broken() -> HttpConnectorFuture {
    HttpConnectorFuture::ready(Err(ConnectorError::io("connection reset by peer".into())))
}

fn response(status: u16, body: String) -> HttpResponse {
    HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body))
}
