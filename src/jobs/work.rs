//! What a kind of job implements.

use std::fmt::Debug;

use cloudfarm_contract::{Result, Secret, Text, async_trait};
use serde_json::Value;

use super::job::ResourceRef;
use super::run::Run;

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

    /// All that another process needs to do it, with secrets in clear: it is sealed before it is
    /// written anywhere. [`restore`](super::kinds::restore) reads it back.
    ///
    /// # Errors
    ///
    /// `internal` if it cannot be written as JSON.
    fn payload(&self) -> Result<Value>;

    /// Does it, or goes on where an earlier try ended: it may have ended at any instant.
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
    pub secrets: Vec<(Text, Secret)>,
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

    /// The same with these secrets.
    #[must_use]
    pub fn with_secrets(mut self, secrets: Vec<(Text, Secret)>) -> Self {
        self.secrets.extend(secrets);
        self
    }
}
