//! Changes a thing and waits until it is as asked.

use std::fmt::Debug;
use std::future::Future;

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::{Context, ErrorKind, Judgement, Observation, Result, Text, async_trait};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ask::{Asked, ask};
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

    /// Whether the thing is on its way somewhere, so that it cannot be asked for more.
    fn is_under_way(&self, _seen: &Self::Of) -> bool {
        false
    }

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
        if !(run.asked() && self.is_taken(run, &driver).await?) {
            self.send(run, &driver).await?;
        }
        let changed = reached(run, &driver, &self.id, "as asked", |seen| match seen {
            Observation::Present(seen) => self.change.judge(seen),
            Observation::Gone => Judgement::Fail(vanished::<M::Of>(&self.id)),
        });
        Outcome::of(&self.change.result(&changed.await?))
    }
}

impl<M: Modification> Modify<M> {
    /// Asks for the change. To ask for what is made already succeeds, so that another try may ask
    /// again after a reply that was lost.
    async fn send(&self, run: &Run, driver: &Layered) -> Result<()> {
        let message = format!("ask the cloud: {} {}", self.action(), self.id);
        let call = self.change.ask(driver, run.cx(), &self.id);
        let error = match ask(run, message, call).await {
            Ok(Asked::Answered(())) => return Ok(()),
            Ok(Asked::Lost(error)) => error,
            // A cloud that is still at the first call may not take a second one.
            Err(error) if error.kind() == ErrorKind::Conflict && run.asked() => error,
            Err(error) => return Err(error),
        };
        match self.is_taken(run, driver).await? {
            true => Ok(()),
            false => Err(error),
        }
    }

    /// Looks whether the cloud took the change: it is made, or on its way.
    async fn is_taken(&self, run: &Run, driver: &Layered) -> Result<bool> {
        run.step("look", "look whether the change was made").await?;
        let seen = M::Of::get(driver, run.cx(), &self.id).await?;
        Ok(match self.change.judge(&seen) {
            Judgement::Done => true,
            Judgement::Continue | Judgement::Fail(_) => self.change.is_under_way(&seen),
        })
    }
}
