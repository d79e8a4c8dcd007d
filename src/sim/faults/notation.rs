//! Faults as text: `throttle,stale=8s,lost=5%,late=2%:20s,hang-detach=db-primary,deny=Attach*@30s..60s`.
//!
//! An item is a name, for most with `=` and a value, and may end with the time during which it is on,
//! from `@30s` on or from `@30s..60s`. A world file says the same, a key for a name.
//!
//! Invariant: what is printed parses to the same; an error names the item, its place and a remedy.

use std::fmt;
use std::time::Duration;

use super::Faults;
use super::item::{Fault, Item, Share, Window};
use crate::ec2::call::Call;
use crate::sim::timings::Range;
use crate::sim::worldfile::{duration, nearest};

/// The longest that a read may lag, and the latest that a request may arrive.
const LAG_MAX: Duration = Duration::from_secs(300);
/// The longest delay of an answer.
const DELAY_MAX: Duration = Duration::from_secs(300);
/// The least time between two calls of a second operator.
const EVERY_LEAST: Duration = Duration::from_secs(1);
/// How often a second operator acts unless the item says so.
const EVERY: Duration = Duration::from_secs(20);

/// Names, what stands behind `=`, and what it does in a few words.
pub const NAMES: &[(&str, &str, &str)] = &[
    (
        "throttle",
        "[=5%]",
        "request tokens as EC2 counts them, or a share refused at random",
    ),
    ("stale", "=8s", "reads show a world up to 8 s old"),
    ("delay", "=1s or =1s..3s", "answers take that much longer"),
    ("lost", "=5%", "requests that never arrive"),
    (
        "unanswered",
        "=5%",
        "requests that are carried out, and whose answer is lost",
    ),
    (
        "late",
        "=2%:20s",
        "requests that arrive up to 20 s late, unanswered",
    ),
    (
        "twice",
        "=1%",
        "requests that arrive twice; the second answer is heard",
    ),
    (
        "deny",
        "=ACTION",
        "UnauthorizedOperation, for reads and DryRun too; Attach* for any ending",
    ),
    ("expired", "", "every call finds its credentials expired"),
    ("hang-detach", "=INSTANCE", "its detaches end only by Force"),
    (
        "hang-attach",
        "=INSTANCE",
        "what is attached to it stays `attaching`",
    ),
    (
        "never-up",
        "=INSTANCE",
        "its guest never sees what is attached",
    ),
    (
        "fail",
        "=INSTANCE",
        "its status checks fail, and it answers nobody",
    ),
    (
        "fail-zone",
        "=ZONE",
        "every instance in the zone fails, nothing in it answers",
    ),
    (
        "operator",
        "=ENI[:20s]",
        "somebody else moves the interface, about every 20 s",
    ),
    (
        "replace",
        "=INSTANCE",
        "Auto Scaling terminates it and launches another",
    ),
];

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("item {number} of the faults, `{item}`: {what}; expected {expected}")]
pub struct SpecError {
    /// Which item, from 1.
    pub number: usize,
    /// The item.
    pub item: String,
    /// What was found.
    pub what: String,
    /// What was expected.
    pub expected: String,
}

/// What was found, and what was expected.
type Wrong = (String, String);

impl Faults {
    /// Reads a list of items with commas between them; spaces around items do not matter.
    pub fn parse(text: &str) -> Result<Self, SpecError> {
        let mut items = Vec::new();
        for (n, item) in text.split(',').map(str::trim).enumerate() {
            let wrong = |(what, expected)| SpecError {
                number: n + 1,
                item: item.to_owned(),
                what,
                expected,
            };
            items.push(Item::parse(item).map_err(wrong)?);
        }
        Ok(Self(items))
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, item) in self.0.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            write!(f, "{comma}{item}")?;
        }
        Ok(())
    }
}

impl Item {
    /// Reads one item: what was found and what was expected, if it is none.
    pub fn parse(text: &str) -> Result<Self, (String, String)> {
        let (text, window) = match text.rsplit_once('@') {
            Some((item, at)) => (item, window(at)?),
            None => (text, Window::default()),
        };
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let fault = fault(name, value.filter(|v| !v.is_empty()))?;
        if matches!(fault, Fault::Replace(_)) && window.until.is_some() {
            let what = "a replacement that ends".to_owned();
            return Err((what, "only its beginning, such as `@30s`".to_owned()));
        }
        Ok(Self { fault, window })
    }
}

fn fault(name: &str, value: Option<&str>) -> Result<Fault, Wrong> {
    let needed = || {
        value.ok_or_else(|| {
            let known = NAMES.iter().find(|(known, ..)| *known == name);
            let form = known.map_or("=…", |(_, form, _)| *form);
            ("no value".to_owned(), format!("`{name}{form}`"))
        })
    };
    let named = || needed().map(Into::into);
    Ok(match name {
        "throttle" => match value {
            None => Fault::Throttle,
            Some(value) => Fault::Refuse(share(value)?),
        },
        "stale" => Fault::Stale(span(needed()?, Duration::ZERO, LAG_MAX)?),
        "delay" => Fault::Delay(spread(needed()?)?),
        "lost" => Fault::Lost(share(needed()?)?),
        "unanswered" => Fault::Unanswered(share(needed()?)?),
        "late" => {
            let value = needed()?;
            let both = value.split_once(':');
            let (part, most) = both.ok_or_else(|| {
                let what = format!("the value `{value}`");
                (what, "a share and a time such as `2%:20s`".to_owned())
            })?;
            Fault::Late(share(part)?, span(most, Duration::ZERO, LAG_MAX)?)
        }
        "twice" => Fault::Twice(share(needed()?)?),
        "deny" => Fault::Deny(pattern(needed()?)?.into()),
        "expired" => match value {
            None => Fault::Expired,
            Some(value) => {
                let what = format!("the value `{value}`");
                return Err((what, "`expired` alone, or `expired@30s..60s`".to_owned()));
            }
        },
        "hang-detach" => Fault::HangDetach(named()?),
        "hang-attach" => Fault::HangAttach(named()?),
        "never-up" => Fault::NeverUp(named()?),
        "fail" => Fault::Fail(named()?),
        "fail-zone" => Fault::FailZone(named()?),
        "operator" => match needed()?.rsplit_once(':') {
            None => Fault::Operator(needed()?.into(), EVERY),
            Some((eni, every)) => Fault::Operator(eni.into(), span(every, EVERY_LEAST, LAG_MAX)?),
        },
        "replace" => Fault::Replace(named()?),
        _ => return Err(unknown(name)),
    })
}

fn unknown(name: &str) -> Wrong {
    let names = || NAMES.iter().map(|(name, ..)| *name);
    let all: Vec<_> = names().collect();
    let hint = match nearest(name, names()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => String::new(),
    };
    (
        format!("there is no fault `{name}`"),
        format!("one of {}{hint}", all.join(", ")),
    )
}

fn share(text: &str) -> Result<Share, Wrong> {
    let wrong = || {
        let what = format!("the share `{text}`");
        (
            what,
            "a share from 0% to 100%, such as `5%` or `0.5%`".to_owned(),
        )
    };
    let number = text.strip_suffix('%').ok_or_else(wrong)?;
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 2 {
        return Err(wrong());
    }
    let hundredths: u32 = format!("{part:0<2}").parse().map_err(|_| wrong())?;
    let whole: u32 = whole.parse().ok().filter(|n| *n <= 100).ok_or_else(wrong)?;
    let share = Share(whole * 100 + hundredths);
    if share > Share::ALL {
        Err(wrong())
    } else {
        Ok(share)
    }
}

fn span(text: &str, least: Duration, most: Duration) -> Result<Duration, Wrong> {
    let found = duration(text).filter(|d| least <= *d && *d <= most);
    found.ok_or_else(|| {
        let most = most.as_secs();
        let what = format!("the time `{text}`");
        let expected = match least.as_secs() {
            0 => format!("a time up to {most}s, such as `8s` or `250ms`"),
            least => format!("a time from {least}s to {most}s, such as `20s`"),
        };
        (what, expected)
    })
}

fn spread(text: &str) -> Result<Range, Wrong> {
    let (least, most) = text.split_once("..").unwrap_or((text, text));
    let least = span(least, Duration::ZERO, DELAY_MAX)?;
    let most = span(most, Duration::ZERO, DELAY_MAX)?;
    if least <= most {
        return Ok(Range { least, most });
    }
    let what = format!("the range `{text}`");
    Err((what, "the shorter time first, such as `1s..3s`".to_owned()))
}

fn window(text: &str) -> Result<Window, Wrong> {
    let wrong = || {
        let what = format!("the window `@{text}`");
        let expected = "when it is on, such as `@30s` or `@30s..60s`";
        (what, expected.to_owned())
    };
    let (from, until) = match text.split_once("..") {
        None | Some((_, "")) => (text.trim_end_matches('.'), None),
        Some((from, until)) => (from, Some(duration(until).ok_or_else(wrong)?)),
    };
    let from = duration(from).ok_or_else(wrong)?;
    if until.is_some_and(|until| until <= from) {
        return Err(wrong());
    }
    Ok(Window { from, until })
}

/// An action, or the beginning of some with `*`.
fn pattern(text: &str) -> Result<&str, Wrong> {
    if actions().any(|action| matches_action(text, action)) {
        return Ok(text);
    }
    let hint = match nearest(text, actions()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => String::new(),
    };
    let what = format!("the action `{text}`");
    let expected = format!("an action such as `AttachNetworkInterface`, or `Attach*`{hint}");
    Err((what, expected))
}

/// Reads that can be denied; the wire answers these.
pub const READS: &[&str] = &[
    "DescribeAddresses",
    "DescribeAvailabilityZones",
    "DescribeInstanceAttribute",
    "DescribeInstanceStatus",
    "DescribeInstanceTypes",
    "DescribeInstances",
    "DescribeInternetGateways",
    "DescribeNatGateways",
    "DescribeNetworkInterfaceAttribute",
    "DescribeNetworkInterfaces",
    "DescribeRegions",
    "DescribeRouteTables",
    "DescribeSecurityGroupRules",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "DescribeTags",
    "DescribeVpcAttribute",
    "DescribeVpcs",
];

fn actions() -> impl Iterator<Item = &'static str> {
    Call::ACTIONS.iter().chain(READS).copied()
}

/// Whether an action is meant by a name or by the beginning of one.
pub fn matches_action(pattern: &str, action: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => action.starts_with(beginning),
        None => pattern == action,
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.fault)?;
        match (self.window.from, self.window.until) {
            (Duration::ZERO, None) => Ok(()),
            (from, None) => write!(f, "@{}", Told(from)),
            (from, Some(until)) => write!(f, "@{}..{}", Told(from), Told(until)),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Throttle => f.write_str("throttle"),
            Self::Refuse(share) => write!(f, "throttle={share}"),
            Self::Stale(bound) => write!(f, "stale={}", Told(*bound)),
            Self::Delay(range) if range.least == range.most => {
                write!(f, "delay={}", Told(range.least))
            }
            Self::Delay(range) => {
                write!(f, "delay={}..{}", Told(range.least), Told(range.most))
            }
            Self::Lost(share) => write!(f, "lost={share}"),
            Self::Unanswered(share) => write!(f, "unanswered={share}"),
            Self::Late(share, most) => write!(f, "late={share}:{}", Told(*most)),
            Self::Twice(share) => write!(f, "twice={share}"),
            Self::Deny(pattern) => write!(f, "deny={pattern}"),
            Self::Expired => f.write_str("expired"),
            Self::HangDetach(id) => write!(f, "hang-detach={id}"),
            Self::HangAttach(id) => write!(f, "hang-attach={id}"),
            Self::NeverUp(id) => write!(f, "never-up={id}"),
            Self::Fail(id) => write!(f, "fail={id}"),
            Self::FailZone(zone) => write!(f, "fail-zone={zone}"),
            Self::Operator(eni, EVERY) => write!(f, "operator={eni}"),
            Self::Operator(eni, every) => write!(f, "operator={eni}:{}", Told(*every)),
            Self::Replace(id) => write!(f, "replace={id}"),
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 100, self.0 % 100) {
            (whole, 0) => write!(f, "{whole}%"),
            (whole, part) => write!(f, "{whole}.{part:02}%"),
        }
    }
}

/// `8s` or `250ms`.
struct Told(Duration);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        if millis.is_multiple_of(1_000) {
            write!(f, "{}s", millis / 1_000)
        } else {
            write!(f, "{millis}ms")
        }
    }
}
