//! `GET /api/v1/engines`: what can be configured.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::list::Listing;
use super::openapi::Problems;
use super::reply::{self, Reply};
use crate::farm;

/// A kind of provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = Engine)]
pub struct EngineView {
    /// The name in the settings.
    pub name: String,
    /// Other names for it.
    pub aliases: Vec<String>,
    /// What it is.
    pub summary: String,
    /// What `user` means to it; `null` if it does not look at it.
    pub user: Option<String>,
    /// What `password` means to it; `null` if it does not look at it.
    pub password: Option<String>,
    /// What `extra_params` may hold, as JSON Schema.
    #[schema(value_type = Object)]
    pub parameters: serde_json::Value,
}

/// List the engines
///
/// Each with the JSON Schema of its parameters.
#[utoipa::path(
    get,
    path = "/api/v1/engines",
    tag = "engines",
    operation_id = "list_engines",
    responses((status = 200, description = "The engines", body = Listing<EngineView>), Problems)
)]
pub(super) async fn list() -> Reply {
    let items = farm::engines()
        .iter()
        .map(|engine| EngineView {
            name: engine.name().to_owned(),
            aliases: engine
                .aliases()
                .iter()
                .map(|alias| (*alias).to_owned())
                .collect(),
            summary: engine.summary().to_owned(),
            user: engine.credentials().user.map(str::to_owned),
            password: engine.credentials().password.map(str::to_owned),
            parameters: serde_json::to_value(engine.parameters()).unwrap_or_default(),
        })
        .collect();
    reply::json(&Listing { items, next: None })
}
