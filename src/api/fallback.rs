//! What no route takes: unknown paths and methods that a path does not have.

use actix_web::http::StatusCode;
use actix_web::http::header::ALLOW;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use cloudfarm_contract::Error;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::PathItem;

use super::error::ApiError;

/// Every path of the API with the methods it has.
#[derive(Debug, Default)]
pub(super) struct Routes(Vec<(Vec<String>, Vec<&'static str>)>);

impl Routes {
    /// As the document has them.
    pub(super) fn of(document: &OpenApi) -> Self {
        let segments = |path: &str| path.split('/').map(str::to_owned).collect();
        Self(
            document
                .paths
                .paths
                .iter()
                .map(|(path, item)| (segments(path), methods(item)))
                .collect(),
        )
    }

    /// The methods of the path; `None` if there is no such path.
    fn methods(&self, path: &str) -> Option<&[&'static str]> {
        let asked: Vec<&str> = path.split('/').collect();
        let fits = |template: &Vec<String>| {
            template.len() == asked.len()
                && template.iter().zip(&asked).all(|(part, asked)| {
                    part == asked || (part.starts_with('{') && !asked.is_empty())
                })
        };
        self.0
            .iter()
            .find(|(template, _)| fits(template))
            .map(|(_, methods)| methods.as_slice())
    }
}

fn methods(item: &PathItem) -> Vec<&'static str> {
    [
        ("GET", item.get.is_some()),
        ("POST", item.post.is_some()),
        ("PUT", item.put.is_some()),
        ("PATCH", item.patch.is_some()),
        ("DELETE", item.delete.is_some()),
    ]
    .into_iter()
    .filter_map(|(method, there)| there.then_some(method))
    .collect()
}

/// 404, or 405 with `Allow`.
pub(super) async fn fallback(request: HttpRequest, routes: web::Data<Routes>) -> HttpResponse {
    match routes.methods(request.path()) {
        Some(methods) => {
            let allowed = methods.join(", ");
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
            Error::not_found("there is no such path").with_hint("/docs lists the paths there are"),
        )
        .error_response(),
    }
}
