//! Sizes: list and show.

use actix_web::{HttpRequest, get, web};
use cloudfarm_contract::model::Size;
use cloudfarm_contract::{ListQuery, Text};

use super::body::Params;
use super::call::ApiCall;
use super::list::{FarmListParams, FarmListing, ListParams, Listing, names};
use super::openapi::Problems;
use super::reply::{self, Reply};
use super::state::AppState;

/// List the sizes of a cloud
#[utoipa::path(
    tag = "sizes",
    operation_id = "list_sizes",
    params(("cloud" = String, Path, description = "the name of the cloud"), ListParams),
    responses((status = 200, description = "A page of sizes", body = Listing<Size>), Problems)
)]
#[get("")]
pub(super) async fn list(
    request: HttpRequest,
    state: web::Data<AppState>,
    cloud: web::Path<String>,
    params: Params<ListParams>,
    call: ApiCall,
) -> Reply {
    let paging = params.0.paging(&state, "sizes")?;
    let name = Text::from(cloud.as_str());
    let query = ListQuery {
        page: paging.page_of(&name)?,
        name: params.0.name,
    };
    let page = state
        .orchestrator()
        .list_sizes(&call.0, &cloud, &query)
        .await?;
    reply::listing(&request, &paging.listing(&name, page))
}

/// List the sizes of many clouds
///
/// All clouds are asked at the same time, each under its own deadline; each has a row that says how
/// it went.
#[utoipa::path(
    tag = "sizes",
    operation_id = "list_sizes_of_all_clouds",
    params(FarmListParams),
    responses(
        (status = 200, description = "A page of each cloud's sizes", body = FarmListing<Size>),
        Problems,
    )
)]
#[get("/sizes")]
pub(super) async fn list_all(
    state: web::Data<AppState>,
    params: Params<FarmListParams>,
    call: ApiCall,
) -> Reply {
    let paging = params.0.paging(&state, "sizes")?;
    let clouds = paging.remaining(names(params.0.cloud.as_deref()));
    let query = ListQuery {
        name: params.0.name,
        ..ListQuery::default()
    };
    let answers = state
        .orchestrator()
        .list_sizes_of_many(&call.0, clouds.as_deref(), &query, |cloud| {
            paging.page(cloud)
        })
        .await?;
    reply::json(&paging.farm_listing(answers, call.0.cx().request_id()))
}

/// Show a size
///
/// By id, by exact name, or by a need as `ram>=2048,vcpus>=2` that takes the smallest that fits.
#[utoipa::path(
    tag = "sizes",
    operation_id = "get_size",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("size" = String, Path, description = "an id, an exact name or a need"),
    ),
    responses(
        (status = 200, description = "The size", body = Size),
        (status = 304, description = "It is as the ETag in If-None-Match says"),
        Problems,
    )
)]
#[get("/{size}")]
pub(super) async fn show(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
) -> Reply {
    let found = state
        .orchestrator()
        .get_size(&call.0, &path.0, &path.1)
        .await?;
    reply::resource(&request, &found)
}
