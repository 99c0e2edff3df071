//! What the driver makes of answers: of recorded ones, and of damaged ones.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot be read fails the test that reads it"
)]

mod golden;
mod mutations;
mod recorded;
