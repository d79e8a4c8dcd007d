//! Paints a model. One file per screen region; colours only through theme roles.
//!
//! Invariants: no I/O and no clock; painting never changes the model; every state is a word or a
//! glyph before it is a colour; every string from outside goes through [`crate::tui`]'s sanitiser.
