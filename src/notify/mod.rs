//! Tells others of ends of jobs and of leases.
//!
//! What is to be told is in the store's outbox, which is written in the step that ends a job or a
//! lease. A [`Courier`] tells it: at least once, later again if need be, and without holding up
//! anything.

mod counters;
mod courier;
mod event;
mod guard;
mod send;
mod sign;
mod view;

pub use counters::Counters;
pub use courier::Courier;
pub use view::{NotifierView, Trial, list, test};
