//! A request about things of a cloud, and what is answered alike for every kind of them.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use cloudfarm_contract::{Error, ListQuery, Text};

use super::body::Params;
use super::call::ApiCall;
use super::error::ApiError;
use super::list::{FarmListParams, ListParams, names};
use super::path::{FromPath, InPath};
use super::reply::{self, Reply};
use super::state::AppState;
use crate::farm::{Deletable, Listed, Resource};
use crate::jobs::JobHandle;
use crate::orchestrator::{Call, Orchestrator};

/// A request to a path with the parameters `P`.
pub(super) struct Asked<P> {
    pub(super) request: HttpRequest,
    pub(super) call: Call,
    pub(super) path: P,
    pub(super) state: web::Data<AppState>,
}

/// The path of all things of a kind on many clouds: it names none of them.
pub(super) type OfFarm = Asked<()>;

/// The path of all things of a kind: the cloud.
pub(super) type OfCloud = Asked<Text>;

/// The path of one thing: the cloud, and an id or a name.
pub(super) type OfOne = Asked<(Text, Text)>;

impl<P: FromPath> FromRequest for Asked<P> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Self::read(request, payload))
    }
}

impl<P: FromPath> Asked<P> {
    fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Self, ApiError> {
        let ApiCall(call) = ApiCall::from_request(request, payload).into_inner()?;
        let InPath(path) = InPath::from_request(request, payload).into_inner()?;
        let state = web::Data::from_request(request, payload)
            .into_inner()
            .map_err(|_| Error::internal("the application has no state"))?;
        Ok(Self {
            request: request.clone(),
            call,
            path,
            state,
        })
    }
}

impl<P> Asked<P> {
    /// The use cases.
    pub(super) fn orchestrator(&self) -> &Orchestrator {
        self.state.orchestrator()
    }

    /// 202 with the job, or 200 with the ended job.
    pub(super) async fn job(&self, job: JobHandle) -> Reply {
        reply::job(&self.request, &self.state, job).await
    }
}

impl OfFarm {
    /// A page of each cloud's things of a kind.
    pub(super) async fn list<L: Listed>(&self, params: Params<FarmListParams>) -> Reply {
        let Params(params) = params;
        let paging = params.paging(&self.state, L::PLURAL)?;
        let clouds = paging.remaining(names(params.cloud.as_deref()));
        let name = params.name.as_ref();
        let page = |cloud: &str| paging.page(cloud);
        let answers = self
            .orchestrator()
            .list_of_many::<L>(&self.call, clouds.as_deref(), name, page)
            .await?;
        reply::json(&paging.farm_listing(answers, self.call.cx().request_id()))
    }
}

impl OfCloud {
    /// A page of the things of a kind.
    pub(super) async fn list<L: Listed>(&self, params: Params<ListParams>) -> Reply {
        let Params(params) = params;
        let paging = params.paging(&self.state, L::PLURAL)?;
        let cloud = &self.path;
        let query = ListQuery {
            page: paging.page_of(cloud)?,
            name: params.name,
        };
        let page = self
            .orchestrator()
            .list::<L>(&self.call, cloud, &query)
            .await?;
        reply::listing(&self.request, &paging.listing(cloud, page))
    }
}

impl OfOne {
    /// A thing.
    pub(super) async fn show<R: Resource>(&self) -> Reply {
        let (cloud, reference) = &self.path;
        let found: R = self
            .orchestrator()
            .get(&self.call, cloud, reference)
            .await?;
        reply::resource(&self.request, &found)
    }

    /// The job that deletes a thing.
    pub(super) async fn delete<R: Deletable>(&self) -> Reply {
        let (cloud, reference) = &self.path;
        let accept = |found: &R| reply::check_match(self.request.headers(), found);
        let job = self
            .orchestrator()
            .delete(&self.call, cloud, reference, accept)
            .await?;
        self.job(job).await
    }
}
