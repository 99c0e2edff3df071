//! Deletes a thing and waits until it is gone.

use std::marker::PhantomData;

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::{Error, ErrorKind, Result, Text, async_trait};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ask::{Asked, ask};
use super::payload;
use super::wait::gone;
use crate::farm::Deletable;
use crate::jobs::job::ResourceRef;
use crate::jobs::run::Run;
use crate::jobs::work::{Outcome, Work};

/// Deletes a thing.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Delete<R> {
    cloud: Text,
    id: Text,
    #[serde(skip)]
    kind: PhantomData<fn() -> R>,
}

impl<R> Delete<R> {
    /// The one of this id, on this cloud.
    pub fn new(cloud: Text, id: Text) -> Self {
        Self {
            cloud,
            id,
            kind: PhantomData,
        }
    }
}

impl<R: Deletable> Delete<R> {
    /// The error, unless the thing is gone in spite of it.
    async fn unless_gone(&self, run: &Run, driver: &Layered, error: Error) -> Result<()> {
        run.step(
            "look",
            format!("look whether {} {} is gone", R::NOUN, self.id),
        )
        .await?;
        match R::get(driver, run.cx(), &self.id).await {
            Ok(seen) if seen.is_gone() => Ok(()),
            Err(missing) if missing.kind() == ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        }
    }
}

#[async_trait]
impl<R: Deletable> Work for Delete<R> {
    fn action(&self) -> &'static str {
        R::DELETE
    }

    fn cloud(&self) -> &Text {
        &self.cloud
    }

    fn resource(&self) -> ResourceRef {
        ResourceRef {
            kind: Text::from_static(R::KIND),
            id: Some(self.id.clone()),
        }
    }

    fn params(&self) -> Value {
        json!({})
    }

    fn payload(&self) -> Result<Value> {
        payload::write(self)
    }

    async fn run(&self, run: &Run) -> Result<Outcome> {
        let driver = run.driver(&self.cloud)?;
        let message = format!("ask the cloud: {} {}", R::DELETE, self.id);
        match ask(run, message, R::delete(&driver, run.cx(), &self.id)).await {
            Ok(Asked::Answered(())) => {}
            Ok(Asked::Lost(error)) => self.unless_gone(run, &driver, error).await?,
            // A cloud that is still at the first call may not take a second one.
            Err(error) if error.kind() == ErrorKind::Conflict && run.asked() => {
                self.unless_gone(run, &driver, error).await?;
            }
            Err(error) => return Err(error),
        }
        gone::<R>(run, &driver, &self.id).await?;
        Outcome::of(&json!({}))
    }
}
