//! What can happen to the model.

use std::sync::Arc;

use super::action::Action;
use super::served::Exchange;
use super::tree::Node;
use crate::ec2::call::{Answer, Call};
use crate::ec2::error::ApiError;
use crate::ec2::id::EniId;
use crate::ec2::sample::Strip;
use crate::ec2::time::Time;
use crate::ec2::world::World;
use crate::failover::ops::Kept;
use crate::failover::plan::Plan;
use crate::failover::sky::Sky;
use crate::failover::status::Status;
use crate::failover::surroundings::Surroundings;
use crate::sim::guest::Lags;
use crate::sim::timeline::Timeline;

/// A key, as the model sees it: independent of the terminal library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A character, shift already applied.
    Char(char),
    /// Control and a character, lower case.
    Ctrl(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift-Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
}

/// One message.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// An action was asked for by its name, where no keys are pressed.
    Act(Action),
    /// The cursor goes to this resource, where no keys are pressed.
    Select(Node),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this size: columns, rows.
    Resize(u16, u16),
    /// Time has come; also sent before any other message whose time differs.
    Tick(Time),
    /// What the model looked like after the last message is on the screen now.
    Drawn,
    /// A newer world. Older generations are dropped.
    World {
        /// Rises with every request for a world.
        generation: u64,
        /// The inventory so far.
        world: Arc<World>,
        /// False while pages are still arriving.
        complete: bool,
    },
    /// The world could not be had; the last good one stays.
    Stale {
        /// Generation of the failed request.
        generation: u64,
        /// Cause in full.
        cause: String,
    },
    /// What clients have seen.
    Strips(Vec<Strip>),
    /// Where simulated guests and EC2 disagree.
    Guests(Lags),
    /// A call by hand was answered.
    Called(Call, Result<Answer, ApiError>),
    /// A client of the served world has made a call.
    Heard(Call, Result<Answer, ApiError>),
    /// The newest call was taken back, if there was one.
    Undone(Option<Call>),
    /// A lesson begins on a world of its own.
    Lesson {
        /// Its number, from 0.
        at: usize,
        /// Its sky.
        sky: Sky,
        /// Its world.
        world: Arc<World>,
        /// Where the cursor stands.
        focus: Option<EniId>,
        /// What happened before, for the feed.
        prologue: Vec<(Time, String)>,
    },
    /// Every change of the simulated world so far, to be looked at from a moment on; from its end if
    /// none is named.
    Timeline(Arc<Timeline>, Option<Time>),
    /// More has changed while somebody looks back.
    Past(Arc<Timeline>),
    /// Every change of a lesson that is done, for the stories of its two clients.
    Compare(Arc<Timeline>),
    /// Virtual time runs, or stands.
    ClockIs {
        /// It runs.
        running: bool,
    },
    /// The engine's picture.
    Engine(Box<Status>),
    /// What the state directory knows of operations, newest knowledge; oldest first.
    Operations(Arc<Vec<Kept>>),
    /// Where this program runs, for this plan.
    Surroundings(Arc<Plan>, Box<Surroundings>),
    /// Something worth a line in the feed, from the runtime.
    Note(String),
    /// The text is on its way to the terminal's clipboard.
    Copied(String),
    /// A file was written, or not.
    Written(Result<String, String>),
    /// Clients of a served world have asked something.
    Exchanged {
        /// What, oldest first.
        list: Vec<Exchange>,
        /// Requests before those that nobody kept.
        skipped: u64,
        /// Accepted calls that can be taken back now.
        undoable: usize,
    },
    /// Whether clients of a served world have asked in the last few seconds.
    ClientsActive(bool),
    /// A signal asks the program to end.
    Terminate(String),
}
