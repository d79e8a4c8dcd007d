//! Saved worlds: a world file, and behind it everything that was put in since its beginning.
//!
//! Invariants: what is loaded is what was saved: the inventory, what is under way, chance, time, the
//! history and what can be taken back, because the same file, seed and inputs give the same history.
//! A world whose first inputs are forgotten is not saved at all.

use std::time::Duration;

use super::Sim;
use super::history::{INPUTS_MAX, Input};

/// What stands between the world file and the inputs.
pub(super) const MARK: &str =
    "\n# What has happened since, oldest first; loading this file does it again.\n[saved]\n";

/// What a simulator is begun with, besides a world file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Seed of everything that chance decides.
    pub seed: u64,
    /// How long each attach takes, in whole milliseconds, if not as the file says.
    pub attach_time: Option<Duration>,
    /// How long each detach takes that is not forced, in whole milliseconds.
    pub detach_time: Option<Duration>,
}

/// What a saved world adds to its world file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// What it was begun with.
    pub settings: Settings,
    /// What was put in, oldest first.
    pub inputs: Vec<Input>,
}

/// Why a world cannot be saved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaveError {
    /// Its beginning is forgotten.
    #[error("more than {INPUTS_MAX} calls and moments have passed, and the first are forgotten")]
    TooLong,
    /// Some input has no form as text.
    #[error("an input cannot be written down: {0}")]
    Unwritable(String),
}

impl Sim {
    /// The world as a file: `text` is the one that it was begun with.
    pub fn save(&self, text: &str) -> Result<String, SaveError> {
        if !self.history().is_whole() {
            return Err(SaveError::TooLong);
        }
        let text = text.rfind(MARK).map_or(text, |end| &text[..end]);
        let mut out = format!("{text}{MARK}");
        let Settings {
            seed,
            attach_time,
            detach_time,
        } = &self.settings;
        out += &format!("seed = \"{seed}\"\n");
        for (key, time) in [("attach_ms", attach_time), ("detach_ms", detach_time)] {
            if let Some(time) = time {
                out += &format!("{key} = {}\n", time.as_millis());
            }
        }
        out += "inputs = [\n";
        for input in self.history().inputs() {
            let input = serde_json::to_string(input);
            let input = input.map_err(|error| SaveError::Unwritable(error.to_string()))?;
            out += &format!("  {},\n", toml::Value::String(input));
        }
        out += "]\n";
        Ok(out)
    }

    /// Puts in again what was put in; the number of an input that the world does not take, from 1.
    pub(super) fn replay<'a>(
        &mut self,
        inputs: impl Iterator<Item = &'a Input>,
    ) -> Result<(), usize> {
        for (n, input) in inputs.enumerate() {
            let taken = match input {
                Input::Call(at, call) => {
                    // A refusal happens again, too.
                    let _ = self.call(call);
                    *at
                }
                Input::Advance(to) => {
                    self.advance(*to);
                    *to
                }
                Input::Inject(at, item) => {
                    self.inject(item).map_err(|_| n + 1)?;
                    *at
                }
                Input::Calm(at) => {
                    self.calm();
                    *at
                }
                Input::TakeOut(at, number) => {
                    let done = self.take_out(*number);
                    done.then_some(*at).ok_or(n + 1)?
                }
                Input::Ask(at, caller, ask) => {
                    self.fate(caller, ask);
                    *at
                }
                Input::Late(at, call, after) => {
                    self.call_later(call, *after);
                    *at
                }
            };
            if taken != self.now() {
                return Err(n + 1);
            }
        }
        Ok(())
    }
}
