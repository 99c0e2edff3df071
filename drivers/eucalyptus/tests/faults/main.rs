//! The driver on a wire that fails: every fault ends in an error that says what it was and what it
//! may have left behind.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests shall break their test"
)]

mod answers;
mod births;
mod keys;
mod lookups;
mod wire;
