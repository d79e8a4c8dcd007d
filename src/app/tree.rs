//! The tree as a flat list of rows: VPC > subnet > instance > interface > address.
//!
//! Invariants: rows are rebuilt only when the world's revision, the open set or the filter changes;
//! a row is identified by its node, never by its position; moving the cursor costs the same at 100
//! and at 100,000 interfaces.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use crate::ec2::id::{EniId, InstanceId, SubnetId, VpcId};

/// What a row stands for. `Ord` is the identity for the open set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// A VPC.
    Vpc(VpcId),
    /// A subnet.
    Subnet(SubnetId),
    /// An instance, under the subnet of its primary interface.
    Instance(InstanceId),
    /// Interfaces of a subnet that are attached to nothing.
    Unattached(SubnetId),
    /// Interfaces of a subnet that AWS services own.
    Managed(SubnetId),
    /// A network interface, under its instance, or under one of the two groups above.
    Eni(EniId),
    /// A private address of an interface.
    Address(EniId, Ipv4Addr),
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it stands for.
    pub node: Node,
    /// Levels below the root: 0 for a VPC.
    pub depth: u8,
    /// It can be opened.
    pub has_children: bool,
    /// It is open.
    pub open: bool,
    /// Index of its parent's row, if it has one.
    pub parent: Option<usize>,
}

/// Rows, cursor and what is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// Every visible row, in order.
    pub rows: Vec<Row>,
    /// What is open.
    pub open: BTreeSet<Node>,
    /// Where the cursor stands.
    pub selected: Option<Node>,
    /// Row index of `selected` in `rows`, kept in step with it.
    pub cursor: usize,
    /// First row in view (below the sticky ancestors).
    pub top: usize,
    /// Rows that the painter can show, told by the last resize.
    pub height: usize,
}
