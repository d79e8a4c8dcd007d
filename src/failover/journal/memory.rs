//! A journal in memory, for SIM and REHEARSAL: nothing real is unattached if it is lost.

use super::{Durable, Record, line};

/// Keeps the lines exactly as a file would.
#[derive(Clone, Debug, Default)]
pub struct MemoryJournal {
    text: String,
}

impl MemoryJournal {
    /// Adds a record.
    pub fn append(&mut self, op: &str, record: &Record) -> Result<(), serde_json::Error> {
        self.text.push_str(&line::encode(op, record)?);
        self.text.push('\n');
        Ok(())
    }

    /// What a file would hold.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Durable for MemoryJournal {
    fn is_open(&self) -> bool {
        true
    }
}
