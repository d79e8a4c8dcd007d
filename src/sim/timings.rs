//! How long transitions take.
