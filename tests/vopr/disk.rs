//! The journal's file on a disk that loses what was not synced, tears the last line, fails or is
//! full.
//!
//! Invariants: lines become durable in order; after a failure the file takes no further line (as
//! `store::journal` promises); what a crash leaves behind is the durable bytes and any part of what
//! had been written after them.

use enipilot::failover::journal::line::{self, Journal};
use enipilot::failover::journal::{Entry, Record};

use super::dice::Dice;

#[derive(Clone, Debug)]
pub struct File {
    op: String,
    /// Safe, whatever happens.
    durable: Vec<u8>,
    /// The records in it.
    records: Vec<Record>,
    /// Written, not yet safe.
    pending: Vec<(Record, Vec<u8>)>,
    broken: bool,
}

impl File {
    pub fn new(op: &str) -> Self {
        Self {
            op: op.to_owned(),
            durable: Vec::new(),
            records: Vec::new(),
            pending: Vec::new(),
            broken: false,
        }
    }

    /// What is durable.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The same as a journal; that its bytes read back alike is judged when the file is opened again.
    pub fn journal(&self) -> Journal {
        Journal {
            op: self.op.clone(),
            records: self.records.clone(),
            torn: 0,
            unended: false,
        }
    }

    pub fn is_broken(&self) -> bool {
        self.broken
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.durable).into_owned()
    }

    /// Writes a line; [`Self::sync`] makes it durable.
    pub fn write(&mut self, record: Record) {
        let mut bytes = line::encode(&self.op, &record)
            .expect("a line")
            .into_bytes();
        bytes.push(b'\n');
        self.pending.push((record, bytes));
    }

    /// The record with this number, and all before it, are durable now. False if the file is broken.
    pub fn sync(&mut self, seq: u64) -> bool {
        if self.broken {
            return false;
        }
        while self.pending.first().is_some_and(|(r, _)| r.seq <= seq) {
            let (record, bytes) = self.pending.remove(0);
            self.durable.extend_from_slice(&bytes);
            self.records.push(record);
        }
        true
    }

    /// The write or the sync has failed.
    pub fn fail(&mut self) {
        self.broken = true;
    }

    /// The process, or the machine, is gone: of what was not synced any part may be there.
    pub fn crash(&mut self, dice: &mut Dice) {
        let rest: Vec<u8> = self.pending.drain(..).flat_map(|(_, b)| b).collect();
        let kept = dice.below(rest.len() as u64 + 1) as usize;
        self.durable.extend_from_slice(&rest[..kept]);
        self.broken = false;
    }

    /// Reads it as the next process does, and takes the torn tail off.
    pub fn reopen(&mut self) -> Result<Journal, String> {
        let journal = self.decode(self.durable.len())?;
        self.durable.truncate(self.durable.len() - journal.torn);
        // A whole line that lacks only its end is ended, as `store::journal` does.
        if journal.unended {
            self.durable.push(b'\n');
        }
        self.records.clone_from(&journal.records);
        Ok(journal)
    }

    /// The operation has begun, and nobody has brought it to an end.
    pub fn is_open(&self) -> bool {
        let planned = matches!(
            self.records.first().map(|r| &r.entry),
            Some(Entry::Plan { .. })
        );
        planned && matches!(self.verdict(), None | Some("needs-person"))
    }

    /// Reads the first bytes of it.
    pub fn decode(&self, bytes: usize) -> Result<Journal, String> {
        line::decode(&self.durable[..bytes]).map_err(|e| e.to_string())
    }

    /// Bytes that are safe.
    pub fn len(&self) -> usize {
        self.durable.len()
    }

    /// The verdict, if it is durable.
    pub fn verdict(&self) -> Option<&str> {
        match self.records.last().map(|r| &r.entry) {
            Some(Entry::Verdict { ending, .. }) => Some(ending),
            _ => None,
        }
    }
}
