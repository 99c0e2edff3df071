//! What the driver does when the wire, or what is behind it, fails.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests shall break their test"
)]

mod answers;
mod input;
mod lab;
mod pages;
mod tokens;
