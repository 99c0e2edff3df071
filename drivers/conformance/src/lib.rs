//! The behaviour that every driver is held to, as one runnable suite.
