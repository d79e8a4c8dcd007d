//! Fault simulation: the real engine, the real journal lines and the real simulator of EC2 on one
//! virtual clock, with everything between them that can go wrong drawn from one seed.
//!
//! The method is that of TigerBeetle's VOPR: a *safety* phase in which networks, disks, people and
//! processes fail at rates that the seed chooses (each 0, low or high), then a *liveness* phase
//! without faults in which everything must come to an end. After every event the laws of [`law`] are
//! checked against what the harness knows itself: the simulator's world and the bytes that are safe
//! on the disk, never the engine's word.
//!
//! Invariants: no clock, no file, no thread; the same seed gives the same events, byte for byte; a
//! breach is told with the seed, the rates, the events, the journal and a command that repeats it.

mod begin;
mod dice;
mod disk;
mod ec2;
mod ground;
mod law;
pub mod matrix;
mod op;
mod people;
mod process;
mod queue;
mod run;
mod script;
mod swarm;
mod view;
mod words;

pub use ground::Ground;
#[cfg(feature = "mutants")]
pub use run::caught;
pub use run::{Settings, fly, told};
