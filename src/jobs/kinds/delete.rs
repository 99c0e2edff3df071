//! Deletes a thing and waits until it is gone.

use std::marker::PhantomData;

use cloudfarm_contract::{Result, Text, async_trait};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

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
        run.asking(format!("ask the cloud: {} {}", R::DELETE, self.id))
            .await?;
        R::delete(&driver, run.cx(), &self.id).await?;
        gone::<R>(run, &driver, &self.id).await?;
        Outcome::of(&json!({}))
    }
}
