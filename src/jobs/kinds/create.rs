//! Makes a thing and waits until it can be used.

use std::fmt::Debug;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::Mark;
use cloudfarm_contract::{
    Context, Error, ErrorKind, Judgement, Observation, Result, Secret, SideEffect, Text,
    async_trait,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ask::{Asked, ask};
use super::look::{Look, look_for};
use super::payload::{self, Payload};
use super::undo;
use super::unowned;
use super::wait::{reached, vanished};
use crate::farm::{Deletable, Resource};
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

/// What is there after a create call whose reply was lost.
#[derive(Debug)]
pub enum Found<R> {
    /// Nothing, or nothing yet.
    Nothing,
    /// What the call made, as good as if the reply had come.
    Made(R),
    /// What the call made, but what its reply said is needed to use it.
    Useless(R),
}

/// A thing to be made.
pub trait Creation: Payload + Debug + Send + Sync + 'static {
    /// What is made.
    type Of: Deletable;

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

    /// Whether a second call with the same mark gives what the first one made.
    fn is_repeatable(&self, _driver: &Layered) -> bool {
        false
    }

    /// What a call made whose reply was lost.
    fn find_made(
        &self,
        driver: &Layered,
        run: &Run,
    ) -> impl Future<Output = Result<Found<Self::Of>>> + Send {
        async move {
            let mark = run.mark();
            let found = Self::Of::find_marked(driver, run.cx(), &mark);
            Ok(found.await?.map_or(Found::Nothing, Found::Made))
        }
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
        let (id, made) = match made_before::<C::Of>(run) {
            Some(id) => match run.undoing() {
                Some(cause) => {
                    return Err(undo::resume::<C::Of>(run, &driver, &id, cause).await);
                }
                None => (id, None),
            },
            None => {
                let made = self.make(run, &driver).await?;
                (made.id().clone(), Some(made))
            }
        };
        match ready(run, &driver, &id, made).await {
            Ok(resource) => Ok(Outcome::of(&json!({ C::Of::KIND: resource }))?
                .with_made(id)
                .with_secrets(run.secrets())),
            Err(error) => Err(undo::give_up::<C::Of>(run, &driver, &id, error).await),
        }
    }
}

impl<C: Creation> Create<C> {
    /// The thing, from the call that asks for it or as what an earlier call made.
    async fn make(&self, run: &Run, driver: &Layered) -> Result<C::Of> {
        // Where a repetition is harmless there is no need to wait for what may not come.
        let repeat = self.request.is_repeatable(driver) && !run.is_last_attempt();
        let patience = |full| if repeat { Duration::ZERO } else { full };
        if run.asked() {
            let left = patience(run.patience_left(run.call_time(&self.cloud)));
            if let Look::Found(found) = look_for(run, driver, &self.request, left).await? {
                return Ok(found);
            }
        }
        match self.call(run, driver).await? {
            Called::Made(made) => return Ok(made),
            Called::Lost(error) => {
                let left = patience(run.patience());
                match look_for(run, driver, &self.request, left).await? {
                    Look::Found(found) => return Ok(found),
                    Look::Nothing if repeat => return Err(error),
                    Look::Nothing => return Err(error.with_side_effect(SideEffect::None)),
                    Look::Discarded => {}
                }
            }
        }
        // What the first call made could not be used and is deleted again.
        match self.call(run, driver).await? {
            Called::Made(made) => Ok(made),
            Called::Lost(error) => match look_for(run, driver, &self.request, run.patience())
                .await?
            {
                Look::Found(found) => Ok(found),
                Look::Nothing | Look::Discarded => Err(error.with_side_effect(SideEffect::None)),
            },
        }
    }

    async fn call(&self, run: &Run, driver: &Layered) -> Result<Called<C::Of>> {
        loop {
            match self.call_once(run, driver).await {
                Err(error) if is_unsent(&error) && !run.cx().remaining().is_zero() => {}
                called => return called,
            }
        }
    }

    async fn call_once(&self, run: &Run, driver: &Layered) -> Result<Called<C::Of>> {
        let may_be_made = AtomicBool::new(false);
        let call = async {
            let cx = run.call_cx();
            let made = self.request.create(driver, &cx, run.mark()).await;
            let is_late = cx.remaining().is_zero();
            let made = made.map_err(|error| if is_late { cut_off(error) } else { error });
            let error = made.as_ref().err();
            let is_lost = error.is_some_and(|error| error.side_effect() != SideEffect::None);
            may_be_made.store(is_lost, Ordering::Relaxed);
            made
        };
        let _under_way = run.begin_call().await;
        let asked = ask(run, format!("ask the cloud: {}", C::ACTION), call).await;
        let Made { resource, secret } = match asked {
            Ok(Asked::Answered(made)) => made,
            Ok(Asked::Lost(error)) => return Ok(Called::Lost(error)),
            Err(error) => {
                if run.is_lost() && may_be_made.load(Ordering::Relaxed) {
                    unowned::delete_marked::<C::Of>(run, driver).await;
                }
                return Err(error);
            }
        };
        let secrets = Vec::from_iter(secret);
        let recorded = run.record_made_with(C::Of::KIND, resource.id(), secrets);
        if let Err(lost) = recorded.await {
            unowned::delete::<C::Of>(run, driver, resource.id()).await;
            return Err(lost);
        }
        Ok(Called::Made(resource))
    }
}

const CUT_OFF: &str = "the lease of the job ended before the call was made";

/// The error of a call that the end of the lease came before, if nothing was sent.
fn cut_off(error: Error) -> Error {
    if error.kind() == ErrorKind::Timeout && error.side_effect() == SideEffect::None {
        Error::timeout(CUT_OFF).with_side_effect(SideEffect::None)
    } else {
        error
    }
}

/// Whether the call can be made as soon as the lease is renewed.
fn is_unsent(error: &Error) -> bool {
    error.kind() == ErrorKind::Timeout && error.message() == CUT_OFF
}

enum Called<R> {
    Made(R),
    Lost(Error),
}

/// The id of what an earlier try made.
fn made_before<R: Deletable>(run: &Run) -> Option<Text> {
    let mut made = run.made().iter();
    made.find(|made| made.kind == R::KIND)?.id.clone()
}

/// The thing once it can be used.
async fn ready<R: Deletable>(run: &Run, driver: &Layered, id: &Text, made: Option<R>) -> Result<R> {
    if let Some(made) = made {
        match made.readiness() {
            Judgement::Done => return Ok(made),
            Judgement::Fail(error) => return Err(error),
            Judgement::Continue => {}
        }
    }
    reached(run, driver, id, "ready", |seen| match seen {
        Observation::Present(seen) => R::readiness(seen),
        Observation::Gone => Judgement::Fail(vanished::<R>(id)),
    })
    .await
}
