//! The driver on the wire: what it asks, and what it makes of the real replies of a control plane.
//! What fails on the way is in `faults`.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "wire/errors.rs"]
mod errors;
#[path = "wire/flavors.rs"]
mod flavors;
#[path = "wire/golden.rs"]
mod golden;
#[path = "wire/login.rs"]
mod login;
#[path = "wire/networks.rs"]
mod networks;
#[path = "wire/nodes.rs"]
mod nodes;
#[path = "wire/resources.rs"]
mod resources;
