//! What a kind of job implements.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::Mark;
use cloudfarm_contract::{Context, Result, Secret, Text, async_trait};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::job::{JobStep, ResourceRef};
use crate::farm::Farm;

/// A change of a cloud.
#[async_trait]
pub trait Work: Send + Sync + Debug + 'static {
    /// What is done, as `CreateNode`.
    fn action(&self) -> &'static str;

    /// On which cloud.
    fn cloud(&self) -> &Text;

    /// To which thing.
    fn resource(&self) -> ResourceRef;

    /// What was asked for, with secrets masked.
    fn params(&self) -> Value;

    /// Does it.
    async fn run(&self, run: &Run) -> Result<Outcome>;
}

/// What came of a job.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The id of what was made.
    pub made: Option<Text>,
    /// What clients are shown.
    pub result: Value,
    /// What the client is shown once, beside the result.
    pub secrets: Vec<(&'static str, Secret)>,
}

impl Outcome {
    /// A result without anything made.
    ///
    /// # Errors
    ///
    /// `internal` if it cannot be written as JSON.
    pub fn of(result: &impl serde::Serialize) -> Result<Self> {
        let result = serde_json::to_value(result).map_err(|error| {
            cloudfarm_contract::Error::internal("the result could not be written")
                .with_internal(error)
        })?;
        Ok(Self {
            result,
            ..Self::default()
        })
    }

    /// The same with the id of what was made.
    #[must_use]
    pub fn with_made(mut self, id: Text) -> Self {
        self.made = Some(id);
        self
    }

    /// The same with a secret, if there is one.
    #[must_use]
    pub fn with_secret(mut self, name: &'static str, secret: Option<Secret>) -> Self {
        self.secrets.extend(secret.map(|secret| (name, secret)));
        self
    }
}

/// One run of a job.
#[derive(Debug)]
pub struct Run {
    pub(super) id: Uuid,
    pub(super) farm: Arc<Farm>,
    pub(super) cx: Context,
    pub(super) steps: Arc<Mutex<Vec<JobStep>>>,
}

impl Run {
    /// The context of the job's calls.
    pub fn cx(&self) -> &Context {
        &self.cx
    }

    /// The mark to leave on what the job makes.
    pub fn mark(&self) -> Mark {
        Mark::new(self.id.to_string())
    }

    /// The driver of a cloud.
    ///
    /// # Errors
    ///
    /// `not_found` for a cloud that is not there any more, `unavailable` if its settings are wrong.
    pub fn driver(&self, cloud: &str) -> Result<Arc<Layered>> {
        self.farm.get(cloud)?.driver().cloned()
    }

    /// Records what was done.
    pub fn step(&self, step: &'static str, message: impl Into<String>) {
        let message = message.into();
        log::debug!(
            "job={} request_id={} {step}: {message}",
            self.id,
            self.cx.request_id()
        );
        let step = JobStep {
            at: Timestamp::now(),
            step: Text::from_static(step),
            message,
        };
        self.steps
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(step);
    }
}
