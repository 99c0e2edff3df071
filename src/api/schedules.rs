//! Schedules: list, show, make, change, delete, begin.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use cloudfarm_contract::{Marker, Page, Result, Text};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::action_bodies::{ActionBody, read_scheduled};
use super::body::{Body, Params};
use super::call::ApiCall;
use super::json::encode;
use super::list::{Listing, Paging};
use super::openapi::{JobAnswers, Problems};
use super::path::InPath;
use super::reply::{self, Reply};
use super::state::AppState;
use crate::orchestrator::{Schedule, ScheduleChange, ScheduledAction};

/// A new schedule.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleCreateBody {
    /// What to call it; another one for each.
    #[schema(min_length = 1, example = "nightly")]
    pub name: Text,
    /// When it is due: minute, hour, day of the month, month, day of the week; or `@daily` and the
    /// like. Six fields begin with the second.
    #[schema(min_length = 1, example = "0 22 * * 1-5")]
    pub cron: Text,
    /// By the clocks of this time zone, as `Europe/Berlin`; `UTC` where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Europe/Berlin")]
    pub time_zone: Option<Text>,
    /// What to begin.
    #[schema(value_type = ActionBody)]
    pub action: Value,
    /// Whether to begin it at all; `true` where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// What shall be other about a schedule.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SchedulePatchBody {
    /// Another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// Other times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cron: Option<Text>,
    /// Another time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<Text>,
    /// Another action, as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ActionBody>)]
    pub action: Option<Value>,
    /// Whether to begin it at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// Which page of the list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ScheduleListParams {
    /// Schedules on the page at most.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// The list of schedules is of no cloud; its marker stands under this name.
const NO_CLOUD: Text = Text::from_static("");

impl TryFrom<ScheduleCreateBody> for ScheduleChange {
    type Error = cloudfarm_contract::Error;

    fn try_from(body: ScheduleCreateBody) -> Result<Self> {
        Ok(Self {
            name: Some(body.name),
            cron: Some(body.cron),
            time_zone: body.time_zone,
            enabled: body.enabled,
            action: Some(action(body.action)?),
        })
    }
}

impl TryFrom<SchedulePatchBody> for ScheduleChange {
    type Error = cloudfarm_contract::Error;

    fn try_from(body: SchedulePatchBody) -> Result<Self> {
        Ok(Self {
            name: body.name,
            cron: body.cron,
            time_zone: body.time_zone,
            enabled: body.enabled,
            action: body.action.map(action).transpose()?,
        })
    }
}

fn action(written: Value) -> Result<ScheduledAction> {
    let wanted = read_scheduled(written.clone())?;
    Ok(ScheduledAction { written, wanted })
}

/// List the schedules
///
/// By name.
#[utoipa::path(
    get,
    path = "/api/v1/schedules",
    tag = "schedules",
    operation_id = "list_schedules",
    params(ScheduleListParams),
    responses((status = 200, description = "A page of schedules", body = Listing<Schedule>), Problems)
)]
pub(super) async fn list(
    request: HttpRequest,
    state: web::Data<AppState>,
    params: Params<ScheduleListParams>,
) -> Reply {
    let Params(params) = params;
    let scope = "schedules".to_owned();
    let paging = Paging::new(&state, params.limit, params.cursor.as_deref(), scope)?;
    let page = paging.page_of(&NO_CLOUD)?;
    let after = page.marker.as_ref().map(Marker::as_str);
    let limit = page.limit.unwrap_or_default() as usize;
    let (items, more) = state.orchestrator().schedules(after, limit).await?;
    let next = items
        .last()
        .filter(|_| more)
        .map(|schedule: &Schedule| Marker::new(schedule.name.to_string()));
    reply::listing(&request, &paging.listing(&NO_CLOUD, Page { items, next }))
}

/// Show a schedule
///
/// With when it is due next, and the job of its last run.
#[utoipa::path(
    get,
    path = "/api/v1/schedules/{schedule}",
    tag = "schedules",
    operation_id = "get_schedule",
    params(("schedule" = String, Path, description = "the id or the name of the schedule")),
    responses((status = 200, description = "The schedule", body = Schedule), Problems)
)]
pub(super) async fn show(
    request: HttpRequest,
    state: web::Data<AppState>,
    InPath(schedule): InPath<Text>,
) -> Reply {
    let found = state.orchestrator().schedule(&schedule).await?;
    reply::resource(&request, &found)
}

/// Make a schedule
///
/// Everything about it is checked first: a time that never comes, an unknown time zone, an unknown
/// action, a cloud, an image or a size that is not there are refused. Each time that is due makes
/// one job, `RunSchedule`, however many servers and workers there are; which nodes a glob takes in
/// is found out then. Of several times that passed while nobody was there, one is made up for.
#[utoipa::path(
    post,
    path = "/api/v1/schedules",
    tag = "schedules",
    operation_id = "create_schedule",
    request_body = ScheduleCreateBody,
    responses((status = 201, description = "The schedule", body = Schedule), Problems)
)]
pub(super) async fn create(
    state: web::Data<AppState>,
    call: ApiCall,
    body: Body<ScheduleCreateBody>,
) -> Reply {
    let Body(body) = body;
    let orchestrator = state.orchestrator();
    let made = orchestrator.add_schedule(&call.0, body.try_into()?).await?;
    Ok(HttpResponse::build(StatusCode::CREATED)
        .insert_header((LOCATION, format!("/api/v1/schedules/{}", made.id)))
        .content_type("application/json")
        .body(encode(&made, 1024)?))
}

/// Change a schedule
///
/// What is not given stays as it was. `If-Match` refuses to change what is not any more as it was.
#[utoipa::path(
    patch,
    path = "/api/v1/schedules/{schedule}",
    tag = "schedules",
    operation_id = "update_schedule",
    params(
        ("schedule" = String, Path, description = "the id or the name of the schedule"),
        ("If-Match" = Option<String>, Header, description = "the ETag that the schedule must still have"),
    ),
    request_body = SchedulePatchBody,
    responses((status = 200, description = "The schedule", body = Schedule), Problems)
)]
pub(super) async fn update(
    request: HttpRequest,
    state: web::Data<AppState>,
    call: ApiCall,
    InPath(schedule): InPath<Text>,
    body: Body<SchedulePatchBody>,
) -> Reply {
    let Body(body) = body;
    let accept = |found: &Schedule| reply::check_match(request.headers(), found);
    let changed = state
        .orchestrator()
        .change_schedule(&call.0, &schedule, body.try_into()?, accept)
        .await?;
    reply::json(&changed)
}

/// Delete a schedule
///
/// What it began goes on.
#[utoipa::path(
    delete,
    path = "/api/v1/schedules/{schedule}",
    tag = "schedules",
    operation_id = "delete_schedule",
    params(("schedule" = String, Path, description = "the id or the name of the schedule")),
    responses((status = 204, description = "It is gone"), Problems)
)]
pub(super) async fn remove(state: web::Data<AppState>, InPath(schedule): InPath<Text>) -> Reply {
    state.orchestrator().delete_schedule(&schedule).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Begin a schedule now
///
/// Beside its times, which stay as they are.
#[utoipa::path(
    post,
    path = "/api/v1/schedules/{schedule}/run",
    tag = "schedules",
    operation_id = "run_schedule",
    params(("schedule" = String, Path, description = "the id or the name of the schedule")),
    responses(JobAnswers, Problems)
)]
pub(super) async fn run(
    request: HttpRequest,
    state: web::Data<AppState>,
    call: ApiCall,
    InPath(schedule): InPath<Text>,
) -> Reply {
    let orchestrator = state.orchestrator();
    let kinds = state.kinds();
    let job = orchestrator.run_schedule(&call.0, &kinds, &schedule);
    reply::job(&request, &state, job.await?).await
}
