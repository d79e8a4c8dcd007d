//! Describes: the whole inventory, and the look of a running operation.
//!
//! Invariants: no filter but by id and by `attachment.instance-id` (other endpoints lack most of
//! them): the rest is filtered on our side. Everything is paginated, because unpaginated describes
//! may fail in large accounts (EC2 API Reference, "DescribeNetworkInterfaces"). What services manage
//! is asked for where EC2 would hide it, because it takes up places too. A kind that the tree can do
//! without and that this identity may not describe is a gap of the world, never an empty one.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use aws_sdk_ec2::types::Filter;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::Connection;
use super::convert::{self, Checks};
use super::errors::Trouble;
use crate::cloud::failure::Failure;
use crate::ec2::eni::Eni;
use crate::ec2::error::is_denial;
use crate::ec2::gap::{Gap, Kind};
use crate::ec2::id::{InstanceId, Str};
use crate::ec2::resource::{
    Address, CheckStatus, Instance, RouteTable, SecurityGroup, Subnet, Vpc,
};
use crate::ec2::world::World;
use crate::failover::engine::{Gaze, LookError};
use crate::failover::facts::Scope;
use crate::failover::sight::{berths, needs_subnets};

/// Rows a page: the most that EC2 gives.
pub(super) const PAGE: i32 = 1_000;
/// Rows a page of `DescribeRouteTables`, which gives fewer.
const PAGE_OF_ROUTE_TABLES: i32 = 100;
/// Pages that may wait to be put into the world.
const PAGES_WAITING: usize = 8;

/// One page of one describe.
enum Page {
    Vpcs(Vec<Vpc>),
    Subnets(Vec<Subnet>),
    Instances(Vec<Instance>),
    Checks(Vec<Checks>),
    Enis(Vec<Eni>),
    Addresses(Vec<Address>),
    RouteTables(Vec<RouteTable>),
    Groups(Vec<SecurityGroup>),
    Unseen(Gap),
}

/// Follows the token of a paginated describe to its end and sends every page.
macro_rules! pages {
    ($self:ident, $out:ident, $action:literal, $request:expr, $page:ident => $rows:expr) => {{
        let mut stream = $request.into_paginator().send();
        while let Some(answer) = stream.next().await {
            let $page = answer.map_err(|error| $self.failure($action, &error))?;
            // A closed channel means that another describe has failed already.
            if $out.send($rows).await.is_err() {
                break;
            }
        }
        Ok::<(), Failure>(())
    }};
}

/// The tree can do without this kind: what may not be described is a gap in it and no failure.
async fn or_gap(out: &Sender<Page>, kind: Kind, asked: Result<(), Failure>) -> Result<(), Failure> {
    let denied = match &asked {
        Err(failure) => failure.code.as_deref().filter(|code| is_denial(code)),
        Ok(()) => None,
    };
    let Some(code) = denied else { return asked };
    let code = code.into();
    // A closed channel means that another describe has failed already.
    let _closed = out.send(Page::Unseen(Gap { kind, code })).await;
    Ok(())
}

impl Connection {
    /// The whole inventory, all describes side by side.
    pub(in crate::cloud) async fn world(
        &self,
        older: Option<&World>,
        on_page: &mut (dyn FnMut(&World) + Send),
    ) -> Result<World, Failure> {
        let (out, pages) = channel(PAGES_WAITING);
        let fold = self.fold(older, pages, on_page);
        let ask = self.ask(out);
        let (world, asked) = tokio::join!(fold, ask);
        asked?;
        self.learn_types(&world).await;
        Ok(self.with_types(self.with_holders(self.with_account(world))))
    }

    async fn ask(&self, out: Sender<Page>) -> Result<(), Failure> {
        let ec2 = &self.reads;
        let out = &out;
        // The tree needs these first; the single-threaded executor polls them in this order.
        tokio::try_join!(
            async {
                pages!(self, out, "DescribeNetworkInterfaces",
                    ec2.describe_network_interfaces().include_managed_resources(true).max_results(PAGE),
                    page => Page::Enis(page.network_interfaces().iter().filter_map(convert::eni).collect()))
            },
            async {
                pages!(self, out, "DescribeInstances",
                    ec2.describe_instances().include_managed_resources(true).max_results(PAGE),
                    page => Page::Instances(instances(page.reservations())))
            },
            async {
                pages!(self, out, "DescribeSubnets",
                    ec2.describe_subnets().max_results(PAGE),
                    page => Page::Subnets(page.subnets().iter().filter_map(convert::subnet).collect()))
            },
            async {
                pages!(self, out, "DescribeVpcs",
                    ec2.describe_vpcs().max_results(PAGE),
                    page => Page::Vpcs(page.vpcs().iter().filter_map(convert::vpc).collect()))
            },
            async {
                let asked = async {
                    pages!(self, out, "DescribeInstanceStatus",
                    ec2.describe_instance_status().include_managed_resources(true).max_results(PAGE),
                    page => Page::Checks(page.instance_statuses().iter().filter_map(convert::checks).collect()))
                };
                or_gap(out, Kind::StatusChecks, asked.await).await
            },
            async {
                let asked = async {
                    pages!(self, out, "DescribeRouteTables",
                    ec2.describe_route_tables().max_results(PAGE_OF_ROUTE_TABLES),
                    page => Page::RouteTables(page.route_tables().iter().filter_map(convert::route_table).collect()))
                };
                or_gap(out, Kind::RouteTables, asked.await).await
            },
            async {
                let asked = async {
                    pages!(self, out, "DescribeSecurityGroups",
                    ec2.describe_security_groups().max_results(PAGE),
                    page => Page::Groups(page.security_groups().iter().filter_map(convert::group).collect()))
                };
                or_gap(out, Kind::SecurityGroups, asked.await).await
            },
            async {
                // DescribeAddresses has no pages.
                let answer = match ec2.describe_addresses().send().await {
                    Ok(answer) => answer,
                    Err(error) => {
                        let failure = Err(self.failure("DescribeAddresses", &error));
                        return or_gap(out, Kind::Addresses, failure).await;
                    }
                };
                let rows = answer
                    .addresses()
                    .iter()
                    .filter_map(convert::address)
                    .collect();
                let _closed = out.send(Page::Addresses(rows)).await;
                Ok(())
            },
        )?;
        Ok(())
    }

    /// Puts pages into a world as they come.
    async fn fold(
        &self,
        older: Option<&World>,
        mut pages: Receiver<Page>,
        on_page: &mut (dyn FnMut(&World) + Send),
    ) -> World {
        let mut world = self.empty();
        let nothing = World::default();
        let older = older.unwrap_or(&nothing);
        let mut checks = HashMap::new();
        while let Some(page) = pages.recv().await {
            put(&mut world, older, &mut checks, page);
            world = self.with_account(world);
            on_page(&world);
        }
        world
    }

    fn empty(&self) -> World {
        World::new(self.region(), self.account().unwrap_or_default())
    }

    /// The account: what STS said, else the owner of most interfaces.
    fn with_account(&self, mut world: World) -> World {
        if let Some(account) = self.account() {
            world.account = account;
        } else if world.account.is_empty() {
            let mut owners: BTreeMap<&Str, usize> = BTreeMap::new();
            for eni in world.enis().filter(|e| !e.owner_id.is_empty()) {
                *owners.entry(&eni.owner_id).or_default() += 1;
            }
            let most = owners.into_iter().max_by_key(|(_, n)| *n);
            if let Some(owner) = most.map(|(owner, _)| owner.clone()) {
                world.account = owner;
            }
        }
        world
    }

    /// AWS names the instance behind an Elastic IP, if late; other endpoints may never name it.
    /// There, the interface's own attachment says it.
    fn with_holders(&self, mut world: World) -> World {
        if self.is_aws() {
            return world;
        }
        let silent: Vec<_> = world
            .addresses()
            .filter(|address| address.instance_id.is_none())
            .filter_map(|address| {
                let eni = world.eni(address.network_interface_id.as_ref()?)?;
                Some((address.id.clone(), eni.instance_id()?.clone()))
            })
            .collect();
        for (id, instance) in silent {
            world.edit_address(&id, |address| address.instance_id = Some(instance));
        }
        world
    }

    /// What a running operation needs, once.
    pub(in crate::cloud) async fn look(
        &self,
        scope: &Scope,
        gaze: Gaze,
    ) -> Result<Arc<World>, LookError> {
        let mut world = self.empty();
        let older = World::default();
        let mut checks = HashMap::new();
        let pages = match gaze {
            Gaze::Eni => vec![self.look_eni(scope).await?],
            Gaze::Full => self.look_full(scope).await?,
        };
        for page in pages {
            put(&mut world, &older, &mut checks, page);
        }
        let world = self.with_holders(self.with_account(world));
        Ok(Arc::new(self.with_types(world)))
    }

    async fn look_full(&self, scope: &Scope) -> Result<Vec<Page>, LookError> {
        let (eni, berths, neighbours, instances, checks, tables, addresses, subnets) = tokio::try_join!(
            self.look_eni(scope),
            self.look_berths(scope),
            self.look_neighbours(scope),
            self.look_instances(scope),
            self.look_checks(scope),
            self.look_route_tables(),
            self.look_addresses(),
            self.look_subnets(scope),
        )?;
        // The interface itself last: asked for by its id it is the newest word about it.
        Ok(vec![
            neighbours, berths, eni, instances, checks, tables, addresses, subnets,
        ])
    }

    async fn look_eni(&self, scope: &Scope) -> Result<Page, LookError> {
        let request = self
            .once
            .describe_network_interfaces()
            .network_interface_ids(scope.eni.as_str());
        match request.send().await {
            Ok(page) => Ok(Page::Enis(
                page.network_interfaces()
                    .iter()
                    .filter_map(convert::eni)
                    .collect(),
            )),
            Err(error) => {
                let trouble = Trouble::of(&error);
                if trouble.is_code("InvalidNetworkInterfaceID.NotFound") {
                    return Ok(Page::Enis(Vec::new()));
                }
                Err(trouble.look_error("DescribeNetworkInterfaces", &self.place))
            }
        }
    }

    async fn look_neighbours(&self, scope: &Scope) -> Result<Page, LookError> {
        let mut rows = Vec::new();
        let mut pages = self
            .once
            .describe_network_interfaces()
            .include_managed_resources(true)
            .filters(both(scope, "attachment.instance-id"))
            .max_results(PAGE)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| {
                Trouble::of(&error).look_error("DescribeNetworkInterfaces", &self.place)
            })?;
            // The interface itself comes from the look by its id.
            rows.extend(
                page.network_interfaces()
                    .iter()
                    .filter_map(convert::eni)
                    .filter(|eni| eni.id != scope.eni),
            );
        }
        Ok(Page::Enis(rows))
    }

    /// What is carried may lie on an interface that neither instance holds.
    async fn look_berths(&self, scope: &Scope) -> Result<Page, LookError> {
        let wanted = berths(scope).into_iter().filter(|id| *id != scope.eni);
        let wanted: Vec<_> = wanted.map(|id| id.to_string()).collect();
        if wanted.is_empty() {
            return Ok(Page::Enis(Vec::new()));
        }
        // By filter: one unknown id would fail a describe by ids for all.
        let filter = Filter::builder().name("network-interface-id");
        let request = self
            .once
            .describe_network_interfaces()
            .include_managed_resources(true)
            .filters(filter.set_values(Some(wanted)).build());
        let answer = request.send().await;
        let page = answer.map_err(|error| {
            Trouble::of(&error).look_error("DescribeNetworkInterfaces", &self.place)
        })?;
        let rows = page.network_interfaces().iter();
        Ok(Page::Enis(rows.filter_map(convert::eni).collect()))
    }

    async fn look_instances(&self, scope: &Scope) -> Result<Page, LookError> {
        // By filter: one unknown id would fail a describe by ids for both.
        let request = self.once.describe_instances();
        let request = request.include_managed_resources(true);
        let answer = request.filters(both(scope, "instance-id")).send().await;
        let page = answer
            .map_err(|error| Trouble::of(&error).look_error("DescribeInstances", &self.place))?;
        Ok(Page::Instances(instances(page.reservations())))
    }

    async fn look_checks(&self, scope: &Scope) -> Result<Page, LookError> {
        let mut request = self.once.describe_instance_status();
        for id in scope.source.iter().chain([&scope.target]) {
            request = request.instance_ids(id.as_str());
        }
        match request.send().await {
            Ok(page) => Ok(Page::Checks(
                page.instance_statuses()
                    .iter()
                    .filter_map(convert::checks)
                    .collect(),
            )),
            Err(error) => {
                let trouble = Trouble::of(&error);
                // That an instance is gone is what the other describes say.
                if trouble.is_code("InvalidInstanceID.NotFound") {
                    return Ok(Page::Checks(Vec::new()));
                }
                self.unseen(&trouble, Kind::StatusChecks)
            }
        }
    }

    async fn look_route_tables(&self) -> Result<Page, LookError> {
        let mut rows = Vec::new();
        let request = self.once.describe_route_tables();
        let mut pages = request
            .max_results(PAGE_OF_ROUTE_TABLES)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = match page {
                Ok(page) => page,
                Err(error) => return self.unseen(&Trouble::of(&error), Kind::RouteTables),
            };
            rows.extend(page.route_tables().iter().filter_map(convert::route_table));
        }
        Ok(Page::RouteTables(rows))
    }

    /// What may not be looked at is a gap in the look; anything else is tried again.
    fn unseen(&self, trouble: &Trouble, kind: Kind) -> Result<Page, LookError> {
        match trouble.denial() {
            Some(code) => Ok(Page::Unseen(Gap {
                kind,
                code: code.into(),
            })),
            None => Err(trouble.look_error(kind.action(), &self.place)),
        }
    }

    async fn look_addresses(&self) -> Result<Page, LookError> {
        let page = match self.once.describe_addresses().send().await {
            Ok(page) => page,
            Err(error) => return self.unseen(&Trouble::of(&error), Kind::Addresses),
        };
        let rows = page.addresses().iter().filter_map(convert::address);
        Ok(Page::Addresses(rows.collect()))
    }

    /// Where private addresses are carried over: they belong to the block of a subnet.
    async fn look_subnets(&self, scope: &Scope) -> Result<Page, LookError> {
        let mut rows = Vec::new();
        if !needs_subnets(scope) {
            return Ok(Page::Subnets(rows));
        }
        let request = self.once.describe_subnets();
        let mut pages = request.max_results(PAGE).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page
                .map_err(|error| Trouble::of(&error).look_error("DescribeSubnets", &self.place))?;
            rows.extend(page.subnets().iter().filter_map(convert::subnet));
        }
        Ok(Page::Subnets(rows))
    }
}

fn both(scope: &Scope, name: &str) -> Filter {
    let mut filter = Filter::builder().name(name);
    for id in scope.source.iter().chain([&scope.target]) {
        filter = filter.values(id.as_str());
    }
    filter.build()
}

fn instances(reservations: &[aws_sdk_ec2::types::Reservation]) -> Vec<Instance> {
    reservations
        .iter()
        .flat_map(|r| r.instances().iter().map(|i| (i, r.owner_id())))
        .filter_map(|(instance, owner)| convert::instance(instance, owner))
        .collect()
}

/// Puts a page into the world. Status checks and instances come in any order and meet here.
fn put(
    world: &mut World,
    older: &World,
    checks: &mut HashMap<InstanceId, (CheckStatus, CheckStatus)>,
    page: Page,
) {
    match page {
        Page::Vpcs(rows) => rows.into_iter().for_each(|r| world.put_vpc(r)),
        Page::Subnets(rows) => rows.into_iter().for_each(|r| world.put_subnet(r)),
        Page::Instances(rows) => {
            for mut row in rows {
                if let Some((system, instance)) = checks.get(&row.id) {
                    row.system_status = system.clone();
                    row.instance_status = instance.clone();
                }
                world.put_instance_as(row, older);
            }
        }
        Page::Checks(rows) => {
            for (id, system, instance) in rows {
                if let Some(known) = world.instance(&id) {
                    let mut row = Instance::clone(known);
                    row.system_status = system.clone();
                    row.instance_status = instance.clone();
                    world.put_instance_as(row, older);
                }
                checks.insert(id, (system, instance));
            }
        }
        Page::Enis(rows) => rows.into_iter().for_each(|r| world.put_eni_as(r, older)),
        Page::Addresses(rows) => rows.into_iter().for_each(|r| world.put_address(r)),
        Page::RouteTables(rows) => rows.into_iter().for_each(|r| world.put_route_table(r)),
        Page::Groups(rows) => rows.into_iter().for_each(|r| world.put_group(r)),
        Page::Unseen(gap) => world.put_gap(gap),
    }
}
