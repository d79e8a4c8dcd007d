//! One case on one road: build what it names, do what comes before, call, compare.

use std::sync::Arc;
use std::time::Duration;

use enipilot::ec2::call::Answer;
use enipilot::ec2::world::World;

use super::field::{self, NONE};
use super::names::{Names, mentioned};
use super::road::{Outcome, Reply, Request, Road};
use super::table::Line;
use super::{recipe, step};

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Holds,
    /// What was expected and what was seen.
    Differs(String),
    /// It cannot be asked on this road.
    NotHere(String),
}

/// Names of what only our own base world holds; no call makes them.
const BASE: &[&str] = &["ECS", "H"];

/// Runs a case.
pub fn run(line: &Line, road: &mut dyn Road, image: &str) -> Verdict {
    let mut case = Case {
        line,
        image,
        names: Names::default(),
        beginning: Arc::default(),
    };
    if !mentioned(line.text, BASE.iter().copied()).is_empty() && !road.is_ours() {
        return Verdict::NotHere("no call can build it".to_owned());
    }
    match case.run(road) {
        Ok(()) => Verdict::Holds,
        Err(why) => Verdict::Differs(why),
    }
}

struct Case<'a> {
    line: &'a Line,
    image: &'a str,
    names: Names,
    beginning: Arc<World>,
}

impl Case<'_> {
    fn run(&mut self, road: &mut dyn Road) -> Result<(), String> {
        self.build(road)?;
        for step in &self.line.before {
            if let Some(Err(refusal)) = self.step(road, step)? {
                return Err(format!("`{step}` is refused: {}", refusal.code));
            }
        }
        let compares = self.line.expected.iter().any(|e| e == "unchanged");
        let untouched = match compares {
            true => Some(road.world(&self.names)?),
            false => None,
        };
        let outcome = self.step(road, &self.line.call)?;
        loop {
            let wrong = self.compare(road, outcome.as_ref(), untouched.as_deref());
            match wrong {
                Err(_) if outcome.is_none() && road.again() => {}
                judged => return judged,
            }
        }
    }

    fn compare(
        &self,
        road: &mut dyn Road,
        outcome: Option<&Outcome>,
        untouched: Option<&World>,
    ) -> Result<(), String> {
        let texts = road.compares_texts();
        let mut now = None;
        for expected in &self.line.expected {
            let filled = self.names.fill(expected, &|what| {
                field::raw(&self.beginning, &self.with_primaries(), what)
            })?;
            if let Some(judged) = judge_outcome(&filled, outcome, &self.with_primaries(), texts) {
                judged?;
                continue;
            }
            if now.is_none() {
                now = Some(road.world(&self.names)?);
            }
            let now = now.as_deref().ok_or("no world")?;
            match expected.as_str() {
                "unchanged" if Some(now) == untouched => {}
                "unchanged" => return Err("expected no change, something has changed".to_owned()),
                _ => self.judge_field(expected, now)?,
            }
        }
        Ok(())
    }

    fn build(&mut self, road: &mut dyn Road) -> Result<(), String> {
        if road.is_ours() {
            let world = road.world(&self.names)?;
            let found = |name: &str| {
                let mut enis = world.enis().filter(|e| e.name() == Some(name));
                let mut instances = world.instances().filter(|i| i.name() == Some(name));
                let eni = enis.next().map(|e| e.id.to_string());
                eni.or_else(|| instances.next().map(|i| i.id.to_string()))
            };
            for name in BASE {
                if let Some(id) = found(name) {
                    self.names.bind(name, &id);
                }
            }
        }
        let needed = recipe::needed(self.line.text);
        for recipe in &needed {
            self.make(road, recipe.name, &recipe.create)?;
        }
        road.settle(&self.names)?;
        let joins = needed.iter().any(|r| !r.join.is_empty());
        for recipe in &needed {
            self.make(road, recipe.name, &recipe.join)?;
        }
        if joins {
            road.settle(&self.names)?;
        }
        self.beginning = road.world(&self.names)?;
        Ok(())
    }

    fn make(&mut self, road: &mut dyn Road, name: &str, steps: &[&str]) -> Result<(), String> {
        for (n, step) in steps.iter().enumerate() {
            let named = match n {
                // The first call makes the resource.
                0 if self.names.id(name).is_none() && !step.contains(" = ") => {
                    format!("{name} = {step}")
                }
                _ => (*step).to_owned(),
            };
            if let Some(Err(refusal)) = self.step(road, &named)? {
                let said = format!("{} {}", refusal.code, refusal.message);
                return Err(format!(
                    "{name} cannot be built: `{step}` is refused: {said}"
                ));
            }
        }
        Ok(())
    }

    /// Does one step; `None` if it asks for nothing.
    fn step(&mut self, road: &mut dyn Road, text: &str) -> Result<Option<Outcome>, String> {
        match text.split_whitespace().collect::<Vec<_>>()[..] {
            ["none"] => return Ok(None),
            ["wait"] => {
                road.settle(&self.names)?;
                return Ok(None);
            }
            ["wait", time] => {
                let millis = time.strip_suffix("ms").and_then(|t| t.parse().ok());
                road.pass(Duration::from_millis(millis.ok_or(text)?));
                return Ok(None);
            }
            _ => {}
        }
        let (name, step) = match text.split_once(" = ") {
            Some((name, step)) => (Some(name), step),
            None => (None, text),
        };
        // `NAME = DescribeX ... Field` binds a field of the first row.
        let (step, member) = match (name, step.rsplit_once(' ')) {
            (Some(_), Some((look, member))) if step.starts_with("Describe") => (look, Some(member)),
            _ => (step, None),
        };
        let step = self.filled(road, &step::long(step))?;
        let outcome = road.request(&step::request(&step, self.image)?);
        if let (Some(name), Ok(reply)) = (name, &outcome) {
            let made = match (reply, member) {
                (Reply::Rows(rows), Some(member)) => rows.fields.get(member).cloned(),
                (Reply::Rows(rows), None) => rows.ids.first().cloned(),
                (Reply::Change(answer), _) => made(answer),
            };
            self.names
                .bind(name, &made.ok_or(format!("`{text}` made nothing"))?);
        }
        Ok(Some(outcome))
    }

    /// Ids and fields in place of names: of the world now, or with `#0` of the beginning.
    fn filled(&self, road: &mut dyn Road, text: &str) -> Result<String, String> {
        let now = match super::names::has_fields(text) {
            true => road.world(&self.names)?,
            false => Arc::clone(&self.beginning),
        };
        let names = self.with_primaries();
        names.fill(text, &|what| match what.strip_suffix("#0") {
            Some(what) => field::raw(&self.beginning, &names, what),
            None => field::raw(&now, &names, what),
        })
    }

    fn judge_field(&self, expected: &str, now: &World) -> Result<(), String> {
        let (what, wanted) = expected
            .split_once('=')
            .ok_or(format!("what is `{expected}`?"))?;
        let names = self.with_primaries();
        let seen = field::named(now, &names, what)?;
        let wanted = names.fill(wanted, &|what| field::raw(&self.beginning, &names, what))?;
        let before = || field::named(&self.beginning, &names, what);
        let holds = match wanted.as_str() {
            "same" => seen == before()? && seen != NONE,
            "new" => before().is_ok_and(|b| b != seen) && seen != NONE,
            number if number.starts_with(['+', '-']) => {
                let by: i64 = number.parse().map_err(|_| expected.to_owned())?;
                let then: i64 = before()?.parse().map_err(|_| expected.to_owned())?;
                seen == (then + by).to_string()
            }
            value => seen == value,
        };
        match holds {
            true => Ok(()),
            false => Err(format!("expected {expected}, got {seen}")),
        }
    }

    /// `primary-A` is A's interface at index 0 at the beginning, for ever.
    fn with_primaries(&self) -> Names {
        let mut names = self.names.clone();
        for word in self
            .line
            .text
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        {
            if let Some(instance) = word.strip_prefix("primary-")
                && let Ok(id) = field::primary_of(&self.beginning, &self.names, instance)
            {
                names.bind(word, &id);
            }
        }
        names
    }
}

/// The id of what a call has made.
fn made(answer: &Answer) -> Option<String> {
    let texts = [
        answer.vpc_id.as_ref().map(ToString::to_string),
        answer.subnet_id.as_ref().map(ToString::to_string),
        answer.group_id.as_ref().map(ToString::to_string),
        answer.internet_gateway_id.as_ref().map(ToString::to_string),
        answer.nat_gateway_id.as_ref().map(ToString::to_string),
        answer.route_table_id.as_ref().map(ToString::to_string),
        answer
            .network_interface_id
            .as_ref()
            .map(ToString::to_string),
        answer.allocation_id.as_ref().map(ToString::to_string),
        answer.association_id.as_ref().map(ToString::to_string),
        answer
            .route_table_association_id
            .as_ref()
            .map(ToString::to_string),
        answer.attachment_id.as_ref().map(ToString::to_string),
        answer.instance_ids.first().map(ToString::to_string),
    ];
    texts.into_iter().flatten().next()
}

/// Judges what is said about the answer itself; `None` of anything else.
fn judge_outcome(
    expected: &str,
    outcome: Option<&Outcome>,
    names: &Names,
    texts: bool,
) -> Option<Result<(), String>> {
    let (head, value) = expected.split_once('=').unwrap_or((expected, ""));
    let rows = match outcome {
        Some(Ok(Reply::Rows(rows))) => Some(rows),
        _ => None,
    };
    let seen = match head {
        "unchanged" => return None,
        "found" => rows.map(|rows| {
            let mut found: Vec<_> = rows.ids.iter().map(|id| names.name_of(id)).collect();
            found.sort_unstable();
            found.join(" ")
        }),
        "count" => rows.map(|rows| rows.ids.len().to_string()),
        "token" => rows.map(|rows| if rows.token { "yes" } else { "no" }.to_owned()),
        "pages" => rows.map(|rows| {
            let sizes = rows.pages.iter().map(ToString::to_string);
            sizes.collect::<Vec<_>>().join(" ")
        }),
        _ => match head.strip_prefix("answer.") {
            Some(member) => answered(outcome, member, names),
            None if head.contains('.') && expected.contains('=') && !expected.contains('"') => {
                return None;
            }
            None => return Some(judge_code(expected, outcome, texts)),
        },
    };
    let seen = match (seen, outcome) {
        (Some(seen), _) => seen,
        (None, Some(Err(refusal))) => refusal.code.clone(),
        (None, _) => NONE.to_owned(),
    };
    let holds = seen == value || (value == "some" && seen != NONE);
    Some(match holds {
        true => Ok(()),
        false => Err(format!("expected {expected}, got {seen}")),
    })
}

/// A member of the answer, or of the first row.
fn answered(outcome: Option<&Outcome>, member: &str, names: &Names) -> Option<String> {
    let value = match outcome {
        Some(Ok(Reply::Rows(rows))) => rows.fields.get(member).cloned()?,
        Some(Ok(Reply::Change(answer))) => {
            let answer = serde_json::to_value(answer).ok()?;
            let value = match answer.get(member)? {
                serde_json::Value::Array(items) => {
                    return Some(items.len().to_string());
                }
                value => value,
            };
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        }
        _ => return None,
    };
    Some(names.name_of(&value).to_owned())
}

fn judge_code(expected: &str, outcome: Option<&Outcome>, texts: bool) -> Result<(), String> {
    let (code, text) = match expected.split_once(" \"") {
        Some((code, text)) => (code, Some(text.trim_end_matches('"'))),
        None => (expected, None),
    };
    let said = match outcome {
        None => "no call".to_owned(),
        Some(Ok(_)) => "ok".to_owned(),
        Some(Err(refusal)) => match (code.ends_with(|c: char| c.is_ascii_digit()), code) {
            (true, _) => format!("{} {}", refusal.code, refusal.status),
            // Any of EC2's own codes; a server that broke has refused nothing.
            (_, "refused") if refusal.status < 500 => "refused".to_owned(),
            _ => refusal.code.clone(),
        },
    };
    // Two codes where EC2's own documentation leaves it open.
    if !code.split(" or ").any(|one| one == said) {
        let message = match outcome {
            Some(Err(refusal)) => format!(" \"{}\"", refusal.message),
            _ => String::new(),
        };
        return Err(format!("expected {expected}, got {said}{message}"));
    }
    match (text, outcome) {
        (Some(text), Some(Err(refusal))) if texts && !refusal.message.contains(text) => Err(
            format!("expected {expected}, got {said} \"{}\"", refusal.message),
        ),
        _ => Ok(()),
    }
}

/// What the runner itself may rely on: a request is one of two things.
#[test]
fn steps_become_requests() {
    let of = |text: &str| step::request(&step::long(text), "ami-1").unwrap();
    let Request::Change(call, false) = of("stop S") else {
        panic!("no call");
    };
    assert_eq!(call.line(), "StopInstances InstanceId.1={S}");
    assert!(matches!(of("dry attach E B 1"), Request::Change(_, true)));
    assert!(matches!(of("DescribeVpcs"), Request::Look(_)));
}
