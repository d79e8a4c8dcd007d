//! Where a served world comes from, so that it can begin again.

use std::time::Duration;

use crate::sim::Sim;
use crate::sim::timings::Range;
use crate::sim::worldfile::WorldFileError;

/// A world file's text, and what the command line says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Names the text in errors.
    pub file: String,
    /// The world file.
    pub text: String,
    /// Seed of the simulator.
    pub seed: u64,
    /// How long each attach takes, if not as the file says.
    pub attach_time: Option<Duration>,
    /// How long each detach takes that is not forced.
    pub detach_time: Option<Duration>,
}

impl Origin {
    /// The world at its beginning.
    pub fn begin(&self) -> Result<Sim, WorldFileError> {
        let mut sim = Sim::load(&self.file, &self.text, self.seed)?;
        sim.set_timings(|timings| {
            if let Some(span) = self.attach_time {
                timings.attach = Range::exactly(span);
            }
            if let Some(span) = self.detach_time {
                timings.detach = Range::exactly(span);
            }
        });
        Ok(sim)
    }
}
