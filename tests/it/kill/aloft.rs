//! What happens to a process while its operation is under way: EC2 detaches, or attaches, and goes
//! on only when the case says so.

use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use serde_json::json;

use super::pilot::{Ended, Pilot, code};
use super::{screen, way};
use crate::support::gate::Hold;
use crate::support::lines::Lines;
use crate::support::served::{HELD, Served};

/// What EC2 is at.
#[derive(Clone, Copy)]
pub struct Phase {
    /// Ends in `ing`, as EC2's own word does.
    pub word: &'static str,
    /// How long detach and attach take.
    pub times: [&'static str; 2],
    /// The call that has just been accepted, where it takes time.
    call: &'static str,
    /// The call that is held on the road, where it takes none.
    pub held: Option<Hold>,
}

const QUICK: &str = "100ms";

const fn on_the_road(word: &'static str, call: u32, answer: bool) -> Phase {
    Phase {
        word,
        times: [QUICK, QUICK],
        call: "",
        held: Some(Hold { call, answer }),
    }
}

const PHASES: [Phase; 5] = [
    Phase {
        word: "detaching",
        times: [HELD, QUICK],
        call: "DetachNetworkInterface",
        held: None,
    },
    Phase {
        word: "attaching",
        times: [QUICK, HELD],
        call: "AttachNetworkInterface",
        held: None,
    },
    on_the_road("asking", 1, false),
    on_the_road("answering", 1, true),
    on_the_road("halfway", 2, false),
];

impl Phase {
    pub fn of(words: &[String]) -> Option<Self> {
        let mut all = PHASES.into_iter();
        all.find(|phase| words.iter().any(|word| word == phase.word))
    }

    /// Waits until it has come to this.
    pub fn reached(self, served: &Served) {
        match self.held {
            None => served.wait_for(self.call),
            Some(_) => served.wait_until_held(),
        }
    }
}

/// A failover that waits for EC2.
struct Aloft {
    child: Child,
    said: Lines,
}

impl Aloft {
    fn start(pilot: &Pilot, phase: Phase, mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let said = Lines::of(child.stderr.take().unwrap());
        phase.reached(pilot.served);
        Self { child, said }
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    fn lands(mut self, exits: i32) {
        let status = self.child.wait().unwrap();
        let all = self.said.all();
        assert_eq!(code(status), exits, "{all}");
    }
}

impl Drop for Aloft {
    fn drop(&mut self) {
        // A case that failed must not leave its process behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Lets it happen; the process is expected to end with this code.
pub fn happen(pilot: &Pilot, what: &str, phase: Phase, exits: i32) {
    match what {
        "SIGTERM" => signalled(pilot, phase, Signal::TERM, what, exits),
        "SIGINT" => signalled(pilot, phase, Signal::INT, what, exits),
        "SIGQUIT" => signalled(pilot, phase, Signal::QUIT, what, exits),
        "SIGTSTP" => stopped(pilot, phase, exits),
        "SIGHUP" => signalled(pilot, phase, Signal::HUP, what, exits),
        "full-disk" => full_disk(pilot, phase, exits),
        "closed-pipes" => closed_pipes(pilot, phase, exits),
        "no-streams" => no_streams(pilot, phase, exits),
        "second-process" => second_process(pilot, phase, exits),
        "permission-revoked" => permission_revoked(pilot, phase, exits),
        "endpoint-gone" => endpoint_gone(pilot, phase, exits),
        other => screen::happen(pilot, other, phase, exits),
    }
}

fn signalled(pilot: &Pilot, phase: Phase, signal: Signal, name: &str, exits: i32) {
    let aloft = Aloft::start(pilot, phase, pilot.failover());
    kill_process(aloft.pid(), signal).unwrap();
    aloft.said.wait_for(&format!("alone: {name}; finishing: "));
    pilot.served.release();
    aloft.lands(exits);
}

/// Ctrl-Z stops nothing: were the process to stand still, it would never end.
fn stopped(pilot: &Pilot, phase: Phase, exits: i32) {
    let aloft = Aloft::start(pilot, phase, pilot.failover());
    kill_process(aloft.pid(), Signal::TSTP).unwrap();
    pilot.served.release();
    aloft.lands(exits);
}

/// From here on the disk takes forty bytes, less than a record: the next one is torn, and every
/// write behind it fails. A limit of the process stands for the full disk: the kernel refuses the
/// same `write(2)` in the same place, and no test has to be root to mount anything.
fn full_disk(pilot: &Pilot, phase: Phase, exits: i32) {
    let aloft = Aloft::start(pilot, phase, pilot.failover());
    let (journal, _) = pilot.journals().remove(0);
    let most = std::fs::metadata(journal).unwrap().len() + 40;
    let limit = Rlimit {
        current: Some(most),
        maximum: Some(most),
    };
    prlimit(Some(aloft.pid()), Resource::Fsize, limit).unwrap();
    pilot.served.release();
    aloft.lands(exits);
}

/// Whoever read its lines has gone away, as `| head -1` does.
fn closed_pipes(pilot: &Pilot, phase: Phase, exits: i32) {
    let mut child = pilot.failover().spawn().unwrap();
    phase.reached(pilot.served);
    drop(child.stderr.take());
    drop(child.stdout.take());
    pilot.served.release();
    assert_eq!(code(child.wait().unwrap()), exits);
}

/// Started without stdin, stdout and stderr, as from a broken daemon.
fn no_streams(pilot: &Pilot, phase: Phase, exits: i32) {
    let failover = pilot.failover();
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", "exec \"$0\" \"$@\" <&- >&- 2>&-"])
        .arg(failover.get_program())
        .args(failover.get_args())
        .env_clear()
        .envs(failover.get_envs().filter_map(|(k, v)| Some((k, v?))))
        .stdin(Stdio::null());
    let mut child = command.spawn().unwrap();
    phase.reached(pilot.served);
    pilot.served.release();
    assert_eq!(code(child.wait().unwrap()), exits);
}

/// Nobody else begins on the interface, resumes the operation or takes it back meanwhile; everybody
/// is told who is at it.
fn second_process(pilot: &Pilot, phase: Phase, exits: i32) {
    let aloft = Aloft::start(pilot, phase, pilot.failover());
    let pid = aloft.child.id();
    let listed = pilot.listed();
    let op = listed[0]["Operation"].as_str().unwrap();
    let rivals = [
        pilot.failover(),
        pilot.opposite(),
        pilot.ops("resume", op, &["--allow-writes"]),
        pilot.ops("resume", op, &["--put-back", "--allow-writes"]),
        pilot.ops("abandon", op, &[]),
    ];
    // All at once: one after the other they would outlast what the operation waits for.
    let begun = rivals.map(|mut rival| (format!("{rival:?}"), rival.spawn().unwrap()));
    for (said, rival) in begun {
        let ended = Ended::of(rival.wait_with_output().unwrap());
        assert_eq!(ended.code, 6, "{said}: {}", ended.err);
        assert!(
            ended.err.contains(&format!("process {pid} on ")),
            "{said}: {}",
            ended.err
        );
    }
    pilot.served.release();
    aloft.lands(exits);
}

/// What comes next is not allowed any more once the first call is on its way.
fn permission_revoked(pilot: &Pilot, phase: Phase, exits: i32) {
    let aloft = Aloft::start(pilot, phase, pilot.failover());
    let denied = format!("deny={}", way::call(pilot.way));
    pilot.served.faults(&json!({ "Add": denied }));
    pilot.served.release();
    aloft.lands(exits);
}

/// Nobody answers for a while.
fn endpoint_gone(pilot: &Pilot, phase: Phase, exits: i32) {
    let aloft = Aloft::start(pilot, phase, pilot.failover());
    pilot.served.faults(&json!({ "Add": "lost=100%" }));
    pilot.served.release();
    aloft.said.wait_for("could not look");
    pilot.served.faults(&json!({ "Clear": true }));
    aloft.lands(exits);
}
