//! The adapter on an in-process handler: the real SDK, no socket.
