//! History: inputs and checkpoints, from the first moment.
