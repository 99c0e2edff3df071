//! Locations: list and show.

use actix_web::{HttpRequest, get, web};
use cloudfarm_contract::model::Location;
use cloudfarm_contract::{ListQuery, Text};

use super::body::Params;
use super::call::ApiCall;
use super::list::{FarmListParams, FarmListing, ListParams, Listing, names};
use super::openapi::Problems;
use super::reply::{self, Reply};
use super::state::AppState;

/// List the locations of a cloud
#[utoipa::path(
    tag = "locations",
    operation_id = "list_locations",
    params(("cloud" = String, Path, description = "the name of the cloud"), ListParams),
    responses((status = 200, description = "A page of locations", body = Listing<Location>), Problems)
)]
#[get("")]
pub(super) async fn list(
    request: HttpRequest,
    state: web::Data<AppState>,
    cloud: web::Path<String>,
    params: Params<ListParams>,
    call: ApiCall,
) -> Reply {
    let paging = params.0.paging(&state, "locations")?;
    let name = Text::from(cloud.as_str());
    let query = ListQuery {
        page: paging.page_of(&name)?,
        name: params.0.name,
    };
    let page = state
        .orchestrator()
        .list_locations(&call.0, &cloud, &query)
        .await?;
    reply::listing(&request, &paging.listing(&name, page))
}

/// List the locations of many clouds
///
/// All clouds are asked at the same time, each under its own deadline; each has a row that says how
/// it went.
#[utoipa::path(
    tag = "locations",
    operation_id = "list_locations_of_all_clouds",
    params(FarmListParams),
    responses(
        (status = 200, description = "A page of each cloud's locations", body = FarmListing<Location>),
        Problems,
    )
)]
#[get("/locations")]
pub(super) async fn list_all(
    state: web::Data<AppState>,
    params: Params<FarmListParams>,
    call: ApiCall,
) -> Reply {
    let paging = params.0.paging(&state, "locations")?;
    let clouds = paging.remaining(names(params.0.cloud.as_deref()));
    let query = ListQuery {
        name: params.0.name,
        ..ListQuery::default()
    };
    let answers = state
        .orchestrator()
        .list_locations_of_many(&call.0, clouds.as_deref(), &query, |cloud| {
            paging.page(cloud)
        })
        .await?;
    reply::json(&paging.farm_listing(answers, call.0.cx().request_id()))
}

/// Show a location
///
/// By id or exact name.
#[utoipa::path(
    tag = "locations",
    operation_id = "get_location",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("location" = String, Path, description = "an id or an exact name"),
    ),
    responses(
        (status = 200, description = "The location", body = Location),
        (status = 304, description = "It is as the ETag in If-None-Match says"),
        Problems,
    )
)]
#[get("/{location}")]
pub(super) async fn show(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
) -> Reply {
    let found = state
        .orchestrator()
        .get_location(&call.0, &path.0, &path.1)
        .await?;
    reply::resource(&request, &found)
}
