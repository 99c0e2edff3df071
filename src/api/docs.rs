//! The documentation page, which needs no network.

use actix_web::{HttpResponse, get, web};
use bytes::Bytes;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// The document as it is served.
#[derive(Debug, Clone)]
pub(super) struct Document(pub(super) Bytes);

impl Document {
    /// Writes the document once, for all requests.
    pub(super) fn of(document: &OpenApi) -> Self {
        Self(Bytes::from(document.to_json().unwrap_or_default()))
    }
}

/// Read the OpenAPI document
#[utoipa::path(
    tag = "operations",
    operation_id = "openapi",
    responses((status = 200, description = "This document", body = Object))
)]
#[get("/openapi.json")]
pub(super) async fn openapi(document: web::Data<Document>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(document.0.clone())
}

/// The page at `/docs`; its scripts are in the binary.
pub(super) fn page() -> SwaggerUi {
    let config = Config::from("/api/v1/openapi.json")
        .try_it_out_enabled(true)
        .default_models_expand_depth(0)
        .filter(true)
        .validator_url("none");
    SwaggerUi::new("/docs/{_:.*}").config(config)
}
