//! The behaviour that every driver is held to, as one runnable suite.
//!
//! Each bullet at a method of the contract is the name of a [`Case`]. A [`Target`] says which driver
//! is judged and how; [`run`] gives a [`Report`]; [`main_for`] makes a test binary of it.
//!
//! Besides what a case asserts, everything that the driver answers is held against what must always
//! hold (a node is on the cloud that was asked, its `public_ips` agree with its addresses, a page
//! holds no more than was asked for ...). Whatever a case makes is removed, however the case ends.
//! A case is skipped where the cloud lacks a capability that the case needs, and for no other
//! reason.
#![warn(missing_docs)]

mod bench;
mod case;
mod cases;
mod cleanup;
mod failure;
mod harness;
mod invariants;
mod journal;
mod paging;
mod picks;
mod report;
mod shared;
mod suite;
mod target;
mod things;
mod witness;

pub use case::{Case, Need};
pub use cases::cases;
pub use failure::{Failure, Outcome};
pub use harness::{REPORT_DIR, Subject, main_for, main_for_all};
pub use report::{CaseReport, Report, Totals, Verdict, table};
pub use suite::{Suite, run};
pub use target::{Advance, Deviation, Pick, Target, Timeouts};
