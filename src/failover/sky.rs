//! Which EC2 answers: the simulator, a rehearsal, or a live endpoint.

use serde::{Deserialize, Serialize};

use crate::ec2::call::Call;
use crate::ec2::id::Str;

/// One of the three skies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The simulator on a world file.
    Sim,
    /// The simulator on a snapshot of a real account.
    Rehearsal,
    /// AWS, or any EC2-compatible endpoint.
    Live,
}

/// Where calls go. A plan names it; no call may go anywhere else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sky {
    /// Which of the three.
    pub kind: Kind,
    /// World name, or the moment of the snapshot; empty live.
    pub name: Str,
    /// Account, 12 digits.
    pub account: Str,
    /// Region.
    pub region: Str,
    /// Profile, if one was named.
    pub profile: Option<Str>,
    /// Endpoint, when it is not AWS's own.
    pub endpoint: Option<Str>,
    /// Mutating calls are allowed: always in the simulator, live only with `--allow-writes`.
    pub writes: bool,
}

impl Sky {
    /// The simulator on a world.
    pub fn sim(name: &str, account: &str, region: &str) -> Self {
        Self {
            kind: Kind::Sim,
            name: name.into(),
            account: account.into(),
            region: region.into(),
            profile: None,
            endpoint: None,
            writes: true,
        }
    }

    /// A live endpoint whose account, Region and endpoint are not known yet.
    pub fn live(profile: Option<Str>, writes: bool) -> Self {
        Self {
            kind: Kind::Live,
            name: "".into(),
            account: "".into(),
            region: "".into(),
            profile,
            endpoint: None,
            writes,
        }
    }

    /// The badge: `SIM two-am`, `LIVE READ-ONLY`, `LIVE WRITES`.
    pub fn badge(&self) -> String {
        match self.kind {
            Kind::Sim => format!("SIM {}", self.name),
            Kind::Rehearsal => format!("REHEARSAL {}", self.name),
            Kind::Live if self.writes => "LIVE WRITES".to_owned(),
            Kind::Live => "LIVE READ-ONLY".to_owned(),
        }
    }

    /// Stepping and pausing exist only where nothing real is unattached meanwhile.
    pub fn may_step(&self) -> bool {
        self.kind != Kind::Live
    }
}

impl Sky {
    /// The aws CLI line of a call, as it would have to be typed against this sky.
    pub fn aws_cli(&self, call: &Call) -> String {
        let mut line = call.aws_cli();
        if self.kind != Kind::Live {
            return line;
        }
        let mut option = |name: &str, value: &str| {
            line.push_str(&format!(" --{name} {}", shell_word(value)));
        };
        option("region", &self.region);
        if let Some(profile) = &self.profile {
            option("profile", profile);
        }
        if let Some(endpoint) = &self.endpoint {
            option("endpoint-url", endpoint);
        }
        line
    }
}

/// One word of a POSIX shell.
pub(super) fn shell_word(text: &str) -> String {
    let plain = !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_=,./:@%+".contains(&b));
    if plain {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
