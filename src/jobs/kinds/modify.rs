//! Changes a thing and waits until it is as asked.

use std::fmt::Debug;
use std::future::Future;

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::{
    Context, Error, Judgement, Observation, Result, SideEffect, Text, async_trait,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::payload;
use super::wait::{reached, vanished};
use crate::farm::Resource;
use crate::jobs::job::ResourceRef;
use crate::jobs::run::Run;
use crate::jobs::work::{Outcome, Work};

/// A change of a thing that is there.
pub trait Modification: Debug + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What is changed.
    type Of: Resource;

    /// What the job is called: `AttachVolume`.
    fn action(&self) -> &'static str;

    /// What was asked for, with secrets masked.
    fn params(&self) -> Value;

    /// Asks the cloud for it.
    fn ask(
        &self,
        driver: &Layered,
        cx: &Context,
        id: &str,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Whether the thing is as asked.
    fn judge(&self, seen: &Self::Of) -> Judgement;

    /// What clients are shown in the end.
    fn result(&self, changed: &Self::Of) -> Value {
        json!({ Self::Of::KIND: changed })
    }
}

/// Changes a thing.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "M: Modification"))]
pub struct Modify<M> {
    /// On this cloud.
    pub cloud: Text,
    /// The one of this id.
    pub id: Text,
    /// In this way.
    pub change: M,
}

#[async_trait]
impl<M: Modification> Work for Modify<M> {
    fn action(&self) -> &'static str {
        self.change.action()
    }

    fn cloud(&self) -> &Text {
        &self.cloud
    }

    fn resource(&self) -> ResourceRef {
        ResourceRef {
            kind: Text::from_static(M::Of::KIND),
            id: Some(self.id.clone()),
        }
    }

    fn params(&self) -> Value {
        self.change.params()
    }

    fn payload(&self) -> Result<Value> {
        payload::write(self)
    }

    async fn run(&self, run: &Run) -> Result<Outcome> {
        let driver = run.driver(&self.cloud)?;
        run.asking(format!("ask the cloud: {} {}", self.action(), self.id))
            .await?;
        if let Err(error) = self.change.ask(&driver, run.cx(), &self.id).await {
            self.recover(run, &driver, error).await?;
        }
        let changed = reached(run, &driver, &self.id, "as asked", |seen| match seen {
            Observation::Present(seen) => self.change.judge(seen),
            Observation::Gone => Judgement::Fail(vanished::<M::Of>(&self.id)),
        });
        Outcome::of(&self.change.result(&changed.await?))
    }
}

impl<M: Modification> Modify<M> {
    /// The reply was lost, or told of a failure after which the change may be made: looks whether
    /// it is before the failure is believed.
    async fn recover(&self, run: &Run, driver: &Layered, error: Error) -> Result<()> {
        if error.side_effect() == SideEffect::None {
            return Err(error);
        }
        run.step(
            "look",
            format!("the call failed ({error}); look whether the change was made"),
        )
        .await?;
        let seen = M::Of::get(driver, run.cx(), &self.id).await?;
        match self.change.judge(&seen) {
            Judgement::Done => Ok(()),
            Judgement::Continue | Judgement::Fail(_) => Err(error),
        }
    }
}
