//! How often each thing goes wrong in one run: never, now and then, or often, as the seed chooses.
//! Most runs lack most faults, so that each is met alone and together with every other.

use super::dice::Dice;

macro_rules! faults {
    ($($(#[$doc:meta])* $fault:ident $name:literal $low:literal $high:literal,)*) => {
        /// What can go wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Fault {$($(#[$doc])* $fault,)*}

        /// Its name, and how often it happens when it is low and when it is high.
        const ALL: &[(Fault, &str, u64, u64)] = &[$((Fault::$fault, $name, $low, $high),)*];
    };
}

faults! {
    /// A call or look is refused with RequestLimitExceeded; of a thousand.
    Throttle "throttle" 50 300,
    /// A call is lost on its way to EC2.
    LostBefore "lost-before" 50 300,
    /// A call takes effect, its answer is lost.
    LostAfter "lost-after" 50 300,
    /// A call without an answer takes effect up to 20 s later.
    Late "late" 50 300,
    /// A call arrives twice; the second answer comes back.
    Twice "twice" 50 300,
    /// The credentials are refused for a while; of a thousand looks and calls.
    Gap "credential-gap" 5 30,
    /// An action is forbidden from some moment on; of a thousand runs.
    Revoke "revoke" 50 200,
    /// A look fails.
    Blind "blind" 50 300,
    /// A look shows the world of up to 8 s ago.
    Stale "stale" 100 500,
    /// A look takes up to 30 s.
    SlowLook "slow-look" 20 100,
    /// Somebody looks in the background, and is heard up to 15 s later; of a thousand half seconds.
    Poller "poller" 50 300,
    /// A record is not made durable; the file is broken from then on.
    DiskFails "disk-fails" 10 100,
    /// A record takes up to 8 s.
    DiskSlow "disk-slow" 20 200,
    /// The process dies between two deeds of the engine.
    Crash "crash" 5 40,
    /// Somebody else moves, attaches, detaches or deletes it; of a thousand half seconds.
    Operator "operator" 8 40,
    /// Instances stop, start or are terminated.
    Fleet "fleet" 5 25,
    /// Tags, groups and Elastic IPs are changed.
    Identity "identity" 5 25,
    /// Commands that nobody asked for.
    Fingers "fingers" 20 100,
    /// Hang-ups and signals; the person is gone.
    Alone "alone" 2 20,
    /// Somebody begins another operation on the same interface; of a thousand half seconds.
    Rival "rival" 10 60,
    /// Detaches take 30 to 700 s; of a thousand runs.
    HungDetach "hung-detach" 200 600,
    /// The source never lets go unless it is forced or stopped; of a thousand runs.
    Clings "clings" 100 400,
    /// Attaches take 30 to 400 s.
    HungAttach "hung-attach" 200 600,
    /// The clock of the machine jumps while no process runs.
    Jump "clock-jump" 200 800,
}

/// The rates of one run.
#[derive(Clone, Debug)]
pub struct Swarm(Vec<u64>);

impl Swarm {
    /// Nothing goes wrong.
    pub fn calm() -> Self {
        Self(vec![0; ALL.len()])
    }

    /// One run in sixteen is calm; in the others each fault is absent two times out of three.
    pub fn draw(dice: &mut Dice) -> Self {
        if dice.below(16) == 0 {
            return Self::calm();
        }
        let rates = ALL.iter().map(|(_, _, low, high)| match dice.below(6) {
            0 => *low,
            1 => *high,
            _ => 0,
        });
        Self(rates.collect())
    }

    pub fn of(&self, fault: Fault) -> u64 {
        let at = ALL.iter().position(|(f, ..)| *f == fault);
        at.map_or(0, |n| self.0[n])
    }
}

impl std::fmt::Display for Swarm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut calm = true;
        for ((_, name, ..), rate) in ALL.iter().zip(&self.0) {
            if *rate > 0 {
                write!(f, "{}{name}={rate}", if calm { "" } else { " " })?;
                calm = false;
            }
        }
        if calm { f.write_str("calm") } else { Ok(()) }
    }
}
