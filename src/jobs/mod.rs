//! Work that changes clouds.
//!
//! Every change is a [`Work`]: it is submitted, carried out on the process's own runtime, and seen
//! by clients as a [`Job`] with steps and a result.

mod engine;
mod job;
pub mod kinds;
mod run;
mod work;

pub use engine::{JobFilter, JobHandle, Jobs};
pub use job::{Job, JobState, JobStep, ResourceRef};
pub use run::{Earlier, Note, Record, Run};
pub use work::{Outcome, Work};
