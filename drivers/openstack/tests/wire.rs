//! The driver on the wire: real replies of a control plane, and what goes wrong on the way.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "wire/errors.rs"]
mod errors;
#[path = "wire/faults.rs"]
mod faults;
#[path = "wire/golden.rs"]
mod golden;
#[path = "wire/login.rs"]
mod login;
#[path = "wire/nodes.rs"]
mod nodes;
#[path = "wire/resources.rs"]
mod resources;
#[path = "../../http/tests/support/mod.rs"]
mod support;
