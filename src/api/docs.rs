//! The documentation page, which needs no network.

use actix_web::{HttpResponse, get};
use utoipa_swagger_ui::{Config, SwaggerUi};

/// The document as it is served: the one that is checked in, for putting it together takes more
/// memory than everything else that the server does. A test holds it equal to what the code says.
pub(super) const DOCUMENT: &str = include_str!("../../docs/openapi.json");

/// Read the OpenAPI document
#[utoipa::path(
    tag = "operations",
    operation_id = "openapi",
    responses((status = 200, description = "This document", body = Object))
)]
#[get("/openapi.json")]
pub(super) async fn openapi() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(DOCUMENT)
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
