//! Projects of the provider: list.

use cloudfarm_contract::model::ProviderProject;

use super::asked::OfCloud;
use super::list::Listing;
use super::openapi::Problems;
use super::reply::{self, Reply};

/// List the provider's projects that a cloud's credential may act on
///
/// Tenants, as others call them. `current` is the one that this cloud acts on; another is reached by
/// a cloud of its own in the farm. There is only one page.
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/provider-projects",
    tag = "provider-projects",
    operation_id = "list_provider_projects",
    params(("cloud" = String, Path, description = "the name of the cloud")),
    responses((status = 200, description = "The projects", body = Listing<ProviderProject>), Problems)
)]
pub(super) async fn list(asked: OfCloud) -> Reply {
    let items = asked
        .orchestrator()
        .list_provider_projects(&asked.call, &asked.path)
        .await?;
    reply::json(&Listing { items, next: None })
}
