//! What is the same for every kind of thing: list, look up, begin to make, change or delete.

use std::sync::Arc;

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{Node, NodeAction};
use cloudfarm_contract::{
    Capabilities, Context, Driver, ListQuery, Page, PageRequest, Result, Text,
};

use super::{Call, Orchestrator, legal, resolve};
use crate::farm::{CloudAnswer, Deletable, Listed, Resource, fan_out};
use crate::jobs::kinds::{Create, Creation, Delete, Modification, Modify};
use crate::jobs::{JobHandle, Work};

/// A cloud that a use case has found, and the request that it serves.
pub(super) struct OnCloud<'a> {
    orchestrator: &'a Orchestrator,
    pub(super) call: &'a Call,
    pub(super) cloud: Text,
    pub(super) driver: Arc<Layered>,
}

impl OnCloud<'_> {
    /// The one of this id or name.
    pub(super) async fn find<R: Resource>(&self, reference: &str) -> Result<R> {
        resolve::find(&self.driver, self.call.cx(), reference).await
    }

    /// The one that a field of the request names by id or name.
    pub(super) async fn find_for<R: Resource>(
        &self,
        field: &'static str,
        reference: &str,
    ) -> Result<R> {
        resolve::find_for(&self.driver, self.call.cx(), field, reference).await
    }

    /// Refuses before there is a job what the layers would refuse in it.
    pub(super) fn check(&self, check: impl FnOnce(&Capabilities) -> Result<()>) -> Result<()> {
        check(self.driver.capabilities()).map_err(|error| error.with_cloud(self.cloud.clone()))
    }

    /// Refuses an action that is illegal for the node as it is.
    pub(super) fn check_action(&self, node: &Node, action: NodeAction) -> Result<()> {
        legal::action(&self.driver, node, action)
    }

    /// Begins to make something.
    pub(super) async fn create<C: Creation>(self, request: C) -> Result<JobHandle> {
        let cloud = self.cloud.clone();
        self.submit(Create { cloud, request }).await
    }

    /// Begins to change the one of this id.
    pub(super) async fn modify<M: Modification>(self, id: Text, change: M) -> Result<JobHandle> {
        let cloud = self.cloud.clone();
        self.submit(Modify { cloud, id, change }).await
    }

    pub(super) async fn submit(self, work: impl Work) -> Result<JobHandle> {
        let submission = self.call.submission();
        self.orchestrator.jobs.submit(&work, submission).await
    }
}

impl Orchestrator {
    /// Finds the cloud of a request.
    ///
    /// # Errors
    ///
    /// `not_found`; `unavailable` if its settings are wrong.
    pub(super) fn on<'a>(&'a self, call: &'a Call, cloud: &str) -> Result<OnCloud<'a>> {
        let farm = self.farm();
        let found = farm.get(cloud)?;
        let (cloud, driver) = (found.name().clone(), Arc::clone(found.driver()?));
        Ok(OnCloud {
            orchestrator: self,
            call,
            cloud,
            driver,
        })
    }

    /// One page of a cloud's things of a kind.
    ///
    /// # Errors
    ///
    /// `not_found` for an unknown cloud; `unsupported` where the cloud does not have them; what
    /// the cloud fails with.
    pub async fn list<L: Listed>(
        &self,
        call: &Call,
        cloud: &str,
        query: &ListQuery,
    ) -> Result<Page<L>> {
        let on = self.on(call, cloud)?;
        L::list(&on.driver, call.cx(), query).await
    }

    /// One page of the things of a kind of each of these clouds, or of all. `page` says where each
    /// goes on.
    ///
    /// # Errors
    ///
    /// `not_found` for an unknown cloud. What a cloud fails with stands in its answer.
    pub async fn list_of_many<L: Listed>(
        &self,
        call: &Call,
        clouds: Option<&[Text]>,
        name: Option<&Text>,
        page: impl Fn(&str) -> Option<PageRequest>,
    ) -> Result<Vec<CloudAnswer<Page<L>>>> {
        let ask = async |driver: Arc<Layered>, cx: Context, page| {
            let name = name.cloned();
            L::list(&driver, &cx, &ListQuery { page, name }).await
        };
        self.pages_of_many(call, clouds, page, ask).await
    }

    /// What `ask` gives for the page of each of these clouds, or of all; nothing for one that has
    /// no more.
    pub(super) async fn pages_of_many<T, Fut>(
        &self,
        call: &Call,
        clouds: Option<&[Text]>,
        page: impl Fn(&str) -> Option<PageRequest>,
        ask: impl Fn(Arc<Layered>, Context, PageRequest) -> Fut,
    ) -> Result<Vec<CloudAnswer<Page<T>>>>
    where
        Fut: Future<Output = Result<Page<T>>>,
    {
        let (page, ask) = (&page, &ask);
        let answers = fan_out(
            self.farm().select(clouds)?,
            call.cx(),
            self.settings.fan_out_timeout.get(),
            self.settings.fan_out_concurrency,
            async move |driver, cx| match page(&driver.info().cloud) {
                Some(page) => ask(driver, cx, page).await,
                None => Ok(Page::default()),
            },
        );
        Ok(answers.await)
    }

    /// A thing by id or exact name.
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` with the candidates for an ambiguous name; `unsupported`.
    pub async fn get<R: Resource>(&self, call: &Call, cloud: &str, reference: &str) -> Result<R> {
        self.on(call, cloud)?.find(reference).await
    }

    /// Begins to delete a thing. `accept` may refuse it as it is now.
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` with the candidates for an ambiguous name; `unsupported`; what
    /// `accept` refuses it with.
    pub async fn delete<R: Deletable>(
        &self,
        call: &Call,
        cloud: &str,
        reference: &str,
        accept: impl FnOnce(&R) -> Result<()>,
    ) -> Result<JobHandle> {
        let on = self.on(call, cloud)?;
        let found: R = on.find(reference).await?;
        accept(&found)?;
        on.check(R::check_delete)?;
        let cloud = on.cloud.clone();
        on.submit(Delete::<R>::new(cloud, found.id().clone())).await
    }
}
