//! Leases of nodes: list, change, assign, release.

use actix_web::{HttpRequest, web};
use cloudfarm_contract::{Error, Marker, Page, Result, Text};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::OfOne;
use super::body::{Body, Params};
use super::json_nodes;
use super::list::{Listing, Paging};
use super::openapi::{JobAnswers, Problems};
use super::reply::{self, Reply};
use super::state::AppState;
use crate::jobs::Job;
use crate::leases::{LeaseView, NodeView};
use crate::orchestrator::{Assignment, LeaseChange};
use crate::store::LeaseFilter;

/// Which leases.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LeaseListParams {
    /// Leases on the page at most.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// The cloud of the node.
    cloud: Option<Text>,
    /// The user that the node must be assigned to; empty for nodes that nobody has.
    assigned_to: Option<Text>,
    /// A time before which the lease must end.
    expires_before: Option<Timestamp>,
}

/// The list of leases is of no cloud; its marker stands under this name.
const NO_CLOUD: Text = Text::from_static("");

/// List the leases of nodes
///
/// In the order of clouds and nodes, as the store knows them: no cloud is asked.
#[utoipa::path(
    get,
    path = "/api/v1/leases",
    tag = "leases",
    operation_id = "list_leases",
    params(LeaseListParams),
    responses((status = 200, description = "A page of leases", body = Listing<LeaseView>), Problems)
)]
pub(super) async fn list(
    request: HttpRequest,
    state: web::Data<AppState>,
    params: Params<LeaseListParams>,
) -> Reply {
    let Params(params) = params;
    let scope = format!(
        "leases?{:?}{:?}{:?}",
        params.cloud, params.assigned_to, params.expires_before
    );
    let paging = Paging::new(&state, params.limit, params.cursor.as_deref(), scope)?;
    let page = paging.page_of(&NO_CLOUD)?;
    let filter = LeaseFilter {
        cloud: params.cloud.map(|cloud| cloud.to_string()),
        assigned_to: params.assigned_to.map(|user| user.to_string()),
        expires_before: params.expires_before.map(Timestamp::as_millisecond),
        after: page.marker.as_ref().map(read_marker).transpose()?,
    };
    let limit = page.limit.unwrap_or_default() as usize;
    let (items, more) = state.orchestrator().list_leases(&filter, limit).await?;
    let last = items.last().filter(|_| more);
    let next = last.map(|last| Marker::new(format!("{} {}", last.cloud, last.node)));
    reply::listing(&request, &paging.listing(&NO_CLOUD, Page { items, next }))
}

/// A cloud and a node; no cloud has a blank in its name.
fn read_marker(marker: &Marker) -> Result<(String, String)> {
    let parts = marker.as_str().split_once(' ');
    let (cloud, node) =
        parts.ok_or_else(|| Error::invalid("the cursor is not one of this list"))?;
    Ok((cloud.to_owned(), node.to_owned()))
}

/// What shall change; what is missing stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LeasePatch)]
pub struct LeasePatchBody {
    /// When the lease ends and the node is destroyed; `null` for never.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Timestamp>)]
    pub expires_at: Option<Option<Timestamp>>,
    /// Whether the node may not be destroyed.
    #[serde(default)]
    pub protected: Option<bool>,
}

/// Tells a `null` from what is missing.
fn given<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Option<Timestamp>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Change the lease of a node
///
/// Gives the node another end, or none, and protects it or takes the protection off. It is done
/// when this is answered.
#[utoipa::path(
    patch,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/lease",
    tag = "leases",
    operation_id = "update_lease",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    request_body = LeasePatchBody,
    responses((status = 200, description = "The node", body = NodeView), Problems)
)]
pub(super) async fn change(asked: OfOne, body: Body<LeasePatchBody>) -> Reply {
    let Body(body) = body;
    let change = LeaseChange {
        expires_at: body.expires_at,
        protected: body.protected,
    };
    if change == LeaseChange::default() {
        let error = Error::invalid("nothing is to change");
        return Err(error.with_hint("give expires_at or protected").into());
    }
    let (cloud, node) = &asked.path;
    let orchestrator = asked.orchestrator();
    let node = orchestrator.change_lease(&asked.call, cloud, node, change);
    Ok(reply::ok(json_nodes::node(&node.await?).0))
}

/// To whom a node is given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Assign)]
pub struct AssignBody {
    /// The user.
    #[schema(min_length = 1, max_length = 255, example = "alice")]
    pub user: Text,
    /// For what.
    #[serde(default)]
    #[schema(max_length = 255, example = "course 7")]
    pub purpose: Option<Text>,
    /// Until when: then the node is destroyed, unless it was released before; `null` leaves the end
    /// of the node as it is.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// Assign a node
///
/// Gives it to a user. One that is somebody else's is refused with `409`, which says whose it is.
/// Of several who ask at the same time one gets it.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/assign",
    tag = "leases",
    operation_id = "assign_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    request_body = AssignBody,
    responses((status = 200, description = "The node", body = NodeView), Problems)
)]
pub(super) async fn assign(asked: OfOne, body: Body<AssignBody>) -> Reply {
    let Body(body) = body;
    let to = Assignment {
        user: body.user,
        purpose: body.purpose,
        expires_at: body.expires_at,
    };
    let (cloud, node) = &asked.path;
    let orchestrator = asked.orchestrator();
    let node = orchestrator.assign_node(&asked.call, cloud, node, to);
    Ok(reply::ok(json_nodes::node(&node.await?).0))
}

/// What happens to the node.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Release)]
pub struct ReleaseBody {
    /// Whether it is destroyed.
    #[serde(default)]
    pub destroy: bool,
}

/// The node that was released, or the job that destroys it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ReleaseAnswer {
    /// It stays.
    Node(Box<NodeView>),
    /// It is destroyed.
    Job(Box<Job>),
}

/// Release a node
///
/// Takes it back from its user; an end that came with the assignment goes with it. With `destroy`
/// the node is destroyed, and the answer is the job that does so.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/release",
    tag = "leases",
    operation_id = "release_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    request_body = ReleaseBody,
    responses(
        JobAnswers,
        (status = 200, description = "The node, or the ended job", body = ReleaseAnswer),
        Problems,
    )
)]
pub(super) async fn release(asked: OfOne, body: Body<ReleaseBody>) -> Reply {
    let (cloud, node) = &asked.path;
    let orchestrator = asked.orchestrator();
    if body.0.destroy {
        let job = orchestrator.release_and_destroy(&asked.call, cloud, node);
        return asked.job(job.await?).await;
    }
    let node = orchestrator.release_node(&asked.call, cloud, node).await?;
    Ok(reply::ok(json_nodes::node(&node).0))
}
