//! Notifiers: list, try.

use actix_web::{HttpRequest, web};
use cloudfarm_contract::Text;

use super::list::Listing;
use super::openapi::Problems;
use super::path::InPath;
use super::reply::{self, Reply};
use super::state::AppState;
use crate::notify::{self, NotifierView, Trial};

/// List the notifiers
///
/// Who is told of ends of jobs and of leases, as the settings say, and how that fares. No answer
/// holds a secret; of an address there is the host.
#[utoipa::path(
    get,
    path = "/api/v1/notifiers",
    tag = "notifiers",
    operation_id = "list_notifiers",
    responses((status = 200, description = "All notifiers", body = Listing<NotifierView>), Problems)
)]
pub(super) async fn list(request: HttpRequest, state: web::Data<AppState>) -> Reply {
    let store = state.orchestrator().jobs().store();
    let items = notify::list(&state.settings().notifiers, store).await?;
    reply::listing(&request, &Listing { items, next: None })
}

/// Try a notifier
///
/// Tells it something, at once and once, and says what it answered. The answer is `502` with the
/// reason if it was not taken.
#[utoipa::path(
    post,
    path = "/api/v1/notifiers/{notifier}/test",
    tag = "notifiers",
    operation_id = "test_notifier",
    params(("notifier" = String, Path, description = "the name of the notifier")),
    responses((status = 200, description = "It took it", body = Trial), Problems)
)]
pub(super) async fn test(state: web::Data<AppState>, InPath(name): InPath<Text>) -> Reply {
    reply::json(&notify::test(&state.settings().notifiers, &name).await?)
}
