//! Jobs: list, show, call off, begin again.

use actix_web::{HttpRequest, web};
use cloudfarm_contract::{Error, Marker, Result, Text};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::body::Params;
use super::list::{Listing, Paging};
use super::openapi::{JobAnswers, Problems};
use super::path::InPath;
use super::reply::{self, Reply};
use super::state::AppState;
use crate::jobs::{Job, JobFilter, JobState};

/// Which jobs.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct JobListParams {
    /// Jobs on the page at most.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// The state they must be in.
    state: Option<JobState>,
    /// The cloud they must be on.
    cloud: Option<Text>,
    /// The action they must be of, as `CreateNode`.
    action: Option<Text>,
    /// The provider's id of the thing that they must be about.
    resource: Option<Text>,
}

/// The list of jobs is of no cloud; its marker stands under this name.
const NO_CLOUD: Text = Text::from_static("");

/// List the jobs
///
/// The newest first.
#[utoipa::path(
    get,
    path = "/api/v1/jobs",
    tag = "jobs",
    operation_id = "list_jobs",
    params(JobListParams),
    responses((status = 200, description = "A page of jobs", body = Listing<Job>), Problems)
)]
pub(super) async fn list(
    request: HttpRequest,
    state: web::Data<AppState>,
    params: Params<JobListParams>,
) -> Reply {
    let Params(params) = params;
    let scope = format!(
        "jobs?{:?}{:?}{:?}{:?}",
        params.state, params.cloud, params.action, params.resource
    );
    let paging = Paging::new(&state, params.limit, params.cursor.as_deref(), scope)?;
    let page = paging.page_of(&NO_CLOUD)?;
    let before = page.marker.map(|marker| {
        marker
            .as_str()
            .parse()
            .map_err(|_| Error::invalid("the cursor is not one of this list"))
    });
    let filter = JobFilter {
        state: params.state,
        cloud: params.cloud,
        action: params.action,
        resource: params.resource,
        before: before.transpose()?,
        ..JobFilter::default()
    };
    let limit = page.limit.unwrap_or_default() as usize;
    let (items, more) = state.orchestrator().jobs().list(&filter, limit).await?;
    let next = items
        .last()
        .filter(|_| more)
        .map(|job: &Job| Marker::new(job.id.to_string()));
    let page = cloudfarm_contract::Page { items, next };
    reply::listing(&request, &paging.listing(&NO_CLOUD, page))
}

/// Show a job
///
/// One-time secrets (a password that the provider chose, a generated private key) stand in the
/// `result` the first time that the ended job is shown, and never again. With `Prefer: wait=60` the
/// answer is held until the job has ended or the time is up.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{job}",
    tag = "jobs",
    operation_id = "get_job",
    params(
        ("job" = uuid::Uuid, Path, description = "the id of the job"),
        ("Prefer" = Option<String>, Header, description = "`wait=60` holds the answer until the job has ended, for so many seconds at most"),
    ),
    responses((status = 200, description = "The job", body = Job), Problems)
)]
pub(super) async fn show(
    request: HttpRequest,
    state: web::Data<AppState>,
    InPath(job): InPath<Text>,
) -> Reply {
    let handle = state.orchestrator().jobs().get(id_of(&job)?).await?;
    reply::json(&handle.wait(reply::wait_wanted(&request, &state)).await?)
}

/// Call a job off
///
/// One that was not begun is called off at once. One that was is called off by its worker, which
/// undoes what the job made; what cannot be undone stands in the job's `error`.
#[utoipa::path(
    post,
    path = "/api/v1/jobs/{job}/cancel",
    tag = "jobs",
    operation_id = "cancel_job",
    params(("job" = uuid::Uuid, Path, description = "the id of the job")),
    responses(JobAnswers, Problems)
)]
pub(super) async fn cancel(
    request: HttpRequest,
    state: web::Data<AppState>,
    InPath(job): InPath<Text>,
) -> Reply {
    let handle = state.orchestrator().jobs().cancel(id_of(&job)?).await?;
    reply::job(&request, &state, handle).await
}

/// Begin a job again
///
/// One that failed or was called off. It goes on with what it recorded: what it made before is
/// found, and not made twice.
#[utoipa::path(
    post,
    path = "/api/v1/jobs/{job}/retry",
    tag = "jobs",
    operation_id = "retry_job",
    params(("job" = uuid::Uuid, Path, description = "the id of the job")),
    responses(JobAnswers, Problems)
)]
pub(super) async fn retry(
    request: HttpRequest,
    state: web::Data<AppState>,
    InPath(job): InPath<Text>,
) -> Reply {
    let handle = state.orchestrator().jobs().retry(id_of(&job)?).await?;
    reply::job(&request, &state, handle).await
}

/// The id in a path.
pub(super) fn id_of(job: &str) -> Result<Uuid> {
    job.parse()
        .map_err(|_| Error::not_found(format!("there is no job {job:?}")))
}
