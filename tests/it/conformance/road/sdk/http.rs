//! The AWS SDK over HTTP, to any endpoint on this machine.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_ec2::Client;
use aws_sdk_ec2::config::Credentials;
use enipilot::cloud::port::{Options, Reader};
use enipilot::ec2::eni::AttachmentStatus;
use enipilot::ec2::resource::{CheckStatus, InstanceState};
use enipilot::ec2::world::World;
use tokio::runtime::Runtime;

use super::super::{Outcome, Request, Road};
use crate::conformance::names::Names;

/// Between two looks at something that is under way.
const STEP: Duration = Duration::from_millis(20);
/// Looks until something that does not end is taken for hung.
const LOOKS_MAX: u32 = 300;

/// An endpoint.
pub struct Http {
    client: Client,
    reader: Reader,
    runtime: Runtime,
    /// It is the simulator, on the account of the table.
    ours: bool,
    image: Option<String>,
    looks: u32,
}

impl Http {
    /// Connects, and finds out whom it speaks to.
    pub fn to(url: &str) -> Self {
        let runtime = super::runtime();
        let from = |name: &str, default: &str| std::env::var(name).unwrap_or(default.to_owned());
        let keys = Credentials::new(
            from("AWS_ACCESS_KEY_ID", "test"),
            from("AWS_SECRET_ACCESS_KEY", "test"),
            None,
            None,
            "environment",
        );
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(from("AWS_REGION", "us-east-1")))
            .credentials_provider(keys)
            .endpoint_url(url)
            .retry_config(RetryConfig::disabled())
            .http_client(aws_smithy_http_client::Builder::new().build_http());
        let config = runtime.block_on(config.load());
        let reader = Reader::on(&config, &Options::default()).unwrap_or_else(|e| panic!("{e}"));
        let mut road = Self {
            client: Client::new(&config),
            reader,
            runtime,
            ours: false,
            image: None,
            looks: 0,
        };
        let world = road.world(&Names::default());
        let world = world.unwrap_or_else(|e| panic!("{url} does not answer: {e}"));
        road.ours = world.enis().any(|e| e.name() == Some("ECS"));
        let images = road.runtime.block_on(road.client.describe_images().send());
        let first = images.ok().and_then(|i| i.images().first().cloned());
        road.image = first.and_then(|i| i.image_id().map(str::to_owned));
        road
    }

    /// An image that the endpoint knows, if it tells any.
    pub fn image(&self) -> Option<String> {
        self.image.clone()
    }

    fn is_under_way(&self, world: &World, names: &Names) -> bool {
        let attachments = world.enis().filter_map(|e| e.attachment.as_ref());
        let moves = attachments
            .map(|a| &a.status)
            .any(|s| matches!(s, AttachmentStatus::Attaching | AttachmentStatus::Detaching));
        let fresh = world.enis().any(|e| e.status.to_string() == "pending");
        let states = world.instances().any(|i| {
            matches!(
                i.state,
                InstanceState::Pending | InstanceState::Stopping | InstanceState::ShuttingDown
            )
        });
        moves || fresh || states || self.gateway_is_under_way(names)
    }

    fn gateway_is_under_way(&self, names: &Names) -> bool {
        let Some(id) = names.ids().find(|id| id.starts_with("nat-")) else {
            return false;
        };
        let request = self.client.describe_nat_gateways().nat_gateway_ids(id);
        let Ok(answer) = self.runtime.block_on(request.send()) else {
            return false;
        };
        let states = answer.nat_gateways().iter().filter_map(|g| g.state());
        let mut states = states.map(|s| s.as_str());
        states.any(|s| s == "pending" || s == "deleting")
    }
}

impl Road for Http {
    fn request(&mut self, request: &Request) -> Outcome {
        self.looks = 0;
        self.runtime.block_on(super::send(&self.client, request))
    }

    fn world(&mut self, names: &Names) -> Result<Arc<World>, String> {
        let world = self.runtime.block_on(self.reader.world(&mut |_| ()));
        let world = world.map_err(|failure| failure.to_string())?;
        Ok(Arc::new(narrow(&world, names)))
    }

    fn settle(&mut self, names: &Names) -> Result<(), String> {
        for _ in 0..LOOKS_MAX {
            let world = self.world(names)?;
            if !self.is_under_way(&world, names) {
                return Ok(());
            }
            self.pass(STEP);
        }
        Ok(())
    }

    fn pass(&mut self, span: Duration) {
        let span = span.min(STEP);
        self.runtime
            .block_on(async { tokio::time::sleep(span).await });
    }

    fn again(&mut self) -> bool {
        self.looks += 1;
        self.pass(STEP);
        self.looks < if self.ours { LOOKS_MAX / 3 } else { 3 }
    }

    fn compares_texts(&self) -> bool {
        self.ours
    }

    fn is_ours(&self) -> bool {
        self.ours
    }
}

/// What belongs to the case: others may live in the same account. Status checks come and go by
/// themselves, and no case is about them.
fn narrow(world: &World, names: &Names) -> World {
    let ids: HashSet<&str> = names.ids().collect();
    if ids.is_empty() {
        return world.clone();
    }
    let mut out = World::new(world.region.clone(), world.account.clone());
    let has = |id: &str| ids.contains(id);
    for vpc in world.vpcs().filter(|v| has(v.id.as_str())) {
        out.put_vpc((**vpc).clone());
    }
    for subnet in world.subnets().filter(|s| has(s.vpc_id.as_str())) {
        out.put_subnet((**subnet).clone());
    }
    for instance in world.instances() {
        let inside = instance.vpc_id.as_ref().is_some_and(|v| has(v.as_str()));
        if inside || has(instance.id.as_str()) {
            let mut instance = (**instance).clone();
            instance.system_status = CheckStatus::Ok;
            instance.instance_status = CheckStatus::Ok;
            out.put_instance(instance);
        }
    }
    for eni in world.enis() {
        let held = eni.instance_id().is_some_and(|i| has(i.as_str()));
        if held || has(eni.vpc_id.as_str()) || has(eni.id.as_str()) {
            out.put_eni((**eni).clone());
        }
    }
    for group in world.groups().filter(|g| has(g.vpc_id.as_str())) {
        out.put_group((**group).clone());
    }
    for table in world.route_tables().filter(|t| has(t.vpc_id.as_str())) {
        out.put_route_table((**table).clone());
    }
    for address in world.addresses().filter(|a| has(a.id.as_str())) {
        out.put_address((**address).clone());
    }
    out
}
