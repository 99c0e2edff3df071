//! The kinds of jobs, without an engine around them.
#![expect(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

mod census;
mod crashes;
mod faults;
mod lab;
mod payloads;
mod samples;
mod scenes;
mod waits;
