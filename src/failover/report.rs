//! The summary of an ended operation: what moved, what stayed, how long it took.
