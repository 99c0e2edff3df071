//! Work that changes clouds.

mod job;

pub use job::{Job, JobState, JobStep, ResourceRef};
