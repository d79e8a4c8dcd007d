//! One line of a lesson file as a goal.
//!
//! Invariant: whatever is not understood is an error that names the word and what could stand there.

use super::{Goal, OfClient, OfEni, OfInstance};
use crate::ec2::call::Call;
use crate::sim::worldfile::nearest;

/// Why a line is no goal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}; expected {expected}")]
pub struct GoalError {
    /// What was found.
    pub what: String,
    /// What could stand there.
    pub expected: String,
}

const SUBJECTS: &[&str] = &[
    "refused", "accepted", "moved", "eni", "instance", "eip", "route", "client", "subnet",
    "report", "still",
];

const OF_ENI: &[&str] = &[
    "available",
    "in-use",
    "gone",
    "on",
    "has",
    "addresses",
    "group",
    "no-group",
    "delete-on-termination",
    "source-dest-check",
];

const STATES: &[&str] = &[
    "pending",
    "running",
    "stopping",
    "stopped",
    "shutting-down",
    "terminated",
];

type Words<'a> = std::iter::Peekable<std::vec::IntoIter<&'a str>>;

impl Goal {
    /// Reads a goal. Names may not hold blanks; use the id of such a resource.
    pub fn parse(line: &str) -> Result<Self, GoalError> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut words = words.into_iter().peekable();
        let goal = subject(&mut words)?;
        match words.next() {
            None => Ok(goal),
            Some(more) => Err(error(
                format!("`{more}` is too much"),
                "the end of the goal",
            )),
        }
    }
}

fn subject(words: &mut Words) -> Result<Goal, GoalError> {
    Ok(match one_of(words, SUBJECTS)? {
        "refused" => {
            let action = action(words)?;
            Goal::Refused(action.into(), next(words, "EC2's code")?.into())
        }
        "accepted" => Goal::Accepted(action(words)?.into()),
        "moved" => {
            let eni = next(words, "an interface")?.to_owned();
            keyword(words, "to")?;
            Goal::Moved(eni, next(words, "an instance")?.to_owned())
        }
        "eni" => {
            let eni = next(words, "an interface")?.to_owned();
            Goal::Eni(eni, of_eni(words)?)
        }
        "instance" => {
            let instance = next(words, "an instance")?.to_owned();
            Goal::Instance(instance, of_instance(words)?)
        }
        "eip" => {
            let eip = next(words, "an Elastic IP")?.to_owned();
            let on = match one_of(words, &["on", "free"])? {
                "on" => Some(next(words, "an interface")?.to_owned()),
                _ => None,
            };
            Goal::Eip(eip, on)
        }
        "route" => {
            let cidr = next(words, "a range such as 172.31.99.0/24")?;
            keyword(words, "to")?;
            let eni = next(words, "an interface")?.to_owned();
            Goal::Route(
                cidr.into(),
                eni,
                one_of(words, &["active", "blackhole"])?.into(),
            )
        }
        "still" => Goal::Still(Box::new(subject(words)?)),
        "report" => {
            keyword(words, "written")?;
            Goal::Report
        }
        "client" => {
            let client = next(words, "a client")?.to_owned();
            Goal::Client(client, of_client(words)?)
        }
        _ => {
            let subnet = next(words, "a subnet")?.to_owned();
            keyword(words, "left")?;
            Goal::SubnetLeft(subnet, number(words)?)
        }
    })
}

fn of_eni(words: &mut Words) -> Result<OfEni, GoalError> {
    Ok(match one_of(words, OF_ENI)? {
        "gone" => OfEni::Gone,
        "on" => {
            let instance = next(words, "an instance")?.to_owned();
            let index = match words.peek() {
                Some(_) => Some(number(words)?),
                None => None,
            };
            OfEni::On(instance, index)
        }
        "has" => {
            let text = next(words, "a private address")?;
            let ip = text
                .parse()
                .map_err(|_| error(format!("`{text}`"), "an IPv4 address such as 10.0.1.50"))?;
            OfEni::Address(ip)
        }
        "addresses" => OfEni::Addresses(usize::try_from(number(words)?).unwrap_or(usize::MAX)),
        "group" => OfEni::Group(next(words, "a security group")?.to_owned(), true),
        "no-group" => OfEni::Group(next(words, "a security group")?.to_owned(), false),
        "delete-on-termination" => OfEni::DeleteOnTermination(flag(words)?),
        "source-dest-check" => OfEni::SourceDestCheck(flag(words)?),
        status => OfEni::Status(status.into()),
    })
}

fn of_instance(words: &mut Words) -> Result<OfInstance, GoalError> {
    let known: Vec<&str> = STATES
        .iter()
        .chain(&["type", "interfaces"])
        .copied()
        .collect();
    Ok(match one_of(words, &known)? {
        "type" => OfInstance::Type(next(words, "an instance type")?.into()),
        "interfaces" => {
            OfInstance::Interfaces(usize::try_from(number(words)?).unwrap_or(usize::MAX))
        }
        state => OfInstance::State(state.into()),
    })
}

fn of_client(words: &mut Words) -> Result<OfClient, GoalError> {
    Ok(
        match one_of(words, &["answered", "lost", "slowed", "full"])? {
            "slowed" => OfClient::Rate(false),
            "full" => OfClient::Rate(true),
            "answered" => {
                let by = match words.peek() {
                    Some(_) => {
                        keyword(words, "by")?;
                        Some(next(words, "an instance")?.to_owned())
                    }
                    None => None,
                };
                OfClient::Answered(by)
            }
            _ => OfClient::Lost(words.by_ref().collect::<Vec<_>>().join(" ")),
        },
    )
}

fn error(what: impl Into<String>, expected: impl Into<String>) -> GoalError {
    GoalError {
        what: what.into(),
        expected: expected.into(),
    }
}

fn next<'a>(words: &mut Words<'a>, expected: &str) -> Result<&'a str, GoalError> {
    words
        .next()
        .ok_or_else(|| error("the goal ends too early", expected))
}

fn one_of<'k>(words: &mut Words, known: &[&'k str]) -> Result<&'k str, GoalError> {
    let expected = known.join(", ");
    let word = next(words, &expected)?;
    known.iter().find(|k| **k == word).copied().ok_or_else(|| {
        let near = nearest(word, known.iter().copied());
        let hint = near.map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
        error(format!("`{word}`"), format!("one of {expected}{hint}"))
    })
}

fn keyword(words: &mut Words, word: &'static str) -> Result<(), GoalError> {
    one_of(words, &[word]).map(|_| ())
}

fn action(words: &mut Words) -> Result<&'static str, GoalError> {
    let word = next(words, "an action such as DetachNetworkInterface")?;
    let known = Call::ACTIONS.iter().find(|a| **a == word).copied();
    known.ok_or_else(|| {
        let near = nearest(word, Call::ACTIONS.iter().copied());
        let hint = near.map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
        let expected = format!("an action such as DetachNetworkInterface{hint}");
        error(format!("unknown action `{word}`"), expected)
    })
}

fn number(words: &mut Words) -> Result<u32, GoalError> {
    let word = next(words, "a whole number")?;
    word.parse()
        .map_err(|_| error(format!("`{word}`"), "a whole number"))
}

fn flag(words: &mut Words) -> Result<bool, GoalError> {
    Ok(one_of(words, &["on", "off"])? == "on")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn goals_are_read_and_said() {
        for (line, words) in [
            (
                "refused DetachNetworkInterface OperationNotPermitted",
                "EC2 refused DetachNetworkInterface: OperationNotPermitted",
            ),
            ("moved db to standby", "db was failed over to standby"),
            ("eni app available", "app is available"),
            ("eni app on web-2 1", "app is on web-2 at index 1"),
            ("eni app has 10.0.1.51", "app has 10.0.1.51"),
            ("eni app no-group sg-a", "app does not have group sg-a"),
            ("instance web-1 terminated", "web-1 is terminated"),
            ("eip vip free", "EIP vip is on nothing"),
            (
                "route 0.0.0.0/0 to nat blackhole",
                "route 0.0.0.0/0 to nat is blackhole",
            ),
            ("client app answered by b", "app is answered by b"),
            (
                "client app lost nobody holds",
                "app is not answered: nobody holds",
            ),
            ("subnet tiny left 0", "tiny has no address left"),
        ] {
            assert_eq!(Goal::parse(line).unwrap().words(), words, "{line}");
        }
    }

    #[test]
    fn what_is_no_goal_says_what_could_stand_there() {
        for (line, what) in [
            ("", "the goal ends too early; expected refused, accepted"),
            ("enj a gone", "`enj`; expected one of refused"),
            (
                "refused DetachNetworkInterfaces X",
                "did you mean `DetachNetworkInterface`?",
            ),
            ("eni a avialable", "did you mean `available`?"),
            ("eni a gone now", "`now` is too much"),
            ("eni a on b first", "`first`; expected a whole number"),
            ("eni a has 10.0.1", "expected an IPv4 address"),
        ] {
            let error = Goal::parse(line).unwrap_err().to_string();
            assert!(error.contains(what), "{line}: {error}");
        }
    }
}
