//! Requests, a line each, on one world: every answer is XML, and the world stays sound.
#![no_main]

use std::time::Duration;

use enipilot::sim::Sim;
use enipilot::sim::worldfile::EMBEDDED;
use enipilot::wire::answer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|requests: &[u8]| {
    let (name, text) = EMBEDDED[0];
    let mut sim = Sim::load(name, text, 1).expect("it comes with the program");
    for (serial, body) in (0..).zip(requests.split(|byte| *byte == b'\n')) {
        let now = sim.now() + Duration::from_millis(500);
        let reply = answer(&mut sim, now, serial, body);
        assert!(reply.body.starts_with("<?xml"));
        assert!(reply.body.chars().all(|c| c >= ' ' || matches!(c, '\t' | '\n')));
    }
    assert_eq!(sim.world().check_invariants(), Vec::<String>::new());
});
