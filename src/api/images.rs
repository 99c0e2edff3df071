//! Images: list, show, create, delete.

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{Image, ImageCreate, Metadata};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{OfCloud, OfFarm, OfOne};
use super::body::{Body, Params};
use super::list::{FarmListParams, FarmListing, ListParams, Listing};
use super::openapi::{JobAnswers, Problems};
use super::reply::{self, Reply};

/// List the images of a cloud
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/images",
    tag = "images",
    operation_id = "list_images",
    params(("cloud" = String, Path, description = "the name of the cloud"), ListParams),
    responses((status = 200, description = "A page of images", body = Listing<Image>), Problems)
)]
pub(super) async fn list(asked: OfCloud, params: Params<ListParams>) -> Reply {
    asked.list::<Image>(params).await
}

/// List the images of many clouds
///
/// All clouds are asked at the same time, each under its own deadline; each has a row that says how
/// it went.
#[utoipa::path(
    get,
    path = "/api/v1/images",
    tag = "images",
    operation_id = "list_images_of_all_clouds",
    params(FarmListParams),
    responses(
        (status = 200, description = "A page of each cloud's images", body = FarmListing<Image>),
        Problems,
    )
)]
pub(super) async fn list_all(asked: OfFarm, params: Params<FarmListParams>) -> Reply {
    asked.list::<Image>(params).await
}

/// Show an image
///
/// By id, by exact name, or by a glob that takes the newest match.
#[utoipa::path(
    get,
    path = "/api/v1/clouds/{cloud}/images/{image}",
    tag = "images",
    operation_id = "get_image",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("image" = String, Path, description = "an id, an exact name or a glob"),
    ),
    responses(
        (status = 200, description = "The image", body = Image),
        (status = 304, description = "It is as the ETag in If-None-Match says"),
        Problems,
    )
)]
pub(super) async fn show(asked: OfOne) -> Reply {
    let (cloud, image) = &asked.path;
    let found = asked
        .orchestrator()
        .get_image(&asked.call, cloud, image)
        .await?;
    reply::resource(&asked.request, &found)
}

/// An image to be made from a node.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ImageCreate)]
pub struct ImageCreateBody {
    /// The node, by id or exact name.
    #[schema(min_length = 1, example = "web-1")]
    pub node: Text,
    /// The name.
    #[schema(min_length = 1, max_length = 255, example = "golden-web")]
    pub name: Text,
    /// The version, on clouds that keep one.
    #[serde(default)]
    #[schema(example = "2")]
    pub version: Option<Text>,
    /// What its owner keeps on it.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub metadata: Metadata,
}

impl From<ImageCreateBody> for ImageCreate {
    fn from(body: ImageCreateBody) -> Self {
        Self {
            node: body.node,
            name: body.name,
            version: body.version,
            metadata: body.metadata,
            mark: None,
        }
    }
}

/// Make an image from a node
///
/// The job ends when nodes can be made from the image.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/images",
    tag = "images",
    operation_id = "create_image",
    params(("cloud" = String, Path, description = "the name of the cloud")),
    request_body = ImageCreateBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn create(asked: OfCloud, body: Body<ImageCreateBody>) -> Reply {
    let job = asked
        .orchestrator()
        .create_image(&asked.call, &asked.path, body.0.into())
        .await?;
    asked.job(job).await
}

/// Delete an image
///
/// Nodes that were made from it stay. With `If-Match` only if it is still as its
/// ETag says.
#[utoipa::path(
    delete,
    path = "/api/v1/clouds/{cloud}/images/{image}",
    tag = "images",
    operation_id = "delete_image",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("image" = String, Path, description = "the id or the exact name of the image"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn delete(asked: OfOne) -> Reply {
    asked.delete::<Image>().await
}
