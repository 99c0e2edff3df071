//! Leases of nodes: until when a node may be there, whose it is, and whether it may be destroyed.
//!
//! A lease is known to the store alone; the cloud has never heard of it. A [`Reaper`] destroys what
//! has outlived its lease.

mod counters;
mod reaper;
mod sweep;
mod terms;
mod view;

pub use counters::Counters;
pub use reaper::Reaper;
pub use terms::{LeaseTerms, Leased, check_end};
pub use view::{Lease, LeaseState, LeaseView, NodePage, NodeView};
