//! What can be done to a node: one path per action.

use cloudfarm_contract::model::{RebootKind, RebuildRequest, RescueRequest};
use cloudfarm_contract::{Secret, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::OfOne;
use super::body::Body;
use super::nodes::change_node;
use super::openapi::{JobAnswers, Problems};
use super::reply::Reply;
use crate::jobs::kinds::Change;

/// How to reboot.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Reboot)]
pub struct RebootBody {
    /// `soft` (the default) or `hard`.
    #[serde(default)]
    pub kind: RebootKind,
}

/// Which size.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Resize)]
pub struct ResizeBody {
    /// A size: its id, its exact name, or a need that takes the smallest that fits.
    #[schema(min_length = 1, example = "ram>=4096")]
    pub size: Text,
}

/// What to install.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Rebuild)]
pub struct RebuildBody {
    /// An image: its id, its exact name, or a glob that takes the newest match.
    #[schema(min_length = 1, example = "debian-12*")]
    pub image: Text,
    /// The administrator's password; `null` lets the provider choose.
    #[serde(default)]
    pub admin_password: Option<Secret>,
    /// What the node runs at its first boot; `null` keeps what it had.
    #[serde(default)]
    pub user_data: Option<Secret>,
}

impl From<RebuildBody> for RebuildRequest {
    fn from(body: RebuildBody) -> Self {
        Self {
            image: body.image,
            admin_password: body.admin_password,
            user_data: body.user_data,
        }
    }
}

/// From what to boot.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Rescue)]
pub struct RescueBody {
    /// The rescue image: its id, its exact name or a glob; `null` leaves it to the provider.
    #[serde(default)]
    pub image: Option<Text>,
    /// The administrator's password; `null` lets the provider choose.
    #[serde(default)]
    pub admin_password: Option<Secret>,
}

impl From<RescueBody> for RescueRequest {
    fn from(body: RescueBody) -> Self {
        Self {
            image: body.image,
            admin_password: body.admin_password,
        }
    }
}

/// Which password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangePassword)]
pub struct ChangePasswordBody {
    /// The new password of the administrator.
    pub password: Secret,
}

/// Start a node
///
/// Brings a stopped node up. The job ends when it runs.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/start",
    tag = "nodes",
    operation_id = "start_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn start(asked: OfOne) -> Reply {
    change_node(&asked, Change::Start).await
}

/// Stop a node
///
/// Brings it down and keeps it, with its disk. The job ends when it is stopped.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/stop",
    tag = "nodes",
    operation_id = "stop_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn stop(asked: OfOne) -> Reply {
    change_node(&asked, Change::Stop).await
}

/// Confirm a resize
///
/// Keeps the new size of a node in `verify_resize`.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/confirm-resize",
    tag = "nodes",
    operation_id = "confirm_resize",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn confirm_resize(asked: OfOne) -> Reply {
    change_node(&asked, Change::ConfirmResize).await
}

/// Revert a resize
///
/// Gives a node in `verify_resize` its old size back.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/revert-resize",
    tag = "nodes",
    operation_id = "revert_resize",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn revert_resize(asked: OfOne) -> Reply {
    change_node(&asked, Change::RevertResize).await
}

/// Suspend a node
///
/// Writes its memory to disk and releases the processor.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/suspend",
    tag = "nodes",
    operation_id = "suspend_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn suspend(asked: OfOne) -> Reply {
    change_node(&asked, Change::Suspend).await
}

/// Resume a node
///
/// Brings a suspended node back.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/resume",
    tag = "nodes",
    operation_id = "resume_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn resume(asked: OfOne) -> Reply {
    change_node(&asked, Change::Resume).await
}

/// Pause a node
///
/// Holds the processor; memory stays.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/pause",
    tag = "nodes",
    operation_id = "pause_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn pause(asked: OfOne) -> Reply {
    change_node(&asked, Change::Pause).await
}

/// Unpause a node
///
/// Lets a paused node go on.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/unpause",
    tag = "nodes",
    operation_id = "unpause_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn unpause(asked: OfOne) -> Reply {
    change_node(&asked, Change::Unpause).await
}

/// Shelve a node
///
/// Releases its host and keeps its disk.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/shelve",
    tag = "nodes",
    operation_id = "shelve_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn shelve(asked: OfOne) -> Reply {
    change_node(&asked, Change::Shelve).await
}

/// Unshelve a node
///
/// Brings a shelved node back.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/unshelve",
    tag = "nodes",
    operation_id = "unshelve_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn unshelve(asked: OfOne) -> Reply {
    change_node(&asked, Change::Unshelve).await
}

/// End the rescue of a node
///
/// Boots it from its own disk again.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/unrescue",
    tag = "nodes",
    operation_id = "unrescue_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
pub(super) async fn unrescue(asked: OfOne) -> Reply {
    change_node(&asked, Change::Unrescue).await
}

/// Reboot a node
///
/// Down and up again; `soft` asks the guest, `hard` cuts the power.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/reboot",
    tag = "nodes",
    operation_id = "reboot_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    request_body = RebootBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn reboot(asked: OfOne, body: Body<RebootBody>) -> Reply {
    change_node(&asked, Change::Reboot(body.0.kind)).await
}

/// Resize a node
///
/// Where the cloud asks for a confirmation the node ends in `verify_resize`.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/resize",
    tag = "nodes",
    operation_id = "resize_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    request_body = ResizeBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn resize(asked: OfOne, body: Body<ResizeBody>) -> Reply {
    change_node(&asked, Change::Resize(body.0.size)).await
}

/// Rebuild a node
///
/// Installs an image afresh; the node keeps its id and its addresses, and loses its disk.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/rebuild",
    tag = "nodes",
    operation_id = "rebuild_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    request_body = RebuildBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn rebuild(asked: OfOne, body: Body<RebuildBody>) -> Reply {
    change_node(&asked, Change::Rebuild(body.0.into())).await
}

/// Rescue a node
///
/// Boots it from a rescue image, to repair its own disk.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/rescue",
    tag = "nodes",
    operation_id = "rescue_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    request_body = RescueBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn rescue(asked: OfOne, body: Body<RescueBody>) -> Reply {
    change_node(&asked, Change::Rescue(body.0.into())).await
}

/// Change the password of a node
///
/// Sets the administrator's password.
#[utoipa::path(
    post,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/change-password",
    tag = "nodes",
    operation_id = "change_password",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    request_body = ChangePasswordBody,
    responses(JobAnswers, Problems)
)]
pub(super) async fn change_password(asked: OfOne, body: Body<ChangePasswordBody>) -> Reply {
    change_node(&asked, Change::ChangePassword(body.0.password)).await
}
