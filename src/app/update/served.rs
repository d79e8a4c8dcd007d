//! What clients of a served world do, told in the feed.

use crate::app::effect::Effect;
use crate::app::feed::Tone;
use crate::app::layer::{Layer, Text};
use crate::app::model::Model;
use crate::app::served::Exchange;
use crate::app::tree::Node;
use crate::ec2::id::EniId;

/// Takes what was asked since the last time; `skipped` requests before them went by too fast to be
/// kept.
pub(super) fn exchanged(model: &mut Model, list: &[Exchange], skipped: u64, undoable: usize) {
    model.undoable = undoable;
    let count = u64::try_from(list.len()).unwrap_or(u64::MAX);
    if let Some(served) = &mut model.served {
        served.requests += skipped + count;
        if skipped > 0 {
            served.repeated = None;
        }
    }
    if skipped > 0 {
        let line = format!("{skipped} requests more than can be told one by one");
        model.feed.say(model.now, Tone::Plain, line, None);
    }
    for exchange in list {
        tell(model, exchange);
    }
}

fn tell(model: &mut Model, exchange: &Exchange) {
    let text = exchange.line();
    let last = model.feed.lines.back().map(|line| line.text.clone());
    let repeated = model.served.as_mut().and_then(|s| s.repeated.take());
    let times = match repeated {
        Some((of, times)) if of == text && last.as_deref() == Some(&*counted(&of, times)) => {
            model.feed.lines.pop_back();
            times.saturating_add(1)
        }
        _ => 1,
    };
    let tone = if exchange.is_refused() {
        Tone::Bad
    } else {
        Tone::Plain
    };
    let about = exchange.about.starts_with("eni-") && !exchange.about.starts_with("eni-attach");
    let about = about.then(|| Node::Eni(EniId::new(&*exchange.about)));
    // What is only looked at has not changed: no mark in the tree.
    let about = about.filter(|_| !exchange.is_read() && !exchange.is_refused());
    let line = counted(&text, times);
    model.feed.say(exchange.at, tone, line, about);
    if let Some(served) = &mut model.served {
        served.repeated = exchange.is_read().then_some((text, times));
    }
}

/// `Boto3: DescribeNetworkInterfaces x12`.
fn counted(text: &str, times: u32) -> String {
    match times {
        1 => text.to_owned(),
        times => format!("{text} x{times}"),
    }
}

/// Whether a client has asked in the last few seconds.
pub(super) fn active(model: &mut Model, active: bool) {
    if let Some(served) = &mut model.served {
        served.active = active;
    }
}

/// The lines that a shell needs.
pub(super) fn exports(model: &mut Model) -> Vec<Effect> {
    if let Some(served) = &model.served {
        let lines = served.exports.clone();
        model.layers.push(Layer::Text(Text {
            title: "for a shell: y copies".to_owned(),
            lines,
            scroll: 0,
        }));
    }
    Vec::new()
}
