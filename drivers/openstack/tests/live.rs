//! What conformance does not ask: ways to log in, and what people get wrong, against a living
//! control plane. `tests/clouds/openstack/test` starts one and sets the environment.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "live/access.rs"]
mod access;
#[path = "live/faults.rs"]
mod faults;
#[path = "live/login.rs"]
mod login;
#[path = "live/nodes.rs"]
mod nodes;
#[path = "live/proxied.rs"]
mod proxied;
#[path = "live/versions.rs"]
mod versions;
