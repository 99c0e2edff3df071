//! Makes a thing and waits until it can be used.

use std::fmt::Debug;
use std::future::Future;

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::Mark;
use cloudfarm_contract::{
    Context, Error, Judgement, Observation, Result, Secret, SideEffect, Text, async_trait,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::payload::{self, Payload};
use super::wait::{reached, vanished};
use crate::farm::Resource;
use crate::jobs::job::ResourceRef;
use crate::jobs::run::Run;
use crate::jobs::work::{Outcome, Work};

/// What a create call gave.
#[derive(Debug)]
pub struct Made<R> {
    /// The thing.
    pub resource: R,
    /// A secret that the cloud shows once, by its name.
    pub secret: Option<(Text, Secret)>,
}

impl<R> From<R> for Made<R> {
    fn from(resource: R) -> Self {
        Self {
            resource,
            secret: None,
        }
    }
}

/// A thing to be made.
pub trait Creation: Payload + Debug + Send + Sync + 'static {
    /// What is made.
    type Of: Resource;

    /// What the job is called: `CreateVolume`.
    const ACTION: &'static str;

    /// What was asked for, with secrets masked.
    fn params(&self) -> Value;

    /// Makes it, and leaves `mark` on it.
    fn create(
        &self,
        driver: &Layered,
        cx: &Context,
        mark: Mark,
    ) -> impl Future<Output = Result<Made<Self::Of>>> + Send;

    /// What an attempt made whose reply was lost.
    fn find_made(
        &self,
        driver: &Layered,
        cx: &Context,
        mark: &Mark,
    ) -> impl Future<Output = Result<Option<Self::Of>>> + Send {
        Self::Of::find_marked(driver, cx, mark)
    }
}

/// Makes a thing.
#[derive(Debug)]
pub struct Create<C> {
    /// On this cloud.
    pub cloud: Text,
    /// This.
    pub request: C,
}

/// A creation as another process reads it.
#[derive(Serialize, Deserialize)]
struct CreatePayload {
    cloud: Text,
    request: Value,
}

impl<C: Creation> Payload for Create<C> {
    fn to_payload(&self) -> Result<Value> {
        payload::write(&CreatePayload {
            cloud: self.cloud.clone(),
            request: self.request.to_payload()?,
        })
    }

    fn from_payload(payload: Value) -> Result<Self> {
        let CreatePayload { cloud, request } = payload::read(payload)?;
        Ok(Self {
            cloud,
            request: C::from_payload(request)?,
        })
    }
}

#[async_trait]
impl<C: Creation> Work for Create<C> {
    fn action(&self) -> &'static str {
        C::ACTION
    }

    fn cloud(&self) -> &Text {
        &self.cloud
    }

    fn resource(&self) -> ResourceRef {
        ResourceRef {
            kind: Text::from_static(C::Of::KIND),
            id: None,
        }
    }

    fn params(&self) -> Value {
        self.request.params()
    }

    fn payload(&self) -> Result<Value> {
        self.to_payload()
    }

    async fn run(&self, run: &Run) -> Result<Outcome> {
        let driver = run.driver(&self.cloud)?;
        run.asking(format!("ask the cloud: {}", C::ACTION)).await?;
        let made = self.request.create(&driver, run.cx(), run.mark()).await;
        let Made { resource, secret } = match made {
            Ok(made) => made,
            Err(error) => self.recover(run, &driver, error).await?.into(),
        };
        let id = resource.id().clone();
        run.record_made_with(C::Of::KIND, &id, Vec::from_iter(secret))
            .await?;
        let resource = ready(run, &driver, resource)
            .await
            .map_err(|error| error.with_side_effect(SideEffect::Done))?;
        Ok(Outcome::of(&json!({ C::Of::KIND: resource }))?
            .with_made(id)
            .with_secrets(run.secrets()))
    }
}

impl<C: Creation> Create<C> {
    /// The reply to the create call did not come, or told of a failure after which something may
    /// be there: looks for what the call made before the failure is believed.
    async fn recover(&self, run: &Run, driver: &Layered, error: Error) -> Result<C::Of> {
        if error.side_effect() == SideEffect::None {
            return Err(error);
        }
        run.step(
            "look_for_mark",
            format!("the call failed ({error}); look for what it made"),
        )
        .await?;
        self.request
            .find_made(driver, run.cx(), &run.mark())
            .await?
            .ok_or_else(|| error.with_side_effect(SideEffect::None))
    }
}

/// The thing once it can be used.
async fn ready<R: Resource>(run: &Run, driver: &Layered, made: R) -> Result<R> {
    match made.readiness() {
        Judgement::Done => return Ok(made),
        Judgement::Fail(error) => return Err(error),
        Judgement::Continue => {}
    }
    let id = made.id();
    reached(run, driver, id, "ready", |seen| match seen {
        Observation::Present(seen) => R::readiness(seen),
        Observation::Gone => Judgement::Fail(vanished::<R>(id)),
    })
    .await
}
