//! Work that changes clouds.
//!
//! Every change is a [`Work`]: it is stored as a job, carried out by a [`Worker`] of whichever
//! process has room, and seen by clients as a [`Job`] with steps and a result.

mod attempt;
mod backoff;
mod counters;
mod endings;
mod engine;
mod fair;
mod held;
mod job;
pub mod kinds;
mod run;
mod schedule;
mod upkeep;
mod view;
mod work;
mod worker;

pub use counters::Counters;
pub use engine::{
    Begun, JobFilter, JobHandle, JobWatcher, Jobs, Submission, is_other_request, other_request,
};
pub use job::{Job, JobState, JobStep, ResourceRef};
pub use kinds::Kinds;
pub use run::{Earlier, Note, Record, Recorded, Run};
pub use schedule::{Actor, Cadence, RUN_SCHEDULE, RunSchedule};
pub use upkeep::IDEMPOTENCY;
pub use work::{Outcome, Work};
pub use worker::Worker;
