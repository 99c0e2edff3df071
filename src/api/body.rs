//! Request bodies and query strings, with errors that name the field.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{FromRequest, HttpRequest, web};
use bytes::{Bytes, BytesMut};
use cloudfarm_contract::{Error, without_values};
use futures_util::Stream;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use super::error::ApiError;

/// The size that a body may have, in bytes; kept in the application's data.
#[derive(Debug, Clone, Copy)]
pub(super) struct BodyLimit(pub(super) usize);

/// A JSON body of type `T`. An empty body counts as `{}`, so that a `POST` whose fields are all
/// optional needs none.
#[derive(Debug)]
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = ReadBody<T>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limit = request
            .app_data::<web::Data<BodyLimit>>()
            .map_or(0, |limit| limit.0);
        ReadBody {
            refused: check_headers(request, limit).err(),
            payload: payload.take(),
            read: BytesMut::new(),
            limit,
            is_json: has_json_type(request),
            body: std::marker::PhantomData,
        }
    }
}

/// Reads a body to its end, or to its limit.
pub(super) struct ReadBody<T> {
    refused: Option<ApiError>,
    payload: Payload,
    read: BytesMut,
    limit: usize,
    is_json: bool,
    body: std::marker::PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Future for ReadBody<T> {
    type Output = Result<Body<T>, ApiError>;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let Some(refused) = this.refused.take() {
            return Poll::Ready(Err(refused));
        }
        loop {
            match Pin::new(&mut this.payload).poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(chunk))) => {
                    if this.read.len() + chunk.len() > this.limit {
                        return Poll::Ready(Err(too_large(this.limit)));
                    }
                    this.read.extend_from_slice(&chunk);
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(unreadable(&error))),
                Poll::Ready(None) => break,
            }
        }
        Poll::Ready(decode(&this.read.split().freeze(), this.is_json).map(Body))
    }
}

fn has_json_type(request: &HttpRequest) -> bool {
    request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            let essence = value.split(';').next().unwrap_or_default().trim();
            essence.eq_ignore_ascii_case("application/json")
        })
}

fn check_headers(request: &HttpRequest, limit: usize) -> Result<(), ApiError> {
    let length = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    let length = length
        .and_then(|value| value.parse::<usize>().ok())
        .unwrap_or_default();
    if length > limit {
        return Err(too_large(limit));
    }
    let has_type = request.headers().contains_key(CONTENT_TYPE);
    if (has_type || length > 0) && !has_json_type(request) {
        let error = Error::invalid("the body is not JSON by its content-type")
            .with_hint("send content-type: application/json");
        return Err(ApiError::with_status(
            error,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ));
    }
    Ok(())
}

fn decode<T: DeserializeOwned>(body: &Bytes, is_json: bool) -> Result<T, ApiError> {
    let body: &[u8] = match (body.is_empty(), is_json) {
        (true, _) => b"{}",
        (false, true) => body,
        (false, false) => {
            let error = Error::invalid("the body is not JSON by its content-type")
                .with_hint("send content-type: application/json");
            return Err(ApiError::with_status(
                error,
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ));
        }
    };
    // A list would be read as the fields in their order, and anything else be told of a Rust type.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(Error::invalid("the body must be a JSON object").into());
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        field_error(&path, &error.into_inner())
    })?;
    deserializer
        .end()
        .map_err(|error| field_error(".", &error))?;
    Ok(value)
}

fn field_error(path: &str, error: &serde_json::Error) -> ApiError {
    let message = without_values(&error.to_string());
    if error.is_syntax() || error.is_eof() {
        return Error::invalid(format!("the body is not JSON: {message}")).into();
    }
    let wrong = Error::invalid(message);
    if path == "." {
        wrong.into()
    } else {
        wrong.with_field(path).into()
    }
}

pub(super) fn too_large(limit: usize) -> ApiError {
    let error = Error::invalid(format!("the body is larger than {limit} bytes"));
    ApiError::with_status(error, StatusCode::PAYLOAD_TOO_LARGE)
}

pub(super) fn unreadable(error: &PayloadError) -> ApiError {
    Error::invalid(format!("the body could not be read: {error}")).into()
}

/// The query string as type `T`.
#[derive(Debug)]
pub(super) struct Params<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest for Params<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = form_urlencoded::parse(request.query_string().as_bytes());
        let deserializer = serde_urlencoded::Deserializer::new(pairs);
        let read = serde_path_to_error::deserialize(deserializer).map_err(|error| {
            let path = error.path().to_string();
            let message = without_values(&error.into_inner().to_string());
            let wrong = Error::invalid(format!("the query string is wrong: {message}"));
            if path == "." {
                wrong.into()
            } else {
                wrong.with_field(path).into()
            }
        });
        ready(read.map(Self))
    }
}
