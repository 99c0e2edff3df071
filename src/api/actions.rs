//! Many actions in one call.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use cloudfarm_contract::{Error, ErrorKind, Result, Retry, SideEffect, Text};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::action_bodies::{ActionBody, read};
use super::body::Body;
use super::call::ApiCall;
use super::json::encode;
use super::openapi::Problems;
use super::reply::{Reply, wait_wanted};
use super::state::AppState;
use crate::Problem;
use crate::jobs::Job;
use crate::orchestrator::{ACTION_ITEMS_MAX, ActionItem};

/// How many jobs are read at the same time.
const READ_AT_ONCE: usize = 64;

/// What is to be done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Actions)]
pub(super) struct ActionsBody {
    /// The actions; together they may be about 1,000 nodes.
    #[schema(value_type = Vec<ActionBody>, min_items = 1, max_items = 1000)]
    actions: Vec<Value>,
    /// When to begin; without it, at once. What is legal for the nodes is found out then.
    #[serde(default)]
    run_at: Option<Timestamp>,
}

/// What became of the actions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActionsAnswer {
    /// One for each node that an action is about, in the order of the actions.
    items: Vec<ActionAnswer>,
    /// How many became jobs.
    accepted: usize,
    /// How many did not.
    failed: usize,
    /// That some failed; absent if all became jobs.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
}

/// What became of an action for one node.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActionAnswer {
    /// Which of the actions of the call, from 0.
    index: usize,
    /// Its name.
    action: Text,
    /// On which cloud; `null` where none was found.
    cloud: Option<Text>,
    /// The node.
    node: ActionNode,
    /// What the same request alone would be answered with.
    status: u16,
    /// The job; absent if it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<Job>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
}

/// The node that an action is about.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActionNode {
    /// Its id; `null` if it is not there, or not yet.
    id: Option<Text>,
    /// Its name, or what was asked for.
    name: Text,
}

/// Do many things at once
///
/// The form of all actions is checked before anything is done: one that is wrong is a `400` and
/// nothing is begun. Then each action becomes one job for each node that it is about: `202` if all
/// did, `207` if some were refused; the others go on. All jobs of a call are stored in one step.
/// With `Prefer: wait=60` the answer is held until all jobs have ended or the time is up. A call that
/// is repeated with the same `Idempotency-Key` is answered with the jobs, and the refusals, of the
/// first.
#[utoipa::path(
    post,
    path = "/api/v1/actions",
    tag = "actions",
    operation_id = "act",
    params(("Prefer" = Option<String>, Header, description = "`wait=60` holds the answer until the jobs have ended, for so many seconds at most")),
    request_body = ActionsBody,
    responses(
        (status = 200, description = "All became jobs, which ended while the answer was held", body = ActionsAnswer),
        (status = 202, description = "All became jobs, which go on", body = ActionsAnswer),
        (status = 207, description = "Some were refused: each item says", body = ActionsAnswer),
        Problems
    )
)]
pub(super) async fn act(
    request: HttpRequest,
    state: web::Data<AppState>,
    call: ApiCall,
    body: Body<ActionsBody>,
) -> Reply {
    let Body(ActionsBody { actions, run_at }) = body;
    let call = call.0.with_run_at(run_at);
    check_count(actions.len())?;
    let mut names = Vec::new();
    let mut wanted = Vec::new();
    for (index, action) in actions.into_iter().enumerate() {
        let action = read(index, action)?;
        names.extend(action.wanted.iter().map(|_| (index, action.name)));
        wanted.extend(action.wanted);
    }
    let items = state.orchestrator().act(&call, wanted).await?;
    let wait = wait_wanted(&request, &state);
    let answers = stream::iter(items)
        .map(|item| answer(item, &names, wait))
        // The jobs end side by side, so that a wait is as long as the longest.
        .buffered(wait.map_or(READ_AT_ONCE, |_| ACTION_ITEMS_MAX))
        .collect::<Vec<Result<ActionAnswer>>>()
        .await;
    let items = answers.into_iter().collect::<Result<Vec<_>>>()?;
    reply(items, call.cx().request_id())
}

fn check_count(count: usize) -> Result<()> {
    let wrong = match count {
        0 => "actions is empty".to_owned(),
        1..=ACTION_ITEMS_MAX => return Ok(()),
        count => format!("there are {count} actions, a call may have {ACTION_ITEMS_MAX}"),
    };
    Err(Error::invalid(wrong).with_field("actions"))
}

async fn answer(
    item: ActionItem,
    names: &[(usize, &'static str)],
    wait: Option<std::time::Duration>,
) -> Result<ActionAnswer> {
    let (index, action) = names.get(item.index).copied().unwrap_or_default();
    let (job, error) = match item.result {
        Ok(handle) => (Some(handle.wait(wait).await?), None),
        Err(problem) => (None, Some(*problem)),
    };
    let status = match (&job, &error) {
        (_, Some(problem)) => problem.status,
        (Some(job), None) if job.state.has_ended() => 200,
        _ => 202,
    };
    Ok(ActionAnswer {
        index,
        action: Text::from_static(action),
        cloud: item.cloud,
        node: ActionNode {
            id: item.id,
            name: item.name,
        },
        status,
        job,
        error,
    })
}

fn reply(items: Vec<ActionAnswer>, request_id: &Text) -> Reply {
    let failed = items.iter().filter(|item| item.error.is_some()).count();
    let all_ended = items.iter().all(|item| item.status == 200);
    let status = match failed {
        0 if all_ended => StatusCode::OK,
        0 => StatusCode::ACCEPTED,
        _ => StatusCode::MULTI_STATUS,
    };
    let accepted = items.len() - failed;
    let error = (failed > 0).then(|| partial(failed, accepted, request_id));
    let size = 512 + items.len() * 1024;
    let answer = ActionsAnswer {
        items,
        accepted,
        failed,
        error,
    };
    Ok(HttpResponse::build(status)
        .content_type("application/json")
        .body(encode(&answer, size)?))
}

fn partial(failed: usize, accepted: usize, request_id: &Text) -> Problem {
    let all = failed + accepted;
    let side_effect = match accepted {
        0 => SideEffect::None,
        _ => SideEffect::Done,
    };
    let error = Error::new(
        ErrorKind::Partial,
        format!("{failed} of {all} were refused"),
    )
    .with_retry(Retry::Never)
    .with_side_effect(side_effect)
    .with_hint("each item says why");
    Problem::new(&error, Some(request_id.clone()))
}
