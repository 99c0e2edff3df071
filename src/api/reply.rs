//! Answers that handlers give.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH, LINK, LOCATION,
};
use actix_web::{HttpRequest, HttpResponse};
use cloudfarm_contract::{Error, Result};
use serde::Serialize;

use super::call::preferred_wait;
use super::error::ApiError;
use super::etag::Etag;
use super::json::encode;
use super::list::Listing;
use super::state::AppState;
use crate::jobs::{Job, JobHandle};

/// What a handler gives.
pub(super) type Reply = std::result::Result<HttpResponse, ApiError>;

/// The header of every answer with JSON.
const JSON: (HeaderName, HeaderValue) =
    (CONTENT_TYPE, HeaderValue::from_static("application/json"));

/// Bytes of an ordinary item of a list: room for a little more spares copying a long answer.
pub(super) const ITEM_SIZE: usize = 896;

/// 200 with JSON.
pub(super) fn json<T: Serialize>(value: &T) -> Reply {
    Ok(ok(encode(value, 1024)?))
}

/// 200 with what is JSON already.
pub(super) fn ok(body: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok().insert_header(JSON).body(body)
}

/// 200 with a page, and a link to the next one.
pub(super) fn listing<T: Serialize>(request: &HttpRequest, list: &Listing<T>) -> Reply {
    let size = 256 + list.items.len() * ITEM_SIZE;
    Ok(page(request, list.next.as_deref(), encode(list, size)?))
}

/// The same with what is JSON already.
pub(super) fn page(request: &HttpRequest, next: Option<&str>, body: Vec<u8>) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    if let Some(next) = next {
        answer.insert_header((LINK, next_link(request, next)));
    }
    answer.insert_header(JSON).body(body)
}

fn next_link(request: &HttpRequest, next: &str) -> String {
    let kept: Vec<&str> = request
        .query_string()
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="))
        .collect();
    let separator = if kept.is_empty() { "" } else { "&" };
    format!(
        "<{}?{}{separator}cursor={next}>; rel=\"next\"",
        request.path(),
        kept.join("&")
    )
}

/// 200 with a single resource and its ETag, or 304 if the client has it.
pub(super) fn resource<T: Serialize>(request: &HttpRequest, value: &T) -> Reply {
    let body = encode(value, 1024)?;
    Ok(single(request, Etag::of_json(&body), body))
}

/// The same with what is JSON already.
pub(super) fn single(request: &HttpRequest, tag: Etag, body: Vec<u8>) -> HttpResponse {
    if tag.is_known(request.headers()) {
        return HttpResponse::NotModified()
            .insert_header((ETAG, tag))
            .finish();
    }
    HttpResponse::Ok()
        .insert_header(JSON)
        .insert_header((ETAG, tag))
        .body(body)
}

/// Refuses a change of what is not any more as the client knows it.
///
/// # Errors
///
/// `conflict` if `If-Match` names another state than `value`.
pub(super) fn check_match<T: Serialize>(headers: &HeaderMap, value: &T) -> Result<()> {
    check_tag(headers, || Ok(Etag::of_json(&encode(value, 1024)?)))
}

/// The same for who knows the ETag.
pub(super) fn check_tag(headers: &HeaderMap, tag: impl FnOnce() -> Result<Etag>) -> Result<()> {
    if !headers.contains_key(IF_MATCH) {
        return Ok(());
    }
    let tag = tag()?;
    if tag.is_stale(headers) {
        return Err(
            Error::conflict("it changed since the ETag in If-Match was given")
                .with_hint(format!("look at it again; its ETag is now {tag}")),
        );
    }
    Ok(())
}

/// 202 with the job, or 200 with the ended job if the client prefers to wait and it ends in time.
pub(super) async fn job(request: &HttpRequest, state: &AppState, handle: JobHandle) -> Reply {
    let wait = wait_wanted(request, state);
    // Boxed: it works on the store, for which every change would carry the room.
    let job = Box::pin(handle.wait(wait)).await?;
    let status = if job.state.has_ended() {
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    let mut answer = HttpResponse::build(status);
    answer.insert_header((LOCATION, format!("/api/v1/jobs/{}", job.id)));
    if let Some(wait) = wait.filter(|_| preferred_wait(request.headers()).is_some()) {
        answer.insert_header(("preference-applied", format!("wait={}", wait.as_secs())));
    }
    Ok(answer.insert_header(JSON).body(encode::<Job>(&job, 1024)?))
}

/// `Prefer: wait=60`, or `?wait=60`.
pub(super) fn wait_wanted(request: &HttpRequest, state: &AppState) -> Option<Duration> {
    let wanted = preferred_wait(request.headers()).or_else(|| {
        let wait = request
            .query_string()
            .split('&')
            .find_map(|pair| pair.strip_prefix("wait="))?;
        wait.parse().ok().map(Duration::from_secs)
    });
    wanted.map(|wait| wait.min(state.settings().api.wait_max.get()))
}
