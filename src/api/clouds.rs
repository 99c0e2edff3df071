//! `/api/v1/clouds`: the named clouds and how they fare.

use actix_web::{HttpRequest, web};
use cloudfarm_contract::layers::LayerStatus;
use cloudfarm_contract::{Capabilities, Driver, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::ApiCall;
use super::list::Listing;
use super::openapi::Problems;
use super::path::InPath;
use super::reply::{self, Reply};
use super::state::AppState;
use crate::Problem;
use crate::farm::{Cloud, CloudStatus};

/// A named cloud.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = Cloud)]
pub struct CloudView {
    /// The name in the settings.
    pub name: Text,
    /// The engine.
    pub engine: Text,
    /// How it fares.
    pub status: CloudStatus,
    /// Where it is; `null` where the engine has no address, or the settings are wrong.
    pub endpoint: Option<Text>,
    /// The region, where the provider has them.
    pub region: Option<Text>,
    /// The version of the provider's API that is spoken.
    pub api_version: Option<Text>,
    /// Who speaks to it.
    pub identity: Option<Text>,
    /// What it can do; `null` if its settings are wrong.
    pub capabilities: Option<Capabilities>,
    /// The state of its layers; `null` if its settings are wrong.
    pub layers: Option<LayerStatus>,
    /// What is wrong with its settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

impl CloudView {
    /// Of a cloud as it is now.
    pub fn of(cloud: &Cloud) -> Self {
        let driver = cloud.driver().ok();
        let info = driver.map(|driver| driver.info());
        Self {
            name: cloud.name().clone(),
            engine: cloud.engine().clone(),
            status: cloud.status(),
            endpoint: info.and_then(|info| info.endpoint.clone()),
            region: info.and_then(|info| info.region.clone()),
            api_version: info.and_then(|info| info.api_version.clone()),
            identity: info.and_then(|info| info.identity.clone()),
            capabilities: driver.map(|driver| driver.capabilities().clone()),
            layers: cloud.layers(),
            error: cloud
                .settings_error()
                .map(|error| Problem::new(error, None)),
        }
    }
}

/// What a check of a cloud showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CheckReport {
    /// The name of the cloud.
    pub cloud: Text,
    /// Whether it takes the credentials.
    pub ok: bool,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What it said instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

/// List the clouds
///
/// Those whose settings are wrong are listed too, as `failed`, with the reason. Nobody is asked.
#[utoipa::path(
    get,
    path = "/api/v1/clouds",
    tag = "clouds",
    operation_id = "list_clouds",
    responses((status = 200, description = "The clouds", body = Listing<CloudView>), Problems)
)]
pub(super) async fn list(state: web::Data<AppState>) -> Reply {
    let farm = state.orchestrator().farm();
    let items = farm.clouds().map(|cloud| CloudView::of(cloud)).collect();
    reply::json(&Listing { items, next: None })
}

/// Show a cloud
///
/// With its capabilities and the state of the layers before it. Nobody is asked.
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}",
    tag = "clouds",
    operation_id = "get_cloud",
    params(("cloud" = String, Path, description = "the name of the cloud")),
    responses((status = 200, description = "The cloud", body = CloudView), Problems)
)]
pub(super) async fn show(
    request: HttpRequest,
    state: web::Data<AppState>,
    InPath(cloud): InPath<Text>,
) -> Reply {
    reply::resource(
        &request,
        &CloudView::of(&*state.orchestrator().cloud(&cloud)?),
    )
}

/// Check a cloud
///
/// Makes the cheapest call that needs the credentials. What the cloud answers stands in the report:
/// a cloud that refuses is no error of this request.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/check",
    tag = "clouds",
    operation_id = "check_cloud",
    params(("cloud" = String, Path, description = "the name of the cloud")),
    responses((status = 200, description = "What the check showed", body = CheckReport), Problems)
)]
pub(super) async fn check(
    state: web::Data<AppState>,
    InPath(cloud): InPath<Text>,
    call: ApiCall,
) -> Reply {
    let report = state.orchestrator().check_cloud(&call.0, &cloud).await?;
    let request_id = call.0.cx().request_id();
    reply::json(&CheckReport {
        cloud: report.cloud.name().clone(),
        ok: report.result.is_ok(),
        took_ms: u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX),
        error: report
            .result
            .err()
            .map(|error| Problem::new(&error, Some(request_id.clone()))),
    })
}
