//! Hands a request to what answers it, and answers what no route takes: unknown paths, and methods
//! that a path does not have.

use std::future::ready;
use std::sync::Arc;

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::ALLOW;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpMessage, HttpResponse, ResponseError, web};
use cloudfarm_contract::Error;
use futures_util::future::LocalBoxFuture;

use super::call::Tracked;
use super::error::ApiError;
use super::routes::{Route, Routes};

/// So many paths can be listed in a sentence.
const FEW: usize = 5;

/// The answer of the request's route.
pub(super) fn dispatch(
    request: ServiceRequest,
) -> LocalBoxFuture<'static, actix_web::Result<ServiceResponse>> {
    let route = route_of(&request);
    if let Some(answer) = route
        .as_ref()
        .and_then(|route| route.answer(request.method()))
    {
        return answer(request);
    }
    let refused = match route.filter(|route| route.methods().next().is_some()) {
        Some(route) => not_a_method(&route, request.method()),
        None => no_path(&request),
    };
    Box::pin(ready(Ok(request.into_response(refused))))
}

/// The route that was found for this request.
pub(super) fn route_of(request: &ServiceRequest) -> Option<Arc<Route>> {
    let extensions = request.extensions();
    let tracked = extensions.get::<Tracked>();
    tracked.map(|tracked| Arc::clone(&tracked.route))
}

fn not_a_method(route: &Route, method: &Method) -> HttpResponse {
    let allowed: Vec<&str> = route.methods().map(Method::as_str).collect();
    let allowed = allowed.join(", ");
    let error = Error::invalid(format!(
        "{method} is not a method of this path, it has: {allowed}"
    ));
    let error = ApiError::with_status(error, StatusCode::METHOD_NOT_ALLOWED);
    let mut answer = error.error_response();
    if let Ok(allowed) = allowed.parse() {
        answer.headers_mut().insert(ALLOW, allowed);
    }
    answer
}

fn no_path(request: &ServiceRequest) -> HttpResponse {
    let routes = request.app_data::<web::Data<Routes>>();
    let templates = routes.map_or(&[][..], |routes| routes.templates());
    let error = Error::not_found("there is no such path");
    let error = match templates.len() {
        1..=FEW => error.with_hint(format!("there are: {}", templates.join(", "))),
        _ => error.with_hint("/docs lists the paths there are"),
    };
    ApiError::from(error).error_response()
}
