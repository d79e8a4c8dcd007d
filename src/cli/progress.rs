//! What a running operation says, line by line, made from the engine's pictures.
//!
//! Invariants: a line says what happened, never what is about to be overwritten; every step, answer
//! and note is told once, however often the picture comes.

use std::time::Duration;

use serde_json::{Value, json};

use super::plan::call_json;
use crate::ec2::time::Time;
use crate::failover::status::{Ending, Made, Status, StepState};

/// What has been told so far.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    steps: Vec<StepState>,
    calls: Vec<bool>,
    notes: usize,
    question: Option<String>,
    /// The next picture begins with what another process has done.
    again: bool,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// For a person.
    pub text: String,
    /// For a program: one object; `None` where another event says the same.
    pub json: Option<Value>,
}

impl Progress {
    /// For an operation that is taken up again. Its calls and steps up to now, and the first `notes`,
    /// were told by the process that made them, and are in the journal.
    pub fn again(notes: usize) -> Self {
        Self {
            notes,
            again: true,
            ..Self::default()
        }
    }

    /// What is new in this picture.
    pub fn news(&mut self, status: &Status) -> Vec<Event> {
        let mut out = Vec::new();
        if std::mem::take(&mut self.again) {
            self.calls = vec![true; status.calls.len()];
            let told = status.steps.iter().map(|step| match step.state {
                StepState::Doing => StepState::Todo,
                past => past,
            });
            self.steps = told.collect();
        }
        // An answer is told before what it led to, a call after the step that makes it.
        self.answers(status, &mut out);
        for index in 0..status.steps.len() {
            self.step(index, status, &mut out);
        }
        self.calls(status, &mut out);
        self.answers(status, &mut out);
        for (at, note) in status.notes.iter().skip(self.notes) {
            let json = json!({ "event": "note", "At": at, "Text": note });
            out.push(event(format!("  note: {note}"), json));
        }
        self.notes = status.notes.len();
        let question = status.question.as_ref().map(|q| q.text.clone());
        if let Some(text) = &question
            && self.question != question
        {
            let json = json!({ "event": "question", "Text": text });
            out.push(event(format!("  a person would be asked: {text}"), json));
        }
        self.question = question;
        out
    }

    fn step(&mut self, index: usize, status: &Status, out: &mut Vec<Event>) {
        let Some(now) = status.steps.get(index) else {
            return;
        };
        if self.steps.len() <= index {
            self.steps.resize(index + 1, StepState::Todo);
        }
        let Some(told) = self.steps.get_mut(index) else {
            return;
        };
        if *told == now.state {
            return;
        }
        let before = std::mem::replace(told, now.state);
        let Some(step) = status.step(index) else {
            return;
        };
        let of = status.steps.len();
        let head = format!(
            "[step {} of {of}] {} {}",
            index + 1,
            step.title,
            step.detail
        );
        let took = now
            .began
            .zip(now.ended)
            .map(|(began, ended)| ended.since(began));
        let json = json!({
            "event": "step", "Step": index + 1, "Of": of, "Kind": step.kind,
            "State": state_word(now.state), "Began": now.began, "Ended": now.ended,
            "Seconds": took.map(seconds), "Answer": now.answer, "RequestId": now.request_id,
        });
        if before == StepState::Todo {
            let doing = now.state == StepState::Doing;
            out.push(Event {
                text: head,
                json: doing.then(|| json.clone()),
            });
        }
        let answer = now.answer.as_deref();
        let after = took
            .map(|t| format!(" after {}", said(t)))
            .unwrap_or_default();
        let line = match now.state {
            StepState::Todo | StepState::Doing => return,
            StepState::Done => format!("  done{after}"),
            StepState::Skipped => "  nothing to do".to_owned(),
            StepState::Failed => format!("  FAILED{after}: {}", answer.unwrap_or("given up")),
        };
        out.push(event(line, json));
    }

    fn answers(&mut self, status: &Status, out: &mut Vec<Event>) {
        for (told, made) in self.calls.iter_mut().zip(&status.calls) {
            if !*told && made.answer.is_some() {
                *told = true;
                out.push(answer_event(made));
            }
        }
    }

    fn calls(&mut self, status: &Status, out: &mut Vec<Event>) {
        for made in status.calls.iter().skip(self.calls.len()) {
            let json = json!({ "event": "call", "At": made.at, "Call": call_json(&made.call) });
            out.push(event(format!("  call: {}", made.call.line()), json));
        }
        self.calls.resize(status.calls.len(), false);
    }
}

fn answer_event(made: &Made) -> Event {
    let answer = made.answer.as_deref().unwrap_or_default();
    let after = made.answered_in.map(|t| format!(" after {}", said(t)));
    let request = made
        .request_id
        .as_ref()
        .map(|id| format!(" (request {id})"));
    let json = json!({
        "event": "answer", "Action": made.call.action(), "Answer": answer,
        "Seconds": made.answered_in.map(seconds), "RequestId": made.request_id,
    });
    let text = format!(
        "  {answer}{}{}",
        after.unwrap_or_default(),
        request.unwrap_or_default()
    );
    event(text, json)
}

fn event(text: String, json: Value) -> Event {
    Event {
        text,
        json: Some(json),
    }
}

fn state_word(state: StepState) -> &'static str {
    match state {
        StepState::Todo => "todo",
        StepState::Doing => "doing",
        StepState::Done => "done",
        StepState::Skipped => "skipped",
        StepState::Failed => "failed",
    }
}

/// Seconds with milliseconds, as a number.
pub fn seconds(span: Duration) -> f64 {
    span.as_millis() as f64 / 1_000.0
}

/// `2.9 s`.
pub fn said(span: Duration) -> String {
    format!("{:.1} s", span.as_secs_f64())
}

/// The ending as one word, and what there is to say about it.
pub fn ending_words(ending: &Ending) -> (&'static str, &str) {
    match ending {
        Ending::Done => ("done", ""),
        Ending::Aborted => ("aborted", "given up before anything moved"),
        Ending::PutBack => ("put-back", "it is where it was, verified"),
        Ending::Refused(text) => ("refused", text),
        Ending::ForeignChange(text) => ("foreign-change", text),
        Ending::IdentityLost(text) => ("identity-lost", text),
        Ending::NeedsPerson(text) => ("needs-person", text),
    }
}

/// From the first call to the end.
pub fn took(status: &Status, now: Time) -> Option<Duration> {
    let ended = status.ended.unwrap_or(now);
    status.began.map(|began| ended.since(began))
}
