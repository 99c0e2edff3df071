//! What no route takes: unknown paths and methods that a path does not have.

use actix_web::http::StatusCode;
use actix_web::http::header::ALLOW;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use cloudfarm_contract::Error;

use super::error::ApiError;
use super::routes::Routes;

/// 404, or 405 with `Allow`.
pub(super) async fn fallback(request: HttpRequest, routes: web::Data<Routes>) -> HttpResponse {
    match routes.find(request.path()) {
        Some(route) => {
            let allowed = route.methods.join(", ");
            let error = Error::invalid(format!(
                "{} is not a method of this path, it has: {allowed}",
                request.method()
            ));
            let error = ApiError::with_status(error, StatusCode::METHOD_NOT_ALLOWED);
            let mut answer = error.error_response();
            if let Ok(allowed) = allowed.parse() {
                answer.headers_mut().insert(ALLOW, allowed);
            }
            answer
        }
        None => ApiError::from(
            Error::not_found("there is no such path").with_hint(routes.hint().to_owned()),
        )
        .error_response(),
    }
}
