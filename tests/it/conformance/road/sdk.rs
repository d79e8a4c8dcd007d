//! The AWS SDK: in process on the simulator, or over HTTP to an endpoint. What there is, is read by
//! the program's own reader, so each case is a case for it too.

/// A request whose answer says nothing but that it was accepted.
macro_rules! plain {
    ($request:expr) => {
        $request
            .send()
            .await
            .map(|_| Answer::default())
            .map_err(refusal)
    };
}

mod address;
pub mod http;
mod instance;
mod interface;
mod look;
mod network;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::config::http::HttpResponse;
use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use enipilot::cloud::port::Reader;
use enipilot::ec2::call::{Answer, Call};
use enipilot::ec2::world::World;
use tokio::runtime::Runtime;

use super::{Outcome, Refusal, Reply, Request, Road};
use crate::conformance::names::Names;
use crate::sdk::endpoint::Endpoint;

/// The SDK on the simulator in process.
pub struct InProcess {
    endpoint: Endpoint,
    client: Client,
    reader: Reader,
    runtime: Runtime,
}

impl InProcess {
    pub fn on(endpoint: Endpoint) -> Self {
        Self {
            client: endpoint.client(),
            reader: endpoint.reader(false),
            runtime: runtime(),
            endpoint,
        }
    }
}

pub fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

impl Road for InProcess {
    fn request(&mut self, request: &Request) -> Outcome {
        self.runtime.block_on(send(&self.client, request))
    }

    fn world(&mut self, _: &Names) -> Result<Arc<World>, String> {
        let world = self.runtime.block_on(self.reader.world(&mut |_| ()));
        let world = world.map_err(|failure| failure.to_string())?;
        match world.check_invariants() {
            wrong if wrong.is_empty() => Ok(Arc::new(world)),
            wrong => Err(wrong.join(", ")),
        }
    }

    fn settle(&mut self, _: &Names) -> Result<(), String> {
        self.endpoint.sim(super::direct::settle);
        Ok(())
    }

    fn pass(&mut self, span: Duration) {
        self.endpoint.sim(|sim| sim.advance(sim.now() + span));
    }
}

/// Sends one request through the SDK.
pub async fn send(client: &Client, request: &Request) -> Outcome {
    match request {
        Request::Look(look) => look::look(client, look).await.map(Reply::Rows),
        Request::Change(call, dry) => {
            let answer = change(client, call, *dry).await?;
            Ok(Reply::Change(Box::new(answer)))
        }
    }
}

async fn change(client: &Client, call: &Call, dry: bool) -> Result<Answer, Refusal> {
    // One after the other: each knows the calls of its kind.
    if let Some(answer) = interface::change(client, call, dry).await {
        return answer;
    }
    if let Some(answer) = address::change(client, call, dry).await {
        return answer;
    }
    if let Some(answer) = instance::change(client, call, dry).await {
        return answer;
    }
    match network::change(client, call, dry).await {
        Some(answer) => answer,
        None => panic!("no SDK call for {}", call.line()),
    }
}

/// What the SDK says of a request that got no good answer.
fn refusal<E>(error: SdkError<E, HttpResponse>) -> Refusal
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let status = error.raw_response().map_or(0, |r| r.status().as_u16());
    match error.code() {
        Some(code) => Refusal {
            code: code.to_owned(),
            message: error.message().unwrap_or_default().to_owned(),
            status,
        },
        None => Refusal {
            code: format!("HTTP {status} without EC2's error"),
            message: format!("{:?}", error.source_text()),
            // Whatever it is, it is no refusal.
            status: status.max(500),
        },
    }
}

trait SourceText {
    fn source_text(&self) -> String;
}

impl<E: std::error::Error + 'static> SourceText for SdkError<E, HttpResponse> {
    fn source_text(&self) -> String {
        let source = std::error::Error::source(self);
        source.map_or_else(|| self.to_string(), ToString::to_string)
    }
}

/// Optional text of any kind of id.
fn text<T: ToString>(value: &Option<T>) -> Option<String> {
    value.as_ref().map(ToString::to_string)
}

/// A list, if it is not empty.
fn list<T: ToString>(values: &[T]) -> Option<Vec<String>> {
    (!values.is_empty()).then(|| values.iter().map(ToString::to_string).collect())
}

/// A count, if it is not zero.
fn some(count: u32) -> Option<i32> {
    (count > 0).then(|| whole(count))
}

fn whole(count: u32) -> i32 {
    i32::try_from(count).unwrap()
}

fn tag(tag: &enipilot::ec2::resource::Tag) -> Tag {
    Tag::builder().key(&*tag.key).value(&*tag.value).build()
}

fn tags(
    kind: ResourceType,
    tags: &[enipilot::ec2::resource::Tag],
) -> Option<Vec<TagSpecification>> {
    let all: Vec<Tag> = tags.iter().map(tag).collect();
    let specification = TagSpecification::builder()
        .resource_type(kind)
        .set_tags(Some(all));
    (!tags.is_empty()).then(|| vec![specification.build()])
}

fn dry_run(dry: bool) -> Option<bool> {
    dry.then_some(true)
}

/// Texts of an answer as ids; what is absent is left out.
fn id<T: From<String>>(value: Option<&str>) -> Option<T> {
    value.map(|v| T::from(v.to_owned()))
}
