//! What stands for the AWS SDK in a build without the feature `aws`: a connection that cannot exist.

use std::sync::Arc;

use super::failure::Failure;
use super::port::{Caller, Options};
use crate::ec2::call::Call;
use crate::ec2::id::Str;
use crate::ec2::world::World;
use crate::failover::engine::{Gaze, LookError, Outcome};
use crate::failover::facts::Scope;
use crate::failover::permission::Reply;
use crate::failover::surroundings::Expiry;

/// No connection.
#[derive(Clone, Debug)]
pub(super) enum Connection {}

impl Connection {
    pub(super) async fn open(_options: &Options) -> Result<Self, Failure> {
        Err(Failure::new(
            "This build has no AWS support",
            "Build with `cargo build --release` (feature `aws` is on by default), or use --world",
        ))
    }

    pub(super) fn account(&self) -> Option<Str> {
        match *self {}
    }

    pub(super) fn region(&self) -> Str {
        match *self {}
    }

    pub(super) fn endpoint(&self) -> Option<Str> {
        match *self {}
    }

    pub(super) fn place(&self) -> String {
        match *self {}
    }

    pub(super) async fn world(
        &self,
        _older: Option<&World>,
        _on_page: &mut (dyn FnMut(&World) + Send),
    ) -> Result<World, Failure> {
        match *self {}
    }

    pub(super) async fn look(&self, _scope: &Scope, _gaze: Gaze) -> Result<Arc<World>, LookError> {
        match *self {}
    }

    pub(super) async fn caller(&self) -> Result<Caller, Failure> {
        match *self {}
    }

    pub(super) async fn credentials(&self) -> Option<Expiry> {
        match *self {}
    }

    pub(super) fn is_aws(&self) -> bool {
        match *self {}
    }

    pub(super) async fn permits(&self, _call: &Call) -> Reply {
        match *self {}
    }

    pub(super) async fn submit(&self, _call: &Call) -> Outcome {
        match *self {}
    }
}
