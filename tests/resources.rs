//! The life of every kind of resource over HTTP.
#![expect(clippy::expect_used, reason = "a test ends where its ground gives way")]

mod common;

#[path = "resources/addresses.rs"]
mod addresses;
#[path = "resources/bare.rs"]
mod bare;
#[path = "resources/faults.rs"]
mod faults;
#[path = "resources/key_pairs.rs"]
mod key_pairs;
#[path = "resources/networks.rs"]
mod networks;
#[path = "resources/routers.rs"]
mod routers;
#[path = "resources/security_groups.rs"]
mod security_groups;
#[path = "resources/snapshots.rs"]
mod snapshots;
#[path = "resources/support.rs"]
mod support;
#[path = "resources/volumes.rs"]
mod volumes;
