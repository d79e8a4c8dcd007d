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
    /// Safe, whatever happens.
    durable: Vec<u8>,
    /// What is in it, as reading it tells.
    journal: Journal,
    /// Written, not yet safe.
    pending: Vec<(Record, Vec<u8>)>,
    broken: bool,
}

impl File {
    pub fn new(op: &str) -> Self {
        Self {
            durable: Vec::new(),
            journal: Journal {
                op: op.to_owned(),
                records: Vec::new(),
                torn: 0,
                unended: false,
            },
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
        String::from_utf8_lossy(&self.durable).into_owned()
    }

    /// Writes a line; [`Self::sync`] makes it durable.
    pub fn write(&mut self, record: Record) {
        let mut bytes = line::encode(&self.journal.op, &record)
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
            self.journal.records.push(record);
        }
        true
    }

    /// The write or the sync has failed.
    pub fn fail(&mut self) {
        self.broken = true;
    }

    /// The process, or the machine, is gone: of what was not synced any part may be there.
    pub fn crash(&mut self, dice: &mut Dice) {
        let pending = std::mem::take(&mut self.pending);
        let written: usize = pending.iter().map(|(_, bytes)| bytes.len()).sum();
        let mut kept = dice.below(written as u64 + 1) as usize;
        for (record, bytes) in pending {
            let there = kept.min(bytes.len());
            kept -= there;
            self.durable.extend_from_slice(&bytes[..there]);
            match bytes.len() - there {
                0 => self.journal.records.push(record),
                1 => {
                    self.journal.records.push(record);
                    self.journal.unended = true;
                    break;
                }
                _ => {
                    self.journal.torn = there;
                    break;
                }
            }
        }
        self.broken = false;
    }

    /// Opens it as the next process does, and takes the torn tail off. Reading it costs more than most
    /// runs, so that it is really read only now and then.
    pub fn reopen(&mut self, read: bool) -> Result<(), String> {
        if read {
            let found = self.decode(self.durable.len())?;
            let known = &self.journal;
            let same = found.records == known.records;
            if !same || (found.torn, found.unended) != (known.torn, known.unended) {
                return Err(format!("it reads back as {found:?}"));
            }
        }
        self.durable
            .truncate(self.durable.len() - self.journal.torn);
        // A whole line that lacks only its end is ended, as `store::journal` does.
        if self.journal.unended {
            self.durable.push(b'\n');
        }
        (self.journal.torn, self.journal.unended) = (0, false);
        Ok(())
    }

    /// The operation has begun, and nobody has brought it to an end.
    pub fn is_open(&self) -> bool {
        let planned = matches!(
            self.journal.records.first().map(|r| &r.entry),
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
        match self.journal.records.last().map(|r| &r.entry) {
            Some(Entry::Verdict { ending, .. }) => Some(ending),
            _ => None,
        }
    }
}
