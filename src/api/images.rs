//! Images: list, show, create, delete.

use actix_web::{HttpRequest, delete, get, post, web};
use cloudfarm_contract::model::{Image, ImageCreate, Metadata};
use cloudfarm_contract::{ImageQuery, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{OfCloud, OfOne};
use super::body::{Body, Params};
use super::call::ApiCall;
use super::list::{FarmListParams, FarmListing, ListParams, Listing, names};
use super::openapi::{JobAnswers, Problems};
use super::reply::{self, Reply};
use super::state::AppState;

/// List the images of a cloud
#[utoipa::path(
    tag = "images",
    operation_id = "list_images",
    params(("cloud" = String, Path, description = "the name of the cloud"), ListParams),
    responses((status = 200, description = "A page of images", body = Listing<Image>), Problems)
)]
#[get("")]
pub(super) async fn list(
    request: HttpRequest,
    state: web::Data<AppState>,
    cloud: web::Path<String>,
    params: Params<ListParams>,
    call: ApiCall,
) -> Reply {
    let paging = params.0.paging(&state, "images")?;
    let name = Text::from(cloud.as_str());
    let query = ImageQuery {
        page: paging.page_of(&name)?,
        name: params.0.name,
        owner: None,
    };
    let page = state
        .orchestrator()
        .list_images(&call.0, &cloud, &query)
        .await?;
    reply::listing(&request, &paging.listing(&name, page))
}

/// List the images of many clouds
///
/// All clouds are asked at the same time, each under its own deadline; each has a row that says how
/// it went.
#[utoipa::path(
    tag = "images",
    operation_id = "list_images_of_all_clouds",
    params(FarmListParams),
    responses(
        (status = 200, description = "A page of each cloud's images", body = FarmListing<Image>),
        Problems,
    )
)]
#[get("/images")]
pub(super) async fn list_all(
    state: web::Data<AppState>,
    params: Params<FarmListParams>,
    call: ApiCall,
) -> Reply {
    let paging = params.0.paging(&state, "images")?;
    let clouds = paging.remaining(names(params.0.cloud.as_deref()));
    let query = ImageQuery {
        name: params.0.name,
        ..ImageQuery::default()
    };
    let answers = state
        .orchestrator()
        .list_images_of_many(&call.0, clouds.as_deref(), &query, |cloud| {
            paging.page(cloud)
        })
        .await?;
    reply::json(&paging.farm_listing(answers, call.0.cx().request_id()))
}

/// Show an image
///
/// By id, by exact name, or by a glob that takes the newest match.
#[utoipa::path(
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
#[get("/{image}")]
pub(super) async fn show(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
) -> Reply {
    let found = state
        .orchestrator()
        .get_image(&call.0, &path.0, &path.1)
        .await?;
    reply::resource(&request, &found)
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
    tag = "images",
    operation_id = "create_image",
    params(("cloud" = String, Path, description = "the name of the cloud")),
    request_body = ImageCreateBody,
    responses(JobAnswers, Problems)
)]
#[post("")]
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
    tag = "images",
    operation_id = "delete_image",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("image" = String, Path, description = "the id or the exact name of the image"),
    ),
    responses(JobAnswers, Problems)
)]
#[delete("/{image}")]
pub(super) async fn delete(asked: OfOne) -> Reply {
    asked.delete::<Image>().await
}
