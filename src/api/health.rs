//! Whether the process lives, and whether it can serve.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::state::AppState;
use crate::farm::CloudStatus;

/// Whether the process can serve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Readiness)]
pub struct ReadinessView {
    /// Whether every check passes that must.
    pub ready: bool,
    /// Each check.
    pub checks: Vec<ReadinessCheck>,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReadinessCheck {
    /// What is checked.
    pub name: String,
    /// Whether it passes.
    pub ok: bool,
    /// Whether the process is not ready without it.
    pub required: bool,
    /// What was seen.
    pub detail: String,
}

/// Tell whether the process lives
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "operations",
    operation_id = "healthz",
    responses((status = 200, description = "It lives", body = String, content_type = "text/plain"))
)]
pub(super) async fn healthz() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body("ok\n")
}

/// Tell whether the process can serve
///
/// A cloud that fails does not make it unready, for the others serve.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operations",
    operation_id = "readyz",
    responses(
        (status = 200, description = "It can serve", body = ReadinessView),
        (status = 503, description = "It cannot", body = ReadinessView),
    )
)]
pub(super) async fn readyz(state: web::Data<AppState>) -> HttpResponse {
    let farm = state.orchestrator().farm();
    let failed: Vec<&str> = farm
        .clouds()
        .filter(|cloud| cloud.status() == CloudStatus::Failed)
        .map(|cloud| cloud.name().as_str())
        .collect();
    let clouds = farm.clouds().len();
    let detail = if failed.is_empty() {
        format!("{clouds} clouds")
    } else {
        format!("{clouds} clouds, of which failed: {}", failed.join(", "))
    };
    let store = state.orchestrator().jobs().store();
    let stored = store.check().await;
    let checks = vec![
        ReadinessCheck {
            name: "store".to_owned(),
            ok: stored.is_ok(),
            required: true,
            detail: match &stored {
                Ok(()) => format!("{} can be read and written", store.backend()),
                Err(error) => error.to_string(),
            },
        },
        ReadinessCheck {
            name: "farm".to_owned(),
            ok: clouds > 0,
            required: true,
            detail: format!("{clouds} clouds are configured"),
        },
        ReadinessCheck {
            name: "clouds".to_owned(),
            ok: failed.is_empty(),
            required: false,
            detail,
        },
    ];
    let ready = checks.iter().all(|check| check.ok || !check.required);
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    HttpResponse::build(status).json(ReadinessView { ready, checks })
}
