//! Arguments, headless commands, text and JSON output.
//!
//! Invariants: parsing knows nothing of the world; a reading command never writes; a mutating
//! command takes ids only; a closed pipe is no error.
