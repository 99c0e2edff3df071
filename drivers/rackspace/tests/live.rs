//! What conformance does not ask, against a living control plane behind Rackspace's kind of
//! identity. `tests/clouds/rackspace/test` starts them and sets the environment.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "live/access.rs"]
mod access;
#[path = "live/login.rs"]
mod login;
#[path = "live/nodes.rs"]
mod nodes;
