//! Another device index of the same instance, where EC2 will not have the interface at the one meant.
//!
//! Invariants: only where the index alone is in the way, by the rules or by EC2's word; only an index
//! that the newest full look shows free and that was not tried; only after a person has chosen it,
//! and with a record of that before the attach.

use std::sync::Arc;

use super::decide::{Goal, attach_call};
use super::question::Asked;
use super::{Engine, Output};
use crate::ec2::call::{Attach, Call};
use crate::ec2::time::Time;
use crate::failover::facts::{ATTACHMENT, slot_words};
use crate::failover::journal::Entry;
use crate::failover::plan::steps::attach_here;
use crate::rules::attach::blockers;

/// EC2's code for an index that is taken (EC2 API, AttachNetworkInterface).
const INDEX_TAKEN: &str = "InvalidParameterValue";
/// More indexes than any instance type has interfaces on a card.
const INDEXES: std::ops::Range<u32> = 1..32;

impl Engine {
    /// The attach that would be made instead of the one in vain; `None` if another index is no help.
    fn other_attach(&self) -> Option<Attach> {
        let world = self.full.as_ref()?;
        let meant = self.known.attach_call(&self.plan, self.known.goal)?;
        world.instance(&meant.instance_id)?;
        let refused = self.known.attach.refused.as_ref();
        let in_the_way = match refused {
            Some(error) => &*error.code == INDEX_TAKEN,
            None => !blockers(world, &meant).is_empty(),
        };
        let tried = |other: &Attach| {
            let mut calls = self.status.calls.iter();
            calls.any(|made| matches!(&made.call, Call::AttachNetworkInterface(c) if c == other))
        };
        let others = INDEXES.map(|index| Attach {
            device_index: index,
            ..meant.clone()
        });
        let mut others = others.filter(|other| *other != meant && !tried(other));
        others.find(|other| in_the_way && blockers(world, other).is_empty())
    }

    /// The index that the question offers.
    pub(super) fn other_index(&self) -> Option<u32> {
        self.other_attach().map(|call| call.device_index)
    }

    /// The question was answered with another index.
    pub(super) fn wants_index(&mut self, now: Time, index: u32, out: &mut Vec<Output>) {
        if !matches!(self.asked, Some((Asked::Stranded, _))) {
            return;
        }
        let other = self.other_attach().filter(|c| c.device_index == index);
        let Some(other) = other.filter(|_| self.journal_broken.is_none()) else {
            let text = format!("not attached at index {index}: it is not what was offered");
            self.note(now, &text, out);
            return;
        };
        self.withdraw();
        let consent = Entry::Consent {
            to: "index".to_owned(),
            typed: index.to_string(),
            how: "chosen".to_owned(),
        };
        self.journal(now, consent, out);
        let slot = (other.network_card_index, other.device_index);
        self.foresee(slot);
        self.known.elsewhere = Some(slot);
        self.known.forgive();
        self.allowed = usize::MAX;
        self.on(now, out);
    }

    /// To the other end, at the place that is meant there: what was chosen here is not.
    pub(super) fn turn_round(&mut self, now: Time, goal: Goal) {
        self.turn(now, goal);
        if let Some(call) = attach_call(&self.plan, goal) {
            self.foresee((call.network_card_index, call.device_index));
        }
    }

    /// What is still to come is told, and predicted, for this place at the goal. The plan that was agreed
    /// to stays as it is; the picture shows what was agreed to since.
    pub(super) fn foresee(&mut self, slot: (u32, u32)) {
        let back = self.known.goal == Goal::Source;
        let planned = self.plan.steps.len();
        let way = match back {
            true => &self.status.back,
            false => &self.status.plan.steps,
        };
        let told = way.iter().find_map(|step| match &step.call {
            Some(Call::AttachNetworkInterface(c)) => Some((c.network_card_index, c.device_index)),
            _ => None,
        });
        let Some(told) = told.filter(|told| *told != slot) else {
            return;
        };
        self.rows_show = None;
        match (back, &self.plan.source) {
            (false, _) => self.status.plan = Arc::new(self.status.plan.at_slot(slot)),
            (true, Some(source)) => {
                for step in &mut self.status.back {
                    attach_here(step, &self.plan.names.source, source, slot);
                }
            }
            (true, None) => {}
        }
        let old = format!(" {}", slot_words(told));
        let first = match back {
            true => planned,
            false => self.status.current,
        };
        let steps = self.status.steps.iter_mut().skip(first);
        let rows = steps.flat_map(|step| step.rows.iter_mut());
        for row in rows.filter(|row| *row.label == *ATTACHMENT) {
            if let Some(holder) = row.forecast.strip_suffix(&old) {
                row.forecast = format!("{holder} {}", slot_words(slot)).into();
            }
        }
    }
}
