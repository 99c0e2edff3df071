//! Orphans: list, adopt, forget, destroy.
use cloudfarm_contract::Text;

use super::asked::{Asked, OfCloud};
use super::list::Listing;
use super::openapi::{JobAnswers, Problems};
use super::reply::{self, Reply};
use crate::orchestrator::{Excuse, Orphan};

/// The path of one orphan: the cloud, the kind, the id.
type OfOrphan = Asked<(Text, Text, Text)>;

/// List the orphans of a cloud
///
/// All that bears the mark of a job of cloudfarm on this cloud and is nobody's: its job is not
/// known, or does not know of it, or failed and could not undo it. What a job is still at work on
/// is no orphan. The whole cloud is looked through.
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/orphans",
    tag = "orphans",
    operation_id = "list_orphans",
    params(("cloud" = String, Path, description = "the name of the cloud")),
    responses((status = 200, description = "All orphans", body = Listing<Orphan>), Problems)
)]
pub(super) async fn list(asked: OfCloud) -> Reply {
    let orphans = asked.orchestrator().orphans(&asked.call, &asked.path);
    let listing = Listing {
        items: orphans.await?,
        next: None,
    };
    reply::listing(&asked.request, &listing)
}

/// Adopt an orphan
///
/// It is wanted, and no orphan from now on.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/orphans/{kind}/{orphan}/adopt",
    tag = "orphans",
    operation_id = "adopt_orphan",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("kind" = String, Path, description = "the kind of the orphan, as `node`"),
        ("orphan" = String, Path, description = "the id of the orphan"),
    ),
    responses((status = 200, description = "What it was", body = Orphan), Problems)
)]
pub(super) async fn adopt(asked: OfOrphan) -> Reply {
    excuse(&asked, Excuse::Adopt).await
}

/// Forget an orphan
///
/// It stays on the cloud and is not shown any more.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/orphans/{kind}/{orphan}/forget",
    tag = "orphans",
    operation_id = "forget_orphan",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("kind" = String, Path, description = "the kind of the orphan, as `node`"),
        ("orphan" = String, Path, description = "the id of the orphan"),
    ),
    responses((status = 200, description = "What it was", body = Orphan), Problems)
)]
pub(super) async fn forget(asked: OfOrphan) -> Reply {
    excuse(&asked, Excuse::Forget).await
}

/// Destroy an orphan
///
/// Deletes it on the cloud. What is somebody's is refused.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/orphans/{kind}/{orphan}/destroy",
    tag = "orphans",
    operation_id = "destroy_orphan",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("kind" = String, Path, description = "the kind of the orphan, as `node`"),
        ("orphan" = String, Path, description = "the id of the orphan"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn destroy(asked: OfOrphan) -> Reply {
    let (cloud, kind, id) = &asked.path;
    let job = asked
        .orchestrator()
        .destroy_orphan(&asked.call, cloud, (kind, id))
        .await?;
    asked.job(job).await
}

async fn excuse(asked: &OfOrphan, excuse: Excuse) -> Reply {
    let (cloud, kind, id) = &asked.path;
    let orphan = asked
        .orchestrator()
        .excuse_orphan(&asked.call, cloud, (kind, id), excuse)
        .await?;
    reply::json(&orphan)
}
