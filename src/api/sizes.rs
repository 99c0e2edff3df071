//! Sizes: list and show.

use cloudfarm_contract::model::Size;

use super::asked::{OfCloud, OfFarm, OfOne};
use super::body::Params;
use super::list::{FarmListParams, FarmListing, ListParams, Listing};
use super::openapi::Problems;
use super::reply::{self, Reply};

/// List the sizes of a cloud
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/sizes",
    tag = "sizes",
    operation_id = "list_sizes",
    params(("cloud" = String, Path, description = "the name of the cloud"), ListParams),
    responses((status = 200, description = "A page of sizes", body = Listing<Size>), Problems)
)]
pub(super) async fn list(asked: OfCloud, params: Params<ListParams>) -> Reply {
    asked.list::<Size>(params).await
}

/// List the sizes of many clouds
///
/// All clouds are asked at the same time, each under its own deadline; each has a row that says how
/// it went.
#[utoipa::path(
    get,
    path = "/api/v1/sizes",
    tag = "sizes",
    operation_id = "list_sizes_of_all_clouds",
    params(FarmListParams),
    responses(
        (status = 200, description = "A page of each cloud's sizes", body = FarmListing<Size>),
        Problems,
    )
)]
pub(super) async fn list_all(asked: OfFarm, params: Params<FarmListParams>) -> Reply {
    asked.list::<Size>(params).await
}

/// Show a size
///
/// By id, by exact name, or by a need as `ram>=2048,vcpus>=2` that takes the smallest that fits.
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/sizes/{size}",
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
pub(super) async fn show(asked: OfOne) -> Reply {
    let (cloud, size) = &asked.path;
    let found = asked
        .orchestrator()
        .get_size(&asked.call, cloud, size)
        .await?;
    reply::resource(&asked.request, &found)
}
