//! Virtual time: run, pause, take back.

use crate::app::effect::{Clock, Effect};
use crate::app::feed::Tone;
use crate::app::model::Model;
use crate::ec2::call::Call;
use crate::ec2::shown::shown;

pub(super) fn toggle(model: &Model) -> Vec<Effect> {
    let next = match model.clock {
        Some(Clock::Pause) => Clock::Run,
        Some(Clock::Run | Clock::Settle) => Clock::Pause,
        None => return Vec::new(),
    };
    vec![Effect::Clock(next)]
}

/// The runtime says whether time runs; why it runs (until told, or until all is settled) is what
/// was asked for last.
pub(super) fn is(model: &mut Model, running: bool) {
    model.clock = match (model.clock, running) {
        (None, _) => None,
        (Some(_), false) => Some(Clock::Pause),
        (Some(Clock::Pause), true) => Some(Clock::Run),
        (Some(clock), true) => Some(clock),
    };
}

pub(super) fn undone(model: &mut Model, call: Option<&Call>) {
    match call {
        Some(call) => {
            model.undoable = model.undoable.saturating_sub(1);
            model.redoable += 1;
            super::lesson::taken_back(model);
            let line = format!("taken back: {}", shown(&call.line()));
            model.feed.say(model.now, Tone::Plain, line.clone(), None);
            model.tell(line);
        }
        None => {
            model.undoable = 0;
            model.refuse("there is no call to take back");
        }
    }
}
