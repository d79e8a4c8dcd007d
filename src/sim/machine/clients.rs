//! The modelled clients as time passes: their requests, and how fast data flows to them.
//!
//! Invariant: what a client is answered depends on the world of that moment alone; a request that no
//! strip would show any more is not made.

use super::Machine;
use crate::ec2::sample::{SAMPLES_MAX, Sample, Strip};
use crate::ec2::time::Time;
use crate::sim::clients;
use crate::sim::history::Old;
use crate::sim::scenario::Target;
use crate::sim::traffic::{self, Scene};

impl Machine {
    /// The clients' requests up to a moment, without or with those at the moment itself.
    pub(super) fn ask(&mut self, until: Time, included: bool) {
        let before = |at: Time| at < until || (included && at == until);
        if !self.moment.next_request.iter().any(|next| before(*next)) {
            return;
        }
        let down = self.zones_down();
        let mut turns = Vec::new();
        for (n, client) in self.clients.iter().enumerate() {
            let (Some(next), Some(strip)) =
                (self.moment.next_request.get_mut(n), self.strips.get_mut(n))
            else {
                continue;
            };
            if !before(*next) {
                continue;
            }
            *next = clients::skipped_to(*next, client.interval, until);
            let scene = Scene {
                world: &self.world,
                services: &self.services,
                names: &self.names,
                changes: &self.changed,
                dark: &self.dark,
                unrouted: &self.unrouted,
                down: &down,
            };
            // A copy of a DNS record grows old between two events; all else changes only at one.
            let by_name = matches!(client.target, Target::Name(_));
            let mut reply = scene.reply(client, *next);
            while before(*next) {
                if by_name {
                    reply = scene.reply(client, *next);
                }
                let full = strip.samples.len() >= SAMPLES_MAX;
                let pushed_out = if full {
                    strip.samples.pop_front()
                } else {
                    None
                };
                self.history.keep(Old::Sample(n, pushed_out));
                let lost = reply.is_lost();
                if strip
                    .samples
                    .back()
                    .is_some_and(|s| s.reply.is_lost() != lost)
                {
                    turns.push((*next, n, lost));
                }
                self.history.timeline_mut().asked(n, *next, &reply);
                strip.push(Sample {
                    at: *next,
                    reply: reply.clone(),
                });
                *next = *next + client.interval;
            }
        }
        self.measure();
        turns.sort_by_key(|(at, ..)| *at);
        for (at, client, lost) in turns {
            let timeline = self.history.timeline_mut();
            timeline.turned(at, client, lost, &self.world);
        }
    }

    /// How fast data flows, for those who ask for a rate.
    fn measure(&mut self) {
        if self.clients.iter().all(|c| c.mbps.is_none()) {
            return;
        }
        let newest = |s: &Strip| s.samples.back().map(|s| s.reply.clone());
        let replies: Vec<_> = self.strips.iter().map(newest).collect();
        let rates = traffic::rates(&self.world, &self.clients, &replies);
        for (strip, rate) in self.strips.iter_mut().zip(rates) {
            strip.rate = rate;
        }
        self.history.timeline_mut().measured(&self.strips);
    }
}
