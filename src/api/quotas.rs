//! Quotas: list.

use cloudfarm_contract::model::Quota;

use super::asked::OfCloud;
use super::list::Listing;
use super::openapi::Problems;
use super::reply::{self, Reply};

/// List the quotas of a cloud
///
/// How much the farm's credential may have there, and has. There is only one page.
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/quotas",
    tag = "quotas",
    operation_id = "list_quotas",
    params(("cloud" = String, Path, description = "the name of the cloud")),
    responses((status = 200, description = "The quotas", body = Listing<Quota>), Problems)
)]
pub(super) async fn list(asked: OfCloud) -> Reply {
    let items = asked
        .orchestrator()
        .list_quotas(&asked.call, &asked.path)
        .await?;
    reply::json(&Listing { items, next: None })
}
