//! Jobs: their kinds without an engine, and real processes that carry them out.
#![expect(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

mod census;
mod crashes;
mod faults;
mod lab;
mod payloads;
mod place;
mod processes;
mod requests;
mod samples;
mod scenes;
mod waits;
