//! What a record of the journal costs: one line appended and made durable, on the file system of the
//! build directory. An operation makes about twenty.

#![allow(missing_docs, clippy::unwrap_used)]

use std::time::{Duration, Instant};

use divan::Bencher;
use enipilot::ec2::time::Time;
use enipilot::failover::journal::{Entry, Record, line};
use enipilot::store::dir::StateDir;
use enipilot::store::journal::JournalFile;
use enipilot::store::ops;

/// Records of the table of quantiles: the hundredth part of them is slower than its p99.
const RECORDS: u64 = 2_000;

fn main() {
    quantiles();
    divan::main();
}

/// What the slow ones cost: a single look at the median hides the disk that pauses now and then.
fn quantiles() {
    let home = home();
    let dir = StateDir::open(home.path()).unwrap();
    let mut journal = journal(&dir, "bbbb");
    let mut took: Vec<Duration> = (0..RECORDS)
        .map(|seq| {
            let line = note(seq);
            let began = Instant::now();
            journal.append(&line).unwrap();
            began.elapsed()
        })
        .collect();
    took.sort_unstable();
    let micros = |share: f64| took[(share * (took.len() - 1) as f64) as usize].as_micros();
    println!(
        "append and fdatasync, {RECORDS} records: median {} us, p99 {} us, slowest {} us",
        micros(0.5),
        micros(0.99),
        micros(1.0)
    );
}

fn home() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

fn note(seq: u64) -> String {
    let text = "a look had no answer; looking again".to_owned();
    let wall = Time::from_millis(1_773_280_813_000);
    let entry = Entry::Note { text };
    line::encode("7f3a", &Record { seq, wall, entry }).unwrap()
}

fn journal(dir: &StateDir, op: &str) -> JournalFile {
    let now = Time::from_millis(1_773_280_813_000);
    JournalFile::create(dir, now, &"eni-0c1d52aa7be03f9a1".into(), op).unwrap()
}

/// The line is made, without the disk.
#[divan::bench]
fn encode(bencher: Bencher) {
    bencher.bench(|| note(divan::black_box(7)));
}

/// Write and `fdatasync`, as before every call and after every answer.
#[divan::bench(max_time = 3)]
fn append_and_sync(bencher: Bencher) {
    let home = home();
    let dir = StateDir::open(home.path()).unwrap();
    let mut journal = journal(&dir, "aaaa");
    let line = note(7);
    bencher.bench_local(|| journal.append(&line).unwrap());
}

/// Created, reserved, and made durable with its directory: once an operation.
#[divan::bench(max_time = 3)]
fn create(bencher: Bencher) {
    let home = home();
    let dir = StateDir::open(home.path()).unwrap();
    let mut n = 0;
    bencher.bench_local(|| {
        n += 1;
        journal(&dir, &format!("{n:08x}"))
    });
}

/// What every command does first: fifty ended operations, none left open.
#[divan::bench]
fn look_for_open_operations(bencher: Bencher) {
    let home = home();
    let dir = StateDir::open(home.path()).unwrap();
    let wall = Time::from_millis(1_773_280_813_000);
    for n in 0..50 {
        let op = format!("{n:08x}");
        let mut journal = journal(&dir, &op);
        for seq in 0..20 {
            journal.append(&note(seq)).unwrap();
        }
        let entry = Entry::Verdict {
            ending: "done".to_owned(),
            text: String::new(),
        };
        let seq = 20;
        let record = Record { seq, wall, entry };
        journal
            .append(&line::encode(&op, &record).unwrap())
            .unwrap();
    }
    bencher.bench_local(|| assert!(ops::open(&dir).unwrap().is_empty()));
}
