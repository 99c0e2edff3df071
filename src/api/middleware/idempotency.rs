//! `Idempotency-Key`: a repeated request is answered with the job of the first.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError, web};
use bytes::{Bytes, BytesMut};
use cloudfarm_contract::Error as ContractError;
use futures_util::StreamExt;
use sha2::{Digest, Sha256};

use crate::api::body::{BodyLimit, too_large, unreadable};
use crate::api::dispatch::route_of;
use crate::api::error::ApiError;
use crate::api::reply;
use crate::api::state::AppState;
use crate::jobs::{IDEMPOTENCY, Submission, other_request};
use crate::store::{Idempotency, Submitted};

static HEADER: HeaderName = HeaderName::from_static("idempotency-key");
const KEY_LENGTH_MAX: usize = 255;

/// Whether a request comes under a key, and may change something.
pub(crate) fn has_key(request: &ServiceRequest) -> bool {
    request.headers().contains_key(&HEADER) && is_change(request)
}

/// Answers a repeated request that has a key itself; tells the handler of a new one under which key
/// it came.
pub(crate) async fn idempotent<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let answer = answered_before(&mut request).await;
    // An error that is returned would pass by what gives answers their request id.
    if let Some(answer) = answer.unwrap_or_else(|error| Some(error.error_response())) {
        return Ok(request.into_response(answer).map_into_right_body());
    }
    Ok(next.call(request).await?.map_into_left_body())
}

/// The answer of a request that is a repetition. One that is not is given its key.
async fn answered_before(request: &mut ServiceRequest) -> Result<Option<HttpResponse>, ApiError> {
    let state = request.app_data::<web::Data<AppState>>().cloned();
    let (Some(state), Some(key)) = (state, request.headers().get(&HEADER)) else {
        return Ok(None);
    };
    let key = key_of(key)?;
    let body = read(request).await?;
    let jobs = state.orchestrator().jobs();
    let project = Submission::default_project();
    let idempotency = Idempotency {
        key,
        fingerprint: fingerprint(request, &project, &body),
        not_before: jobs.store().now() - i64::try_from(IDEMPOTENCY.as_millis()).unwrap_or(i64::MAX),
    };
    request.set_payload(Payload::from(body));
    match jobs.store().recall(&project, &idempotency).await? {
        // The handler of many actions knows what became of each.
        None | Some(Submitted::New | Submitted::KnownCall) => {
            request.extensions_mut().insert(idempotency);
            Ok(None)
        }
        Some(Submitted::Known(id)) => {
            let job = jobs.get(id).await?;
            reply::job(request.request(), &state, job).await.map(Some)
        }
        Some(Submitted::Other) => Err(other_request().into()),
    }
}

/// Whether the request is a change that there is a route for.
fn is_change(request: &ServiceRequest) -> bool {
    let method = request.method();
    *method != Method::GET && route_of(request).is_some_and(|route| route.answer(method).is_some())
}

/// The key, if it is one.
fn key_of(value: &HeaderValue) -> Result<String, ApiError> {
    let bytes = value.as_bytes();
    let is_right = (1..=KEY_LENGTH_MAX).contains(&bytes.len())
        && bytes.iter().all(|byte| (b' '..=b'~').contains(byte));
    match std::str::from_utf8(bytes) {
        Ok(key) if is_right => Ok(key.to_owned()),
        _ => {
            let error = ContractError::invalid(format!(
                "Idempotency-Key must be 1 to {KEY_LENGTH_MAX} printable ASCII characters"
            ));
            let error = error.with_field("Idempotency-Key");
            Err(ApiError::with_status(error, StatusCode::BAD_REQUEST))
        }
    }
}

async fn read(request: &mut ServiceRequest) -> Result<Bytes, ApiError> {
    let limit = request
        .app_data::<web::Data<BodyLimit>>()
        .map_or(0, |limit| limit.0);
    let mut payload = request.take_payload();
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| unreadable(&error))?;
        if body.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// What makes two requests the same. Each part is preceded by its length, so that none can pass
/// for another.
fn fingerprint(request: &ServiceRequest, project: &str, body: &[u8]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in [
        request.method().as_str().as_bytes(),
        request.path().as_bytes(),
        project.as_bytes(),
        body,
    ] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}
