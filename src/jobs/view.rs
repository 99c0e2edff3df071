//! A stored job as clients see it.

use cloudfarm_contract::{Error, Result, Text};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::job::{Job, JobState, JobStep, ResourceRef};
use crate::store::{JobRow, RowState};

impl From<RowState> for JobState {
    fn from(state: RowState) -> Self {
        match state {
            RowState::Delayed | RowState::Ready => Self::Pending,
            RowState::Running => Self::Running,
            RowState::Finished => Self::Finished,
            RowState::Error => Self::Error,
            RowState::Cancelled => Self::Cancelled,
        }
    }
}

/// The job of a row.
///
/// # Errors
///
/// `internal` if the row is damaged.
pub(super) fn job(row: JobRow) -> Result<Job> {
    let resource = ResourceRef {
        kind: Text::from(row.resource_kind),
        id: row.resource_id.map(Text::from),
    };
    Ok(Job {
        id: row.id,
        action: Text::from(row.action),
        state: row.state.into(),
        cloud: (!row.cloud.is_empty()).then(|| Text::from(row.cloud)),
        resource: (!resource.kind.is_empty()).then_some(resource),
        params: read(&row.params)?,
        steps: steps(&row.steps)?,
        tries: count(row.attempt),
        try_max: count(row.attempt_max),
        run_at: time(row.run_at),
        error: row.error.as_deref().map(read).transpose()?,
        result: row.result.as_deref().map(read::<Value>).transpose()?,
        project: Text::from(row.project),
        request_id: Text::from(row.request_id),
        created_at: time(row.created_at),
        updated_at: time(row.updated_at),
    })
}

/// The steps that a job has recorded, oldest first.
pub(super) fn steps(lines: &str) -> Result<Vec<JobStep>> {
    lines.lines().map(read).collect()
}

/// A step as it is recorded.
pub(super) fn line(step: &JobStep) -> Result<String> {
    write(step).map(|line| line + "\n")
}

/// A stored document.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|error| Error::internal("a stored job cannot be read").with_internal(error))
}

/// A document to be stored.
pub(super) fn write<T: serde::Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::internal("a job cannot be written").with_internal(error))
}

fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

pub(super) fn time(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or_default()
}
