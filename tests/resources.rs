//! The life of every kind of resource over HTTP.
#![expect(clippy::expect_used, reason = "a test ends where its ground gives way")]

mod common;

#[path = "resources/faults.rs"]
mod faults;
#[path = "resources/key_pairs.rs"]
mod key_pairs;
#[path = "resources/support.rs"]
mod support;
#[path = "resources/volumes.rs"]
mod volumes;
