//! An operation again, record by record: what was agreed to, called, answered and seen, and where the
//! interface was known to be.
//!
//! Invariants: says only what the journal tells, and nothing of now; a journal that is torn or cannot
//! be trusted is told as far as it can be read, and says that it goes no further.

use super::agreement::{after, alternative, said, words};
use super::journal::line::Journal;
use super::journal::{CallResult, Entry, Record};
use super::plan::Plan;
use crate::ec2::id::{EniId, InstanceId, Str};
use crate::ec2::time::Time;

/// What a moment is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The plan was written down.
    Plan,
    /// A person agreed.
    Consent,
    /// A call was about to be submitted.
    Call,
    /// EC2 accepted it.
    Accepted,
    /// EC2 refused it, or it was never sent.
    Refused,
    /// Nobody knows whether it happened.
    Doubtful,
    /// A look showed something new.
    Seen,
    /// A remark.
    Note,
    /// The end.
    Verdict,
}

impl Kind {
    /// The word before its line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Consent => "agreed",
            Self::Call => "call",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Doubtful => "unknown",
            Self::Seen => "seen",
            Self::Note => "note",
            Self::Verdict => "ended",
        }
    }
}

/// Where the interface was, as far as the looks until then had shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nobody had looked yet, or it is not the interface that moves.
    Unknown,
    /// At the source.
    Source,
    /// Attached to nothing.
    Nowhere,
    /// At the target.
    Target,
    /// At another instance.
    Elsewhere(InstanceId),
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When it was written down.
    pub at: Time,
    /// What it is.
    pub kind: Kind,
    /// What it says.
    pub text: String,
    /// Where the interface was known to be from here on.
    pub place: Place,
}

/// An operation, to be looked at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// Its short id.
    pub op: String,
    /// What it moves; empty where the plan cannot be read.
    pub eni: EniId,
    /// The interface, the source and the target as people call them.
    pub names: (String, String, String),
    /// Account and Region.
    pub sky: (Str, Str),
    /// Its records, oldest first.
    pub moments: Vec<Moment>,
    /// Why it goes no further than this, if the journal does.
    pub broken: Option<String>,
}

impl Replay {
    /// The records of a journal; `broken` says why there are no more.
    pub fn of(journal: &Journal, broken: Option<String>) -> Self {
        let plan = journal.records.iter().find_map(|r| match &r.entry {
            Entry::Plan { plan } => Some(&**plan),
            _ => None,
        });
        let torn = (journal.torn > 0).then(|| {
            let torn = journal.torn;
            format!("the last line is torn, {torn} bytes: what it would have said is not known")
        });
        let mut replay = Self {
            op: journal.op.clone(),
            eni: plan.map(|p| p.intent.eni.clone()).unwrap_or_default(),
            names: plan.map_or_else(Default::default, names),
            sky: plan.map_or_else(
                || ("".into(), "".into()),
                |p| (p.sky.account.clone(), p.sky.region.clone()),
            ),
            moments: Vec::new(),
            broken: broken.or(torn),
        };
        let mut place = Place::Unknown;
        // The plan as it is agreed to by then: another target has another name.
        let mut agreed = plan.cloned();
        for record in &journal.records {
            if let (Entry::Observed { eni, .. }, Some(plan)) = (&record.entry, plan) {
                place = seen(eni, plan);
            }
            let (at, kind, text) = match consent(&record.entry, agreed.as_ref()) {
                Some(text) => (record.wall, Kind::Consent, text),
                None => told(record, journal, plan),
            };
            let changed = agreed.as_ref().and_then(|p| after(p, &record.entry));
            agreed = changed.or(agreed);
            replay.moments.push(Moment {
                at,
                kind,
                text,
                place: place.clone(),
            });
        }
        replay
    }

    /// All of it as lines of text.
    pub fn lines(&self) -> Vec<String> {
        let (eni, source, target) = &self.names;
        let began = self.began();
        let op = &self.op;
        let mut lines = vec![match eni.as_str() {
            "" => format!("operation {op}: its plan cannot be read"),
            _ => format!("operation {op}: {eni}, {source} -> {target}"),
        }];
        let mut place = &Place::Unknown;
        for moment in &self.moments {
            let since = began.map_or(0, |began| moment.at.since(began).as_millis());
            let since = format!("+{}.{} s", since / 1_000, since % 1_000 / 100);
            let kind = moment.kind.word();
            let text = &moment.text;
            lines.push(format!(
                "{} {since:>9}  {kind:<8}  {text}",
                moment.at.clock()
            ));
            if *place != moment.place {
                place = &moment.place;
                lines.push(format!("{:30}{}", "", self.place(place)));
            }
        }
        if let Some(why) = &self.broken {
            lines.push(format!("! it can be read no further: {why}"));
        }
        lines
    }

    /// Where the interface is, in words.
    fn place(&self, place: &Place) -> String {
        let (eni, source, target) = &self.names;
        match place {
            Place::Unknown => format!("nobody knew where {eni} was"),
            Place::Source => format!("{eni} is at {source}"),
            Place::Nowhere => format!("{eni} is attached to nothing"),
            Place::Target => format!("{eni} is at {target}"),
            Place::Elsewhere(id) => format!("{eni} is at {id}"),
        }
    }

    /// When it began.
    pub fn began(&self) -> Option<Time> {
        self.moments.first().map(|m| m.at)
    }
}

fn names(plan: &Plan) -> (String, String, String) {
    let names = &plan.names;
    let source = match names.source.as_str() {
        "" => "nothing",
        source => source,
    };
    (names.eni.clone(), source.to_owned(), names.target.clone())
}

/// Where the interface is, by what a look wrote down. Only where the interface itself moves does that
/// say where the service is.
fn seen(text: &str, plan: &Plan) -> Place {
    if !plan.handovers.is_empty() {
        return Place::Unknown;
    }
    let Some(holder) = text.split_whitespace().find(|word| word.starts_with("i-")) else {
        // Attached, but by somebody whose instance is not shown.
        return match text.contains(',') {
            true => Place::Unknown,
            false => Place::Nowhere,
        };
    };
    let holder = InstanceId::from(holder);
    if holder == plan.intent.target {
        Place::Target
    } else if Some(&holder) == plan.source.as_ref() {
        Place::Source
    } else {
        Place::Elsewhere(holder)
    }
}

/// What a look wrote down, with the names of the two instances that everybody knows by now.
fn named(text: &str, plan: &Plan) -> String {
    let (_, source, target) = names(plan);
    let text = text.replace(plan.intent.target.as_str(), &target);
    match &plan.source {
        Some(id) => text.replace(id.as_str(), &source),
        None => text,
    }
}

/// An agreement, where there is a plan that names what it is about.
fn consent(entry: &Entry, plan: Option<&Plan>) -> Option<String> {
    match entry {
        Entry::Consent { to, typed, how } => Some(said(&words(to, typed, plan?), how)),
        _ => None,
    }
}

fn told(record: &Record, journal: &Journal, plan: Option<&Plan>) -> (Time, Kind, String) {
    let at = record.wall;
    match &record.entry {
        Entry::Plan { plan } => {
            let (eni, source, target) = names(plan);
            let text = format!("{eni} ({}) from {source} to {target}", plan.intent.eni);
            (at, Kind::Plan, text)
        }
        Entry::Consent { to, how, .. } => (at, Kind::Consent, said(&format!("to {to}"), how)),
        Entry::Alternative { other, how } => {
            (at, Kind::Consent, said(&alternative(&other.name), how))
        }
        Entry::Intent { call, attempt } => {
            let again = match attempt {
                0 | 1 => String::new(),
                n => format!(" (attempt {n})"),
            };
            (at, Kind::Call, format!("{}{again}", call.line()))
        }
        Entry::Outcome { of, result, millis } => {
            let action = journal.records.iter().find(|r| r.seq == *of);
            let action = match action.map(|r| &r.entry) {
                Some(Entry::Intent { call, .. }) => call.action(),
                _ => "a call",
            };
            let kind = match result {
                CallResult::Accepted(_) => Kind::Accepted,
                CallResult::Refused(_) | CallResult::NotSubmitted(_) => Kind::Refused,
                CallResult::Unknown(_) => Kind::Doubtful,
            };
            let after = format!("{}.{:03} s", millis / 1_000, millis % 1_000);
            let text = match result {
                CallResult::Accepted(_) => format!("{action}, answered in {after}"),
                other => format!("{action}: {other}"),
            };
            (at, kind, text)
        }
        Entry::Observed { eni, .. } => {
            let text = plan.map_or_else(|| eni.clone(), |plan| named(eni, plan));
            (at, Kind::Seen, text)
        }
        Entry::Note { text } => (at, Kind::Note, text.clone()),
        Entry::Measured { text, .. } => (at, Kind::Note, format!("measured: {text}")),
        Entry::Verdict { ending, text } => (at, Kind::Verdict, format!("{ending}: {text}")),
    }
}

#[cfg(test)]
mod tests;
