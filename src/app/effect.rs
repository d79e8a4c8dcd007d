//! What the runtime is to do for the model.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::ec2::call::Call;
use crate::ec2::time::Time;
use crate::failover::engine::{Consent, Goal, Pace};
use crate::failover::plan::{Check, Plan};
use crate::failover::status::Command;
use crate::lessons::progress::Progress;

/// One wish, executed by the runtime in order; its result comes back as a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Submit a call by hand (SIM and REHEARSAL only).
    Call(Call),
    /// Take the newest call back (SIM and REHEARSAL only).
    Undo,
    /// Let virtual time run, or stop it.
    Clock(Clock),
    /// Fly a plan.
    Fly {
        /// The plan.
        plan: Arc<Plan>,
        /// Stepwise or in one go.
        pace: Pace,
        /// The agreement.
        consent: Consent,
    },
    /// Take up an operation that was left behind.
    Resume {
        /// Its id.
        op: String,
        /// Finish it, or put it back.
        goal: Goal,
        /// The agreement, typed in view of the preflight.
        consent: Consent,
        /// A preflight made just now (`failover::resume::preflight`); without a block.
        fresh: Vec<Check>,
    },
    /// Look at the place that this program runs at, as far as it concerns this plan, whose
    /// addresses leave their machine; the answer comes as a message.
    LookAround(Arc<Plan>, Vec<IpAddr>),
    /// Tell the running engine something.
    Command(Command),
    /// Let this much virtual time pass at once (SIM and REHEARSAL only).
    Skip(Duration),
    /// Show every change of the world so far, from this moment on or from the end (SIM and
    /// REHEARSAL only).
    Timeline(Option<Time>),
    /// Tell the stories of the lesson's two clients, now that it is done (SIM).
    Compare,
    /// Do again what was taken back last (SIM).
    Redo,
    /// Begin the lesson with this number, from 0, in its own world.
    Lesson(usize),
    /// Keep how far the person has come.
    Keep(Progress),
    /// Look at the endpoint again now.
    Refresh,
    /// Send this text to the terminal's clipboard (OSC 52).
    Copy(String),
    /// Write a text file into the current directory's reports, name and content; the path comes back.
    Write {
        /// Suggested file name, already sanitised.
        name: String,
        /// Content.
        text: String,
    },
    /// Give the terminal back until the shell continues us.
    Suspend,
    /// Repaint everything.
    Repaint,
    /// End the program.
    Quit,
}

/// Virtual time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Stand still.
    Pause,
    /// Run until told otherwise.
    Run,
    /// Run until everything has settled.
    Settle,
}
