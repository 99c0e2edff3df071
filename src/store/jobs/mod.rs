//! The table of jobs, which is the queue.

mod claim;
mod control;
mod end;
mod fenced;
mod read;
mod submit;
mod submit_all;
mod upkeep;

use std::fmt;

use sqlx::FromRow;
use uuid::Uuid;

pub use claim::{Claimed, Lane, Pick};
pub use control::Cancelled;
pub use fenced::{Ending, JobNote, Lease};
pub use read::JobFilter;
pub use submit::{Idempotency, NewJob, Submitted, SubmittedAll};
pub use upkeep::{Expired, OpenCount};

/// How far a job is, as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowState {
    /// Not before its time.
    Delayed,
    /// To be claimed.
    Ready,
    /// Claimed.
    Running,
    /// Done.
    Finished,
    /// Failed for good.
    Error,
    /// Called off.
    Cancelled,
}

impl RowState {
    /// The word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delayed => "delayed",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Error => "error",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether it will not change any more by itself.
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Finished | Self::Error | Self::Cancelled)
    }
}

impl TryFrom<String> for RowState {
    type Error = UnknownState;

    fn try_from(word: String) -> Result<Self, UnknownState> {
        Ok(match word.as_str() {
            "delayed" => Self::Delayed,
            "ready" => Self::Ready,
            "running" => Self::Running,
            "finished" => Self::Finished,
            "error" => Self::Error,
            "cancelled" => Self::Cancelled,
            _ => return Err(UnknownState),
        })
    }
}

/// A word that is no state.
#[derive(Debug, Clone, Copy)]
pub struct UnknownState;

impl fmt::Display for UnknownState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unknown state of a job")
    }
}

impl std::error::Error for UnknownState {}

/// A job without what is sealed.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct JobRow {
    /// Orders jobs by the time they were asked for.
    pub id: Uuid,
    /// What is done.
    pub action: String,
    /// For whom.
    pub project: String,
    /// On which cloud; empty for none.
    pub cloud: String,
    /// The kind of thing it is about.
    pub resource_kind: String,
    /// The provider's id of the thing.
    pub resource_id: Option<String>,
    /// How far it is.
    #[sqlx(try_from = "String")]
    pub state: RowState,
    /// The higher, the earlier.
    pub priority: i32,
    /// Not before this time.
    pub run_at: i64,
    /// How often it was begun.
    pub attempt: i32,
    /// How often it may be begun.
    pub attempt_max: i32,
    /// Whether it is to be called off.
    pub cancel_requested: bool,
    /// The request that asked for it.
    pub request_id: String,
    /// What was asked for, as JSON with secrets masked.
    pub params: String,
    /// What was done, one JSON document a line.
    pub steps: String,
    /// What was made, as a list in JSON.
    pub made: String,
    /// Why it failed, as JSON.
    pub error: Option<String>,
    /// What came of it, as JSON.
    pub result: Option<String>,
    /// Whether there are secrets that nobody has fetched.
    pub has_secrets: bool,
    /// When it was asked for.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// When it ended.
    pub ended_at: Option<i64>,
}

/// What a payload is sealed for.
const PAYLOAD: &str = "payload";
/// What one-time secrets are sealed for.
const SECRETS: &str = "secrets";

/// The name of the lane of a cloud and a project. Neither name has a blank in it.
fn lane(cloud: &str, project: &str) -> String {
    format!("{cloud} {project}")
}
