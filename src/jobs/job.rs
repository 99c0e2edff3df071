//! A job as clients see it.

use cloudfarm_contract::Text;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Problem;

/// A piece of work that changes a cloud.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Job {
    /// Orders jobs by the time they were asked for.
    pub id: Uuid,
    /// What is done, as `CreateNode`.
    pub action: Text,
    /// How far it is.
    pub state: JobState,
    /// On which cloud.
    pub cloud: Option<Text>,
    /// To which thing; its id is `null` until it is made.
    pub resource: Option<ResourceRef>,
    /// What was asked for; secrets are masked.
    #[schema(value_type = Object)]
    pub params: serde_json::Value,
    /// What has been done, oldest first.
    pub steps: Vec<JobStep>,
    /// How often it was begun.
    pub tries: u32,
    /// How often it may be begun.
    pub try_max: u32,
    /// Not before this time.
    pub run_at: Timestamp,
    /// Why it failed; `null` unless it did.
    pub error: Option<Problem>,
    /// What came of it; `null` until it is finished.
    #[schema(value_type = Option<Object>)]
    pub result: Option<serde_json::Value>,
    /// For which project.
    pub project: Text,
    /// The request that asked for it.
    pub request_id: Text,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Not begun.
    Pending,
    /// Begun.
    Running,
    /// Done.
    Finished,
    /// Failed for good.
    Error,
    /// Called off.
    Cancelled,
}

impl JobState {
    /// Whether it will not change any more.
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Finished | Self::Error | Self::Cancelled)
    }

    /// The state of this name on the wire.
    pub fn of_word(word: &str) -> Option<Self> {
        [
            Self::Pending,
            Self::Running,
            Self::Finished,
            Self::Error,
            Self::Cancelled,
        ]
        .into_iter()
        .find(|state| state.as_str() == word)
    }

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Error => "error",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobStep {
    /// When.
    pub at: Timestamp,
    /// What, as `create_node`.
    pub step: Text,
    /// In words.
    pub message: String,
}

/// The thing a job is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResourceRef {
    /// `node`, `volume` ...
    pub kind: Text,
    /// The provider's id; `null` until it is made.
    pub id: Option<Text>,
}
