//! The loop: terminal, clock, effects, engine task, poller, host of the simulator.
//!
//! Invariants: the only place that spawns, sleeps and reads clocks; nothing awaits I/O between a
//! key and its frame; input is drained before a draw; a frame is one write.

pub mod stage;
