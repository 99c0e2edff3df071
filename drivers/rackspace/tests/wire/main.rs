//! What the driver makes of what Rackspace says, and of a wire that fails.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests shall break their test"
)]

mod input;
mod lab;
mod login;
mod nodes;
mod too_much;
