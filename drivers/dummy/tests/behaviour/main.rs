//! The dummy cloud as a client sees it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod core;
mod extensions;
mod faults;
mod state_file;
mod state_machine;
mod support;
