//! One HTTP door to every cloud a team has.
//!
//! Arrows point one way: `cli` speaks HTTP to `api`; `api` calls `orchestrator`; that uses `jobs`,
//! `leases` and `farm`; below all is the driver contract. `settings` is read at the start and at a reload.

pub mod api;
pub mod cli;
pub mod farm;
pub mod jobs;
pub mod leases;
pub mod logging;
pub mod memory;
pub mod notify;
pub mod orchestrator;
mod problem;
pub mod settings;
pub mod store;

pub use problem::Problem;
