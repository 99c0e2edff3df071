//! What the driver does when the wire, or what is behind it, fails.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests shall break their test"
)]

mod agent;
mod answers;
mod changes;
mod input;
mod lab;
mod pages;
// The wire is the same whatever is spoken over it.
#[expect(dead_code, reason = "the drivers that share it use the rest")]
#[path = "../../../openstack/tests/faults/wire.rs"]
mod wire;
