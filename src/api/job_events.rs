//! The steps of a job as they happen, as Server-Sent Events.

use std::fmt::Write as _;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ContentEncoding, HeaderMap,
};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use cloudfarm_contract::{Error, Result, Text};
use futures_util::stream::{Stream, unfold};
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::error::ApiError;
use super::jobs::id_of;
use super::openapi::Problems;
use super::path::InPath;
use super::reply::Reply;
use super::state::AppState;
use crate::jobs::{Job, JobHandle, JobState};

/// A word from time to time keeps proxies from closing the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// One event of a job.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the lines of an event")]
pub(super) struct JobEvent {
    /// What to send as `Last-Event-ID` to go on after this event.
    id: String,
    /// `step` or `state`.
    event: String,
    /// A step or the job, as JSON.
    data: String,
}

/// Follow a job
///
/// Server-Sent Events: `step` for each step, `state` with the job (without its steps and one-time
/// secrets) for each change of its state. The stream ends with the job. A client that comes back
/// with `Last-Event-ID` gets what it missed, from whichever server; after the end the answer is 204.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{job}/events",
    tag = "jobs",
    operation_id = "follow_job",
    params(
        ("job" = uuid::Uuid, Path, description = "the id of the job"),
        ("Last-Event-ID" = Option<String>, Header, description = "the id of the last event that arrived"),
    ),
    responses(
        (status = 200, description = "The events", body = JobEvent, content_type = "text/event-stream"),
        (status = 204, description = "The job has ended, and nothing was missed"),
        Problems
    )
)]
pub(super) async fn follow(
    request: HttpRequest,
    state: web::Data<AppState>,
    InPath(job): InPath<Text>,
) -> Reply {
    let handle = state.orchestrator().jobs().get(id_of(&job)?).await?;
    let told = Told::of(request.headers())?;
    let now = handle.peek().await?;
    if now.state.has_ended() && told == Told::all_of(&now) {
        return Ok(HttpResponse::NoContent().finish());
    }
    Ok(HttpResponse::build(StatusCode::OK)
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        // A compressor would hold back events until it has enough of them.
        .insert_header((CONTENT_ENCODING, ContentEncoding::Identity))
        .streaming(events(handle, told)))
}

/// What a client was told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Told {
    steps: usize,
    /// State and number of the try.
    state: Option<(JobState, u32)>,
}

impl Told {
    fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        let Some(id) = headers.get("last-event-id") else {
            return Ok(Self::default());
        };
        let told = id.to_str().ok().and_then(Self::parse);
        told.ok_or_else(|| {
            Error::invalid("the Last-Event-ID is not one of this stream")
                .with_field("Last-Event-ID")
                .into()
        })
    }

    fn parse(id: &str) -> Option<Self> {
        let (steps, state) = id.split_once('-')?;
        let state = match state.split_once('-') {
            Some((state, tries)) => Some((JobState::of_word(state)?, tries.parse().ok()?)),
            None if state.is_empty() => None,
            None => return None,
        };
        let steps = steps.parse().ok()?;
        Some(Self { steps, state })
    }

    fn all_of(job: &Job) -> Self {
        Self {
            steps: job.steps.len(),
            state: Some((job.state, job.tries)),
        }
    }

    fn id(self) -> String {
        match self.state {
            None => format!("{}-", self.steps),
            Some((state, tries)) => format!("{}-{}-{tries}", self.steps, state.as_str()),
        }
    }

    /// The events that are missing, as text; afterwards nothing is missing.
    fn catch_up(&mut self, mut job: Job) -> Result<String> {
        let mut text = String::new();
        let steps = std::mem::take(&mut job.steps);
        for step in steps.iter().skip(self.steps) {
            self.steps += 1;
            write_event(&mut text, "step", self.id(), step)?;
        }
        let state = Some((job.state, job.tries));
        if self.state != state {
            self.state = state;
            write_event(&mut text, "state", self.id(), &job)?;
        }
        Ok(text)
    }
}

fn write_event(text: &mut String, event: &str, id: String, data: &impl Serialize) -> Result<()> {
    let data = serde_json::to_string(data)
        .map_err(|error| Error::internal("an event cannot be written").with_internal(error))?;
    write!(text, "id: {id}\nevent: {event}\ndata: {data}\n\n")
        .map_err(|error| Error::internal("an event cannot be written").with_internal(error))
}

fn events(handle: JobHandle, told: Told) -> impl Stream<Item = Result<Bytes>> {
    let watcher = handle.watch();
    unfold(Some((handle, told, watcher)), async |following| {
        let (handle, mut told, mut watcher) = following?;
        let quiet_until = Instant::now() + KEEP_ALIVE;
        loop {
            let missing = match handle.peek().await {
                Ok(job) => told.catch_up(job),
                Err(error) => Err(error),
            };
            match missing {
                Err(error) => return Some((Err(error), None)),
                Ok(text) if !text.is_empty() => {
                    let is_end = told.state.is_some_and(|(state, _)| state.has_ended());
                    let rest = (!is_end).then_some((handle, told, watcher));
                    return Some((Ok(Bytes::from(text)), rest));
                }
                Ok(_) if Instant::now() >= quiet_until => {
                    let word = Bytes::from_static(b": the job goes on\n\n");
                    return Some((Ok(word), Some((handle, told, watcher))));
                }
                Ok(_) => {}
            }
            watcher.changed_before(quiet_until).await;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{JobState, Told};

    #[test]
    fn ids_are_read_as_they_are_written() {
        for told in [
            Told::default(),
            Told {
                steps: 7,
                state: Some((JobState::Running, 2)),
            },
        ] {
            assert_eq!(Told::parse(&told.id()), Some(told));
        }
        for wrong in ["", "x", "1", "1-asleep-1", "1-running", "-1-running-1"] {
            assert_eq!(Told::parse(wrong), None, "{wrong}");
        }
    }
}
