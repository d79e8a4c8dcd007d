//! One operation as the harness knows it: its plan, its file, what was really submitted, and what
//! the engine has been shown.

use std::sync::Arc;

use enipilot::ec2::call::Call;
use enipilot::ec2::eni::{AttachmentStatus, Eni};
use enipilot::ec2::id::{AllocationId, AttachmentId, EniId};
use enipilot::ec2::time::Time;
use enipilot::ec2::world::World;
use enipilot::failover::engine::Gaze;
use enipilot::failover::journal::{Entry, Record};
use enipilot::failover::plan::Plan;
use enipilot::failover::resume::Operation;
use enipilot::failover::status::Ending;

use super::disk::File;
use super::view::{self, Side, View};

/// How a call ended, as the harness knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// On its way.
    Flying,
    /// It has taken effect.
    Applied,
    /// EC2 refused it, or it was lost.
    Void,
}

/// A call that was submitted.
#[derive(Clone, Debug)]
pub struct Sent {
    pub ticket: u64,
    pub call: Call,
    pub fate: Fate,
    /// The attachment that it made.
    pub made: Option<AttachmentId>,
    /// Its outcome was told to the engine.
    pub answered: bool,
    /// The process that submitted it.
    pub epoch: u32,
}

/// What a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    AttachIntent,
    OtherIntent,
    Verdict,
    Else,
}

#[derive(Clone, Debug)]
pub struct Op {
    pub id: String,
    pub plan: Arc<Plan>,
    /// The interface as it was when the plan was made.
    pub before: Arc<Eni>,
    /// The Elastic IPs that go with what is carried, as they were then.
    pub elastic: Vec<Option<AllocationId>>,
    /// Where looks of this process have shown each thing that is carried, once its call was made.
    pub reached: Vec<Option<Side>>,
    /// What each record is, durable or not.
    pub meant: Vec<(u64, Kind)>,
    /// Calls of others before it was planned.
    pub others: usize,
    pub file: File,
    /// Attachments that are ours: the plan's, and those that our attaches made.
    pub ours: Vec<AttachmentId>,
    pub sent: Vec<Sent>,
    /// What people chose; each choice may begin a new round of tries.
    pub choices: usize,
    /// The engine was told that the journal fails.
    pub journal_failed: bool,
    pub ending: Option<Ending>,
    /// What the engine of the present process was shown.
    pub shown: Shown,
    /// The same when it decided last.
    judged: Option<Shown>,
    /// How the process before it ended.
    pub earlier: Option<Ending>,
    /// Going on was refused by a fresh preflight: a person knows what stands in the way.
    pub refused: bool,
    /// Durable records that the present process has found.
    pub found: usize,
    /// Processes that have taken it over.
    pub takeovers: usize,
}

/// What the engine was shown since the newest outcome.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// When that outcome was told, by the engine's clock.
    pub outcome: Option<Time>,
    /// Looks since then.
    pub looks: usize,
    /// Looks that show somebody else's change.
    pub foreign: usize,
    /// Looks that show no interface.
    pub gone: usize,
    /// Full looks that show another identity, none of them contradicted since.
    pub changed: usize,
    /// A full look has shown it attached here, unchanged.
    pub arrived: Option<Side>,
    /// The newest full look.
    pub full: Option<Arc<World>>,
}

impl Op {
    /// An operation on this world; nothing if its interface is not there.
    pub fn new(id: &str, plan: Arc<Plan>, world: &World, others: usize) -> Option<Self> {
        let before = Arc::clone(world.eni(&plan.intent.eni)?);
        Some(Self {
            elastic: view::elastic(plan.goods(), world),
            reached: Vec::new(),
            meant: Vec::new(),
            others,
            id: id.to_owned(),
            file: File::new(id),
            ours: plan.attachment_id.iter().cloned().collect(),
            plan,
            before,
            sent: Vec::new(),
            choices: 0,
            journal_failed: false,
            ending: None,
            shown: Shown::default(),
            judged: None,
            earlier: None,
            refused: false,
            found: 0,
            takeovers: 0,
        })
    }

    /// The operation as its journal tells it; `None` if nothing was made durable.
    pub fn operation(&self) -> Option<Operation> {
        Operation::read(self.file.journal()).ok()
    }

    /// The process is gone: what it was told and had not made durable is forgotten.
    pub fn forget(&mut self) {
        self.shown = Shown::default();
        self.reached.clear();
        self.journal_failed = false;
        for sent in &mut self.sent {
            sent.answered = false;
        }
    }

    /// A new process goes on with it.
    pub fn taken_over(&mut self) {
        self.forget();
        self.takeovers += 1;
        self.found = self.file.records().len();
        self.choices += 1;
        self.refused = false;
        // A choice that was not made durable was never made.
        if let Some(operation) = self.operation() {
            self.plan = operation.plan;
        }
        self.earlier = self.ending.take();
        // What went out while the journal failed is somebody else's for all that it can know.
        let made = self.sent.iter().filter(|s| self.recorded(s));
        let made: Vec<_> = made.filter_map(|s| s.made.clone()).collect();
        self.ours = self
            .plan
            .attachment_id
            .iter()
            .cloned()
            .chain(made)
            .collect();
    }

    /// The interface that the plan names.
    pub fn eni(&self) -> &EniId {
        &self.plan.intent.eni
    }

    /// Submissions of this very call.
    pub fn submissions(&self, call: &Call) -> usize {
        self.sent.iter().filter(|s| s.call == *call).count()
    }

    /// What a record is about.
    pub fn kind(&self, seq: u64) -> Kind {
        let known = self.meant.iter().rev().find(|(n, _)| *n == seq);
        known.map_or(Kind::Else, |(_, kind)| *kind)
    }

    /// The engine goes on to another target: that is what is meant from here on.
    pub fn chose(&mut self, record: &Record) {
        match &record.entry {
            Entry::Alternative { other, .. } => self.plan = Arc::new(self.plan.or_to(other)),
            Entry::Consent { to, typed, .. } if to == "candidate" => {
                if let Some(plan) = self.plan.retargeted(typed) {
                    self.plan = Arc::new(plan);
                }
            }
            _ => {}
        }
    }

    /// Detaches that were submitted.
    pub fn detaches(&self) -> usize {
        let sent = self.sent.iter();
        sent.filter(|s| matches!(s.call, Call::DetachNetworkInterface(_)))
            .count()
    }

    /// Attaches that were submitted.
    pub fn attaches(&self) -> usize {
        let sent = self.sent.iter();
        sent.filter(|s| matches!(s.call, Call::AttachNetworkInterface(_)))
            .count()
    }

    /// A call went out while the journal failed: a later process cannot know that it was ours.
    pub fn unrecorded(&self) -> bool {
        self.sent.iter().any(|s| !self.recorded(s))
    }

    fn recorded(&self, sent: &Sent) -> bool {
        self.file.records().iter().any(|r| {
            r.seq == sent.ticket
                && matches!(&r.entry, Entry::Intent { call, .. } if *call == sent.call)
        })
    }

    /// Something that moves it has taken effect, or may yet.
    pub fn may_move(&self) -> bool {
        self.sent.iter().any(|s| {
            s.fate != Fate::Void && !matches!(s.call, Call::ModifyNetworkInterfaceAttribute(_))
        })
    }

    /// A durable intent says that a detach may have been submitted, or it was.
    pub fn may_have_detached(&self) -> bool {
        let mut durable = self.file.records().iter();
        let detach = |call: &Call| matches!(call, Call::DetachNetworkInterface(_));
        self.detaches() > 0
            || durable.any(|r| matches!(&r.entry, Entry::Intent { call, .. } if detach(call)))
    }

    /// What was shown when the engine made up its mind: a call or a verdict waits for the disk, and what
    /// is seen meanwhile comes too late for it.
    pub fn judged(&self) -> &Shown {
        self.judged.as_ref().unwrap_or(&self.shown)
    }

    /// A call was answered: what is shown from now on counts.
    pub fn undecided(&mut self) {
        self.judged = None;
    }

    /// A record is on its way to the disk.
    pub fn decided(&mut self, entry: &Entry) {
        if matches!(entry, Entry::Intent { .. } | Entry::Verdict { .. }) {
            self.judged = Some(self.shown.clone());
        }
    }

    /// The engine is about to be shown this.
    pub fn show(&mut self, asked: Time, gaze: Gaze, world: &Arc<World>) {
        if self.shown.outcome.is_some_and(|at| asked <= at) {
            return;
        }
        let View {
            foreign,
            gone,
            changed,
            arrived,
        } = self.view(gaze, world);
        if gaze == Gaze::Full && !self.plan.handovers.is_empty() {
            self.note_places(world);
        }
        let shown = &mut self.shown;
        shown.looks += 1;
        shown.foreign += usize::from(foreign);
        shown.gone += usize::from(gone);
        if gaze == Gaze::Full {
            shown.changed = match (&arrived, changed) {
                (Some(_), _) => 0,
                (None, changed) => shown.changed + usize::from(changed),
            };
            if arrived.is_some() {
                shown.arrived = arrived;
            }
            shown.full = Some(Arc::clone(world));
        }
    }

    /// A look that shows this shows a change that is not ours.
    pub fn is_foreign(&self, eni: &Eni) -> bool {
        let planned = self.plan.attachment_id.as_ref();
        match &eni.attachment {
            None => planned.is_some() && self.detaches() == 0,
            Some(a) if a.status == AttachmentStatus::Detaching => {
                planned != Some(&a.attachment_id) || self.detaches() == 0
            }
            Some(a) => !self.ours.contains(&a.attachment_id),
        }
    }
}

/// All that clients depend on is as it was: addresses, Elastic IPs, MAC, groups, source/destination
/// check, IPv6, tags. What was added meanwhile is no loss.
pub fn same_identity(before: &Eni, after: &Eni) -> bool {
    let addresses = before.private_ip_addresses.iter().all(|was| {
        after.private_ip_addresses.iter().any(|is| {
            let elastic = |ip: &enipilot::ec2::eni::PrivateIp| {
                let of = ip.association.as_ref();
                of.and_then(|a| a.allocation_id.clone().map(|id| (a.public_ip, id)))
            };
            was.private_ip_address == is.private_ip_address
                && was.primary == is.primary
                && (elastic(was).is_none() || elastic(was) == elastic(is))
        })
    });
    let groups = |eni: &Eni| {
        let mut ids: Vec<_> = eni.groups.iter().map(|g| g.group_id.clone()).collect();
        ids.sort();
        ids
    };
    addresses
        && before.mac_address == after.mac_address
        && groups(before) == groups(after)
        && before.source_dest_check == after.source_dest_check
        && before.ipv6_addresses.iter().all(|was| {
            let mut now = after.ipv6_addresses.iter();
            now.any(|is| is.ipv6_address == was.ipv6_address)
        })
        && before.tag_set.iter().all(|t| after.tag_set.contains(t))
}
