//! One table of keys: action, scope, chords, words. Footer, help, palette and README derive from it.
//!
//! Invariant: no single letter that a split escape sequence can produce (`[`, `O`, `A` to `D`, `H`,
//! `F`) changes anything.
