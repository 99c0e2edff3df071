//! The kinds of jobs, without an engine around them.
#![expect(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

mod payloads;
mod samples;
