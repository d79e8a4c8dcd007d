//! One record a line: JSON with the operation's id and a checksum of everything before it.
//!
//! Invariants: a line that is not whole (the write was cut off) can only be the last one and is left
//! out; any other line that does not fit is an error, because nothing after it can be trusted.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Entry, Record};
use crate::ec2::time::Time;
use crate::failover::plan::Plan;

/// Version of the format.
const VERSION: u32 = 1;
/// What stands between a line's content and its checksum.
const CRC: &str = ",\"crc\":\"";
/// Length of `,"crc":"01234567"}`.
const TAIL: usize = CRC.len() + 10;

#[derive(Serialize)]
struct Written<'a> {
    v: u32,
    op: &'a str,
    #[serde(flatten)]
    record: &'a Record,
}

/// What every line says. It and the entry are read from the same text one after the other: a
/// flattened field would be copied twice before it is understood.
#[derive(Deserialize)]
struct Head {
    v: u32,
    op: String,
    seq: u64,
    wall: Time,
    kind: String,
}

/// The first record by far outweighs the rest: it is read without serde's copy of a tagged enum.
#[derive(Deserialize)]
struct Planned {
    plan: Arc<Plan>,
}

struct Read {
    v: u32,
    op: String,
    record: Record,
}

/// A journal as read.
#[derive(Clone, Debug, PartialEq)]
pub struct Journal {
    /// Id of the operation; empty when there is no record at all.
    pub op: String,
    /// The records, in order.
    pub records: Vec<Record>,
    /// Bytes of a torn last line that were left out.
    pub torn: usize,
    /// The last record lacks its newline: only that byte was cut off.
    pub unended: bool,
}

/// Why a journal cannot be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the journal {what}: only looking and undoing by hand are safe now")]
pub struct Untrusted {
    /// Counted from 1.
    pub line: usize,
    /// What does not fit.
    pub what: String,
}

/// The line of a record, without a newline.
pub fn encode(op: &str, record: &Record) -> Result<String, serde_json::Error> {
    let mut line = serde_json::to_string(&Written {
        v: VERSION,
        op,
        record,
    })?;
    // The closing brace comes again after the checksum.
    line.pop();
    let crc = crc32fast::hash(line.as_bytes());
    line.push_str(&format!("{CRC}{crc:08x}\"}}"));
    Ok(line)
}

/// Reads a whole journal.
pub fn decode(bytes: &[u8]) -> Result<Journal, Untrusted> {
    match readable(bytes) {
        (journal, None) => Ok(journal),
        (_, Some(why)) => Err(why),
    }
}

/// Reads a journal as far as it can be trusted, and why no further. Only for looking: an operation is
/// never concluded from a part.
pub fn readable(bytes: &[u8]) -> (Journal, Option<Untrusted>) {
    let mut journal = Journal {
        op: String::new(),
        records: Vec::new(),
        torn: 0,
        unended: false,
    };
    let mut lines = bytes
        .split_inclusive(|b| *b == b'\n')
        .enumerate()
        .peekable();
    while let Some((n, bytes)) = lines.next() {
        let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        match one(text) {
            Ok(read) => {
                if let Err(what) = add(&mut journal, read) {
                    return (journal, Some(Untrusted { line: n + 1, what }));
                }
                journal.unended = text.len() == bytes.len();
            }
            Err(_) if lines.peek().is_none() => journal.torn = bytes.len(),
            Err(what) => return (journal, Some(Untrusted { line: n + 1, what })),
        }
    }
    (journal, None)
}

/// What one line says, if it is a whole record.
pub fn last(line: &[u8]) -> Option<Entry> {
    one(line).ok().map(|read| read.record.entry)
}

fn one(line: &[u8]) -> Result<Read, String> {
    let at = line.len().checked_sub(TAIL).ok_or("is too short")?;
    let (content, tail) = line.split_at(at);
    let crc = format!("{CRC}{:08x}\"}}", crc32fast::hash(content));
    if tail != crc.as_bytes() {
        return Err("has a wrong checksum".to_owned());
    }
    let mut json = content.to_vec();
    json.push(b'}');
    read(&json).map_err(|e| format!("is not a record ({e})"))
}

fn read(json: &[u8]) -> Result<Read, serde_json::Error> {
    let head: Head = serde_json::from_slice(json)?;
    let Head {
        v, op, seq, wall, ..
    } = head;
    let entry = match &*head.kind {
        "plan" => {
            let Planned { plan } = serde_json::from_slice(json)?;
            Entry::Plan { plan }
        }
        _ => serde_json::from_slice(json)?,
    };
    let record = Record { seq, wall, entry };
    Ok(Read { v, op, record })
}

fn add(journal: &mut Journal, read: Read) -> Result<(), String> {
    if read.v != VERSION {
        return Err(format!(
            "has version {}, this program knows {VERSION}",
            read.v
        ));
    }
    let next = u64::try_from(journal.records.len()).unwrap_or(u64::MAX);
    if read.record.seq != next {
        return Err(format!("has number {}, {next} is due", read.record.seq));
    }
    if journal.records.is_empty() {
        journal.op = read.op;
    } else if journal.op != read.op {
        return Err(format!("belongs to operation {}", read.op));
    }
    journal.records.push(read.record);
    Ok(())
}
