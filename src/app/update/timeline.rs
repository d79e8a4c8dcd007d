//! Keys of the timeline.

use std::sync::Arc;

use super::explorer;
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::model::Model;
use crate::app::timeline::{self, Looking};
use crate::ec2::time::Time;
use crate::sim::timeline::Timeline;

/// The timeline is here: it is opened at a moment, or at the present.
pub(super) fn came(model: &mut Model, timeline: Arc<Timeline>, at: Option<Time>) {
    let last = timeline.stops() - 1;
    let at = at.map_or(last, |moment| timeline.at(moment));
    timeline::open(model, timeline, at);
}

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Close => timeline::close(model),
        Action::Earlier
        | Action::Later
        | Action::EarlierCall
        | Action::LaterCall
        | Action::First
        | Action::Last => match model.looking().map(|looking| to(looking, action)) {
            Some(Ok(stop)) => timeline::go(model, stop),
            Some(Err(why)) => model.tell(why),
            None => {}
        },
        // Tree and panel of the past are looked through like those of the present.
        _ => return explorer::act(model, action),
    }
    Vec::new()
}

/// The stop that an action leads to, or why there is none.
fn to(looking: &Looking, action: Action) -> Result<usize, &'static str> {
    let timeline = &looking.timeline;
    let (at, last) = (looking.at, timeline.stops() - 1);
    let call = |stop: &usize| timeline.mark(*stop).1.is_call();
    match action {
        Action::Earlier if at == 0 => Err("nothing is remembered before this"),
        Action::Earlier => Ok(at - 1),
        Action::Later if at == last => Err("this is the end: esc goes on with now"),
        Action::Later => Ok(at + 1),
        Action::EarlierCall => (0..at).rev().find(call).ok_or("no call before this"),
        Action::LaterCall => (at + 1..=last).find(call).ok_or("no call after this"),
        Action::First => Ok(0),
        _ => Ok(last),
    }
}
