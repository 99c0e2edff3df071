//! The documentation page, which needs no network.

use std::sync::{Arc, LazyLock};

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_ENCODING, ContentEncoding, LOCATION};
use cloudfarm_contract::{Error, Text};
use utoipa_swagger_ui::{Config, serve};

use super::path::InPath;
use super::reply::Reply;

/// The document as it is served: the one that is checked in, for putting it together takes more
/// memory than everything else that the server does. A test holds it equal to what the code says.
pub(super) const DOCUMENT: &str = include_str!("../../docs/openapi.json");

/// Read the OpenAPI document
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    tag = "operations",
    operation_id = "openapi",
    responses((status = 200, description = "This document", body = Object))
)]
pub(super) async fn openapi() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(DOCUMENT)
}

static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    let config = Config::from("/api/v1/openapi.json")
        .try_it_out_enabled(true)
        .default_models_expand_depth(0)
        .filter(true)
        .validator_url("none");
    Arc::new(config)
});

/// The page at `/docs/`; its scripts are in the binary.
pub(super) async fn page() -> Reply {
    file_named("")
}

/// A file of the page.
pub(super) async fn file(InPath(name): InPath<Text>) -> Reply {
    file_named(&name)
}

fn file_named(name: &str) -> Reply {
    let file = serve(name, Arc::clone(&CONFIG))
        .map_err(|error| Error::internal("the page could not be written").with_internal(error))?
        .ok_or_else(|| Error::not_found("the page has no such file"))?;
    let mut answer = HttpResponse::Ok();
    if file.gzpipped {
        answer.insert_header((CONTENT_ENCODING, ContentEncoding::Gzip));
    }
    Ok(answer
        .content_type(file.content_type)
        .body(file.bytes.into_owned()))
}

/// To the page, for who leaves the slash away.
pub(super) async fn to_page() -> HttpResponse {
    HttpResponse::TemporaryRedirect()
        .insert_header((LOCATION, "/docs/"))
        .finish()
}
