//! Locations: list and show.

use cloudfarm_contract::model::Location;

use super::asked::{OfCloud, OfFarm, OfOne};
use super::body::Params;
use super::list::{FarmListParams, FarmListing, ListParams, Listing};
use super::openapi::Problems;
use super::reply::{self, Reply};

/// List the locations of a cloud
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/locations",
    tag = "locations",
    operation_id = "list_locations",
    params(("cloud" = String, Path, description = "the name of the cloud"), ListParams),
    responses((status = 200, description = "A page of locations", body = Listing<Location>), Problems)
)]
pub(super) async fn list(asked: OfCloud, params: Params<ListParams>) -> Reply {
    asked.list::<Location>(params).await
}

/// List the locations of many clouds
///
/// All clouds are asked at the same time, each under its own deadline; each has a row that says how
/// it went.
#[utoipa::path(
    get,
    path = "/api/v1/locations",
    tag = "locations",
    operation_id = "list_locations_of_all_clouds",
    params(FarmListParams),
    responses(
        (status = 200, description = "A page of each cloud's locations", body = FarmListing<Location>),
        Problems,
    )
)]
pub(super) async fn list_all(asked: OfFarm, params: Params<FarmListParams>) -> Reply {
    asked.list::<Location>(params).await
}

/// Show a location
///
/// By id or exact name.
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/locations/{location}",
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
pub(super) async fn show(asked: OfOne) -> Reply {
    let (cloud, location) = &asked.path;
    let found = asked
        .orchestrator()
        .get_location(&asked.call, cloud, location)
        .await?;
    reply::resource(&asked.request, &found)
}
