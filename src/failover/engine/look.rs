//! Looking, and acting on what is seen.
//!
//! Invariants: an observation asked for before the newest outcome decides nothing; a foreign change
//! or a lost interface is believed only when two looks agree, because describes lag.

use std::sync::Arc;

use super::decide::{Action, Awaited, decide};
use super::mutant::Mutant;
use super::question::Asked;
use super::verdict::Verifying;
use super::{Engine, Gaze, Observation, Output, Phase, wait};
use crate::ec2::call::{Call, Detach};
use crate::ec2::eni::Eni;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::facts::{self, Judge};
use crate::failover::journal::Entry;
use crate::failover::plan::StepKind;
use crate::failover::status::{Ending, StepState};

/// How sure a look is that hands must be off.
enum Sure {
    Yes,
    NotYet,
    /// What is seen may be old, or a late call of ours, until then.
    NotBefore(Time),
}

/// What the rows of the steps show, nothing judged.
#[derive(Clone, Debug)]
pub(super) struct RowsShow {
    /// The world of the newest look at everything.
    full: Option<Arc<World>>,
    /// The interface; nothing if it does not exist.
    eni: Option<Arc<Eni>>,
    /// The step that was under way.
    step: (usize, Option<StepState>),
}

impl RowsShow {
    /// A look shows the same. One at the interface alone tells of nothing else.
    fn holds(&self, world: &Arc<World>, gaze: Gaze, eni: Option<&Arc<Eni>>) -> bool {
        let whole = || matches!(&self.full, Some(full) if Arc::ptr_eq(full, world));
        (gaze == Gaze::Eni || whole()) && self.eni.as_ref() == eni
    }
}

impl Engine {
    /// Looks, as soon as a look can be newer than the last outcome.
    pub(super) fn look(&mut self, now: Time, gaze: Gaze, out: &mut Vec<Output>) {
        let gaze = self.enough(gaze);
        match self.last_outcome {
            Some(at) if now <= at => {
                let until = at + wait::MOMENT;
                self.phase = Phase::Sleeping { gaze, until };
            }
            _ => self.look_now(now, gaze, out),
        }
    }

    /// The interface alone tells nothing of what is carried over: a route or an Elastic IP that was not
    /// asked for would look as if it did not exist.
    pub(super) fn enough(&self, gaze: Gaze) -> Gaze {
        match self.plan.handovers.is_empty() {
            true => gaze,
            false => Gaze::Full,
        }
    }

    pub(super) fn look_now(&mut self, now: Time, gaze: Gaze, out: &mut Vec<Output>) {
        let gaze = self.enough(gaze);
        self.phase = Phase::Looking { gaze, since: now };
        out.push(Output::Look(gaze));
    }

    /// Looks again when the rhythm says so.
    pub(super) fn sleep(&mut self, now: Time, gaze: Gaze) {
        let pause = self.rhythm.next(now.since(self.waiting_since));
        self.sleep_until(now + pause, gaze);
    }

    /// Looks again when lateness is over; now and then before, to see what it brings. Nothing can be
    /// decided meanwhile, and a look at everything is half a dozen requests.
    pub(super) fn sleep_late(&mut self, now: Time, until: Time, gaze: Gaze) {
        self.sleep_until(until.min(now + wait::LATENESS), gaze);
    }

    pub(super) fn sleep_until(&mut self, until: Time, gaze: Gaze) {
        let gaze = self.enough(gaze);
        self.phase = Phase::Sleeping { gaze, until };
    }

    /// What to look at next while EC2 takes its time: mostly the interface alone, now and then
    /// everything, so that a person sees routes and Elastic IPs follow and a put-back knows its ends.
    fn gaze_of_wait(&self, now: Time) -> Gaze {
        let pause = wait::full_every(now.since(self.waiting_since));
        match self.full_at {
            Some(at) if now.since(at) < pause => Gaze::Eni,
            _ => Gaze::Full,
        }
    }

    /// A look ended.
    pub(super) fn observed(&mut self, now: Time, seen: Observation, out: &mut Vec<Output>) {
        let stale = self.last_outcome.is_some_and(|at| seen.asked_at <= at)
            && !self.known.broken.is(Mutant::TrustOldLook);
        if stale {
            if let Phase::Looking { gaze, .. } = self.phase {
                self.sleep(now, gaze);
            }
            return;
        }
        match seen.seen {
            Ok(world) => {
                self.rhythm.throttled(false);
                self.remember_look(now, &world, seen.gaze, seen.asked_at, out);
                let wanted = match self.phase {
                    Phase::Looking { gaze, .. } | Phase::Sleeping { gaze, .. } => gaze,
                    Phase::Resting { .. } => {
                        self.watch(now, &world, out);
                        return;
                    }
                    _ => return,
                };
                if wanted == Gaze::Eni || seen.gaze == Gaze::Full {
                    self.consider(now, &world, seen.gaze, out);
                }
            }
            Err(error) => {
                self.rhythm.throttled(error.throttled);
                let (Phase::Looking { gaze, .. } | Phase::Sleeping { gaze, .. }) = self.phase
                else {
                    return;
                };
                self.note(now, &format!("could not look: {}", error.what), out);
                self.wait_blind(now, gaze, "EC2 could not be asked", out);
            }
        }
    }

    fn remember_look(
        &mut self,
        now: Time,
        world: &Arc<World>,
        gaze: Gaze,
        asked: Time,
        out: &mut Vec<Output>,
    ) {
        if gaze == Gaze::Full {
            self.full = Some(Arc::clone(world));
            self.full_at = Some(asked);
        }
        if !self.plan.handovers.is_empty() {
            self.remember_goods(world, asked);
        }
        self.newest = Some(Arc::clone(world));
        if !self.show_newest(gaze) {
            return;
        }
        let eni = world.eni(&self.plan.intent.eni);
        let (text, hash) = if self.plan.handovers.is_empty() {
            eni.map_or_else(|| ("gone".to_owned(), 0), |eni| self.words(eni))
        } else {
            let place = self.place();
            let hash = crc32fast::hash(place.as_bytes());
            (place, hash)
        };
        let journaled = format!("{text} {hash:08x}");
        if self.journaled != journaled && !matches!(self.phase, Phase::Idle) {
            self.journaled = journaled;
            let hash = format!("{hash:08x}");
            let eni = text;
            self.status.seen.push((asked, eni.clone()));
            self.journal(now, Entry::Observed { asked, eni, hash }, out);
        }
    }

    /// Lets the rows of the step under way show what was seen last, and judges nothing. False if they
    /// show it already.
    pub(super) fn show_newest(&mut self, gaze: Gaze) -> bool {
        let Some(world) = self.newest.clone() else {
            return false;
        };
        let current = self.status.current;
        let step = (current, self.status.steps.get(current).map(|s| s.state));
        let eni = world.eni(&self.plan.intent.eni);
        let shown = self.rows_show.take();
        let same = shown
            .as_ref()
            .is_some_and(|shown| shown.step == step && shown.holds(&world, gaze, eni));
        if same {
            self.rows_show = shown;
            return false;
        }
        self.show(&world, Judge::Nothing);
        if !matches!(self.phase, Phase::Idle) {
            let full = match gaze {
                Gaze::Full => Some(Arc::clone(&world)),
                Gaze::Eni => shown.and_then(|shown| shown.full),
            };
            let eni = eni.cloned();
            self.rows_show = Some(RowsShow { full, eni, step });
        }
        true
    }

    /// Where the interface was last seen, or what is carried over, in words; empty before the first
    /// look.
    pub(super) fn place(&self) -> String {
        let newest = self.newest.as_ref();
        newest.map_or_else(String::new, |world| facts::place(world, &self.scope))
    }

    /// The interface in words and its checksum.
    fn words(&mut self, eni: &Arc<Eni>) -> (String, u32) {
        if let Some((known, text, hash)) = &self.worded
            && (Arc::ptr_eq(known, eni) || known == eni)
        {
            return (text.clone(), *hash);
        }
        let (text, hash) = compact(eni);
        self.worded = Some((Arc::clone(eni), text.clone(), hash));
        (text, hash)
    }

    /// Nothing was seen, or nothing that is understood: bounded, and nothing is decided by it.
    pub(super) fn wait_blind(&mut self, now: Time, gaze: Gaze, why: &str, out: &mut Vec<Output>) {
        let span = now.since(*self.blind.get_or_insert(now));
        let moved = self.has_moved();
        let limit = if moved {
            wait::DETACH_MAX
        } else {
            wait::BLIND_MAX
        };
        if span < limit {
            self.sleep(now, gaze);
        } else if moved {
            let why = format!("{why} for {} s", span.as_secs());
            self.close(now, self.needs_person(&why), out);
        } else {
            let why = format!("{why} for {} s; nothing has moved", span.as_secs());
            self.close(now, Ending::Refused(why), out);
        }
    }

    /// While a person rests between two steps nothing is done, but what somebody else does is told
    /// at once and not at the next key.
    fn watch(&mut self, now: Time, world: &World, out: &mut Vec<Output>) {
        if self.has_moved() {
            let action = decide(&self.plan, &self.known, world, Gaze::Eni);
            self.hands_off(now, &action, world, out);
        }
    }

    /// Ends the operation if the interface is gone, somebody else's or perhaps so: on the second look
    /// that says so, because one look may be stale. `None` if it is none of these.
    fn hands_off(
        &mut self,
        now: Time,
        action: &Action,
        world: &World,
        out: &mut Vec<Output>,
    ) -> Option<Sure> {
        let ending = match action {
            Action::Foreign(what) => Ending::ForeignChange(self.foreign(what)),
            Action::Lost(what) => self.lost(what),
            Action::Disputed(what) => self.needs_person(what),
            _ => {
                self.doubt = None;
                return None;
            }
        };
        // What does not exist any more cannot be moved by anything that is late.
        let gone = matches!(action, Action::Lost(_)) && self.plan.handovers.is_empty();
        if let Some(until) = self.may_be_old(now).filter(|_| !gone) {
            self.note_late(now, until, out);
            return Some(Sure::NotBefore(until));
        }
        let doubt = format!("{action:?}");
        let hasty = self.known.broken.is(Mutant::TrustOneLook);
        if self.doubt.replace(doubt.clone()) == Some(doubt) || hasty {
            self.show(world, Judge::Everything);
            self.close(now, ending, out);
            Some(Sure::Yes)
        } else {
            Some(Sure::NotYet)
        }
    }

    /// Decides, and does it.
    fn consider(&mut self, now: Time, world: &World, gaze: Gaze, out: &mut Vec<Output>) {
        let action = decide(&self.plan, &self.known, world, gaze);
        if !matches!(action, Action::Verify(_)) {
            // It was there, and is not any more: what was compared then proves no arrival.
            self.verifying = Verifying::default();
        }
        // Taken up again it may be anywhere, and protecting has a meaning at the source only.
        let protects = self.known.taken.is_none() || action == Action::Detach;
        if self.kind() == Some(StepKind::Protect) && protects {
            self.protect(now, world, out);
            return;
        }
        match self.hands_off(now, &action, world, out) {
            Some(Sure::Yes) => return,
            Some(Sure::NotYet) => {
                self.sleep(now, gaze);
                return;
            }
            Some(Sure::NotBefore(until)) => {
                self.sleep_late(now, until, gaze);
                return;
            }
            None => {}
        }
        let old = action == Action::Detach && self.attach_was_made();
        if !old && !matches!(action, Action::Wait(Awaited::Understanding(_))) {
            self.blind = None;
        }
        match action {
            Action::Detach => self.detach(now, world, gaze, out),
            Action::Wait(awaited) => self.wait(now, awaited, out),
            Action::Attach(goal) => self.attach(now, goal, world, gaze, out),
            Action::NotEligible(denials) => {
                let why: Vec<_> = denials
                    .iter()
                    .map(|d| format!("{} ({})", d.because.trim_end_matches('.'), d.code))
                    .collect();
                self.stranded(now, &why.join("; "), out);
            }
            Action::Verify(goal) => self.verify(now, goal, world, gaze, out),
            Action::AskAgain(why) => self.close(now, self.needs_person(&why), out),
            Action::Handover(n, goal) => self.carry(now, n, goal, (world, gaze), out),
            Action::Foreign(_) | Action::Disputed(_) | Action::Lost(_) => {}
        }
    }

    fn foreign(&self, what: &str) -> String {
        let ours = if self.has_moved() {
            ""
        } else {
            "; nothing was done by this operation"
        };
        format!("{what}{ours}. Look who did it, then plan anew")
    }

    fn wait(&mut self, now: Time, awaited: Awaited, out: &mut Vec<Output>) {
        match awaited {
            Awaited::Available => {
                self.status.critical = true;
                if !self.reach(now, StepKind::WaitAvailable) {
                    return;
                }
                let span = now.since(*self.under_way.get_or_insert(now));
                let patience = *self.patience.get_or_insert(now);
                if span >= wait::DETACH_MAX {
                    let why = format!("detaching for {} s", span.as_secs());
                    self.close(now, self.needs_person(&why), out);
                    return;
                }
                if now.since(patience) >= wait::STUCK && self.fence(now, out) {
                    return;
                }
                if span >= wait::SLOW {
                    let source = &self.plan.names.source;
                    let text = format!("detaching from {source} for half a minute already");
                    self.note_once(now, &text, out);
                }
                if now.since(patience) >= wait::STUCK
                    && self.known.broken.is(Mutant::ForceWithoutConsent)
                    && let Some(attachment_id) = self.plan.attachment_id.clone()
                {
                    self.patience = Some(now);
                    let force = true;
                    let call = Detach {
                        attachment_id,
                        force,
                    };
                    self.intend(now, Call::DetachNetworkInterface(call), out);
                    return;
                }
                if now.since(patience) >= wait::STUCK
                    && self.asked.is_none()
                    && self.alone.is_none()
                {
                    self.ask(now, Asked::Stuck, &format!("{} s", span.as_secs()));
                }
                self.sleep(now, self.gaze_of_wait(now));
            }
            Awaited::Attached => {
                // What was asked when it seemed attached to nothing has answered itself.
                if matches!(self.asked, Some((Asked::Stranded, _))) {
                    self.withdraw();
                }
                if !self.reach(now, StepKind::WaitAttached) {
                    return;
                }
                let since = self.known.attach.answered.unwrap_or(self.waiting_since);
                let span = now.since(since);
                if span >= wait::ATTACH_MAX {
                    let why = format!("attaching for {} s", span.as_secs());
                    self.close(now, self.needs_person(&why), out);
                    return;
                }
                if span >= wait::STUCK {
                    self.note(
                        now,
                        "attaching for a minute already: the host may be unhealthy; waiting up to \
                         5 minutes",
                        out,
                    );
                }
                self.sleep(now, self.gaze_of_wait(now));
            }
            Awaited::Understanding(text) => {
                self.note(
                    now,
                    &format!("EC2 shows {text}: not understood, waiting"),
                    out,
                );
                let why = format!("EC2 shows {text}, which this program does not understand,");
                self.wait_blind(now, Gaze::Eni, &why, out);
            }
        }
    }

    /// Marks of a step that will not be finished.
    pub(super) fn leave_steps(&mut self, now: Time) {
        self.fail_step(now);
        let planned = self.plan.steps.len();
        for step in self.status.steps.iter_mut().take(planned) {
            if step.state == StepState::Todo {
                step.state = StepState::Skipped;
            }
        }
    }
}

/// `in-use, eni-attach-… attached to i-… card 0 index 1`, and a checksum of everything.
pub(in crate::failover) fn compact(eni: &Eni) -> (String, u32) {
    let text = match &eni.attachment {
        None => eni.status.to_string(),
        Some(a) => format!(
            "{}, {} {} {} card {} index {}",
            eni.status,
            a.attachment_id,
            a.status,
            a.instance_id.as_ref().map_or("no instance", |i| i.as_str()),
            a.network_card_index,
            a.device_index
        ),
    };
    // An interface takes a kilobyte or two.
    let mut json = Vec::with_capacity(2_048);
    let written = serde_json::to_writer(&mut json, eni);
    let hash = written.map_or(0, |()| crc32fast::hash(&json));
    (text, hash)
}
