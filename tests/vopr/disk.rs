//! The journal's file on a disk that loses what was not synced, tears the last line, fails or is
//! full.
//!
//! Invariants: lines become durable in order; after a failure the file takes no further line (as
//! `store::journal` promises); what a crash leaves behind is the durable bytes and any part of what
//! had been written after them. What the next process finds there is known without reading it;
//! reading it finds the same.

use enipilot::failover::journal::line::{self, Journal};
use enipilot::failover::journal::{Entry, Record};

use super::dice::Dice;

#[derive(Clone, Debug)]
pub struct File {
    /// What is safe, whatever happens, as reading it tells. Its bytes follow from it, and are written
    /// out where somebody asks for them: that costs more than most events.
    journal: Journal,
    /// The part of a line behind it.
    torn: Vec<u8>,
    /// Written, not yet safe.
    pending: Vec<Record>,
    broken: bool,
}

impl File {
    pub fn new(op: &str) -> Self {
        Self {
            journal: Journal {
                op: op.to_owned(),
                records: Vec::new(),
                torn: 0,
                unended: false,
            },
            torn: Vec::new(),
            pending: Vec::new(),
            broken: false,
        }
    }

    /// What is durable.
    pub fn records(&self) -> &[Record] {
        &self.journal.records
    }

    /// The same as a journal; that its bytes read back alike is judged when the file is opened again.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    pub fn is_broken(&self) -> bool {
        self.broken
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }

    /// The line of a record, with its end.
    fn line(&self, record: &Record) -> Vec<u8> {
        let line = line::encode(&self.journal.op, record);
        let mut bytes = line.expect("a line").into_bytes();
        bytes.push(b'\n');
        bytes
    }

    /// What is safe, byte for byte.
    pub fn bytes(&self) -> Vec<u8> {
        let records = self.journal.records.iter();
        let mut bytes: Vec<u8> = records.flat_map(|record| self.line(record)).collect();
        if self.journal.unended {
            bytes.pop();
        }
        bytes.extend_from_slice(&self.torn);
        bytes
    }

    /// Writes a line; [`Self::sync`] makes it durable.
    pub fn write(&mut self, record: Record) {
        self.pending.push(record);
    }

    /// The record with this number, and all before it, are durable now. False if the file is broken.
    pub fn sync(&mut self, seq: u64) -> bool {
        if self.broken {
            return false;
        }
        let safe = self.pending.iter().take_while(|r| r.seq <= seq).count();
        self.journal.records.extend(self.pending.drain(..safe));
        true
    }

    /// The write or the sync has failed.
    pub fn fail(&mut self) {
        self.broken = true;
    }

    /// The process, or the machine, is gone: of what was not synced any part may be there.
    pub fn crash(&mut self, dice: &mut Dice) {
        let pending = std::mem::take(&mut self.pending);
        let lines: Vec<Vec<u8>> = pending.iter().map(|record| self.line(record)).collect();
        let written: usize = lines.iter().map(Vec::len).sum();
        let mut kept = dice.below(written as u64 + 1) as usize;
        for (record, mut line) in pending.into_iter().zip(lines) {
            let there = kept.min(line.len());
            kept -= there;
            match line.len() - there {
                0 => self.journal.records.push(record),
                1 => {
                    self.journal.records.push(record);
                    self.journal.unended = true;
                    break;
                }
                _ => {
                    line.truncate(there);
                    self.journal.torn = there;
                    self.torn = line;
                    break;
                }
            }
        }
        self.broken = false;
    }

    /// Its bytes tell what is known of it. Reading them costs more than most runs, so that they are
    /// really read only now and then.
    pub fn reads_back(&self, bytes: &[u8]) -> Result<(), String> {
        let found = decode(bytes)?;
        let known = &self.journal;
        let same = found.records == known.records;
        if !same || (found.torn, found.unended) != (known.torn, known.unended) {
            return Err(format!("it reads back as {found:?}"));
        }
        Ok(())
    }

    /// Opens it as the next process does, and takes the torn tail off.
    pub fn reopen(&mut self) {
        self.torn.clear();
        // A whole line that lacks only its end is ended, as `store::journal` does.
        (self.journal.torn, self.journal.unended) = (0, false);
    }

    /// The operation has begun, and nobody has brought it to an end.
    pub fn is_open(&self) -> bool {
        let planned = matches!(
            self.journal.records.first().map(|r| &r.entry),
            Some(Entry::Plan { .. })
        );
        planned && matches!(self.verdict(), None | Some("needs-person"))
    }

    /// The verdict, if it is durable.
    pub fn verdict(&self) -> Option<&str> {
        match self.journal.records.last().map(|r| &r.entry) {
            Some(Entry::Verdict { ending, .. }) => Some(ending),
            _ => None,
        }
    }
}

/// Reads it, as the next process does.
pub fn decode(bytes: &[u8]) -> Result<Journal, String> {
    line::decode(bytes).map_err(|e| e.to_string())
}
