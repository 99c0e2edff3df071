//! What can be done to a node: one path per action.

use actix_web::{HttpRequest, get, post, web};
use cloudfarm_contract::extensions::ConsoleOutput;
use cloudfarm_contract::model::{RebootKind, RebuildRequest, RescueRequest};
use cloudfarm_contract::{Secret, Text};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::body::{Body, Params};
use super::call::ApiCall;
use super::nodes::change_node;
use super::openapi::{JobAnswers, Problems};
use super::reply::{self, Reply};
use super::state::AppState;
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

/// How much of the console.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ConsoleParams {
    /// The last so many lines; all that the cloud keeps where it is missing.
    #[param(minimum = 1, maximum = 100000)]
    lines: Option<u32>,
}

/// Read the console of a node
///
/// The end of what it wrote there, oldest line first.
#[utoipa::path(
    tag = "nodes",
    operation_id = "read_console",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
        ConsoleParams,
    ),
    responses((status = 200, description = "The text", body = ConsoleOutput), Problems)
)]
#[get("/{node}/console")]
pub(super) async fn console(
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    params: Params<ConsoleParams>,
    call: ApiCall,
) -> Reply {
    let lines = params.0.lines;
    reply::json(
        &state
            .orchestrator()
            .read_console(&call.0, &path.0, &path.1, lines)
            .await?,
    )
}

/// Which console.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RemoteConsoleOpen)]
pub struct RemoteConsoleBody {
    /// `novnc`, `spice`, `serial` ...; `null` leaves it to the cloud.
    #[serde(default)]
    pub kind: Option<Text>,
}

/// A way into a console. Whoever has the address has the console.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = RemoteConsole)]
pub struct RemoteConsoleView {
    /// The kind that was given.
    pub kind: Text,
    /// Where to point the browser.
    pub url: String,
    /// When it ceases to work; `null` where the cloud does not say.
    pub expires_at: Option<Timestamp>,
}

/// Open a console of a node in the browser
#[utoipa::path(
    tag = "nodes",
    operation_id = "open_console",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    request_body = RemoteConsoleBody,
    responses((status = 200, description = "The way in", body = RemoteConsoleView), Problems)
)]
#[post("/{node}/remote-console")]
pub(super) async fn remote_console(
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
    body: Body<RemoteConsoleBody>,
) -> Reply {
    let opened = state
        .orchestrator()
        .open_console(&call.0, &path.0, &path.1, body.0.kind)
        .await?;
    reply::json(&RemoteConsoleView {
        kind: opened.kind,
        url: opened.url.expose().to_owned(),
        expires_at: opened.expires_at,
    })
}

/// Start a node
///
/// Brings a stopped node up. The job ends when it runs.
#[utoipa::path(
    tag = "nodes",
    operation_id = "start_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
#[post("/{node}/start")]
pub(super) async fn start(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
) -> Reply {
    change_node(&request, &state, &path, &call, Change::Start).await
}

/// Stop a node
///
/// Brings it down and keeps it, with its disk. The job ends when it is stopped.
#[utoipa::path(
    tag = "nodes",
    operation_id = "stop_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
#[post("/{node}/stop")]
pub(super) async fn stop(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
) -> Reply {
    change_node(&request, &state, &path, &call, Change::Stop).await
}

/// Confirm a resize
///
/// Keeps the new size of a node in `verify_resize`.
#[utoipa::path(
    tag = "nodes",
    operation_id = "confirm_resize",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
#[post("/{node}/confirm-resize")]
pub(super) async fn confirm_resize(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
) -> Reply {
    change_node(&request, &state, &path, &call, Change::ConfirmResize).await
}

/// Revert a resize
///
/// Gives a node in `verify_resize` its old size back.
#[utoipa::path(
    tag = "nodes",
    operation_id = "revert_resize",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
#[post("/{node}/revert-resize")]
pub(super) async fn revert_resize(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
) -> Reply {
    change_node(&request, &state, &path, &call, Change::RevertResize).await
}

/// Suspend a node
///
/// Writes its memory to disk and releases the processor.
#[utoipa::path(
    tag = "nodes",
    operation_id = "suspend_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
#[post("/{node}/suspend")]
pub(super) async fn suspend(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
) -> Reply {
    change_node(&request, &state, &path, &call, Change::Suspend).await
}

/// Resume a node
///
/// Brings a suspended node back.
#[utoipa::path(
    tag = "nodes",
    operation_id = "resume_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
#[post("/{node}/resume")]
pub(super) async fn resume(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
) -> Reply {
    change_node(&request, &state, &path, &call, Change::Resume).await
}

/// Pause a node
///
/// Holds the processor; memory stays.
#[utoipa::path(
    tag = "nodes",
    operation_id = "pause_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
#[post("/{node}/pause")]
pub(super) async fn pause(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
) -> Reply {
    change_node(&request, &state, &path, &call, Change::Pause).await
}

/// Unpause a node
///
/// Lets a paused node go on.
#[utoipa::path(
    tag = "nodes",
    operation_id = "unpause_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
#[post("/{node}/unpause")]
pub(super) async fn unpause(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
) -> Reply {
    change_node(&request, &state, &path, &call, Change::Unpause).await
}

/// Shelve a node
///
/// Releases its host and keeps its disk.
#[utoipa::path(
    tag = "nodes",
    operation_id = "shelve_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
#[post("/{node}/shelve")]
pub(super) async fn shelve(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
) -> Reply {
    change_node(&request, &state, &path, &call, Change::Shelve).await
}

/// Unshelve a node
///
/// Brings a shelved node back.
#[utoipa::path(
    tag = "nodes",
    operation_id = "unshelve_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
#[post("/{node}/unshelve")]
pub(super) async fn unshelve(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
) -> Reply {
    change_node(&request, &state, &path, &call, Change::Unshelve).await
}

/// End the rescue of a node
///
/// Boots it from its own disk again.
#[utoipa::path(
    tag = "nodes",
    operation_id = "unrescue_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    responses(JobAnswers, Problems)
)]
#[post("/{node}/unrescue")]
pub(super) async fn unrescue(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
) -> Reply {
    change_node(&request, &state, &path, &call, Change::Unrescue).await
}

/// Reboot a node
///
/// Down and up again; `soft` asks the guest, `hard` cuts the power.
#[utoipa::path(
    tag = "nodes",
    operation_id = "reboot_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    request_body = RebootBody,
    responses(JobAnswers, Problems)
)]
#[post("/{node}/reboot")]
pub(super) async fn reboot(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
    body: Body<RebootBody>,
) -> Reply {
    let Body(body) = body;
    change_node(&request, &state, &path, &call, Change::Reboot(body.kind)).await
}

/// Resize a node
///
/// Where the cloud asks for a confirmation the node ends in `verify_resize`.
#[utoipa::path(
    tag = "nodes",
    operation_id = "resize_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    request_body = ResizeBody,
    responses(JobAnswers, Problems)
)]
#[post("/{node}/resize")]
pub(super) async fn resize(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
    body: Body<ResizeBody>,
) -> Reply {
    let Body(body) = body;
    change_node(&request, &state, &path, &call, Change::Resize(body.size)).await
}

/// Rebuild a node
///
/// Installs an image afresh; the node keeps its id and its addresses, and loses its disk.
#[utoipa::path(
    tag = "nodes",
    operation_id = "rebuild_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    request_body = RebuildBody,
    responses(JobAnswers, Problems)
)]
#[post("/{node}/rebuild")]
pub(super) async fn rebuild(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
    body: Body<RebuildBody>,
) -> Reply {
    let Body(body) = body;
    change_node(&request, &state, &path, &call, Change::Rebuild(body.into())).await
}

/// Rescue a node
///
/// Boots it from a rescue image, to repair its own disk.
#[utoipa::path(
    tag = "nodes",
    operation_id = "rescue_node",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    request_body = RescueBody,
    responses(JobAnswers, Problems)
)]
#[post("/{node}/rescue")]
pub(super) async fn rescue(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
    body: Body<RescueBody>,
) -> Reply {
    let Body(body) = body;
    change_node(&request, &state, &path, &call, Change::Rescue(body.into())).await
}

/// Change the password of a node
///
/// Sets the administrator's password.
#[utoipa::path(
    tag = "nodes",
    operation_id = "change_password",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    request_body = ChangePasswordBody,
    responses(JobAnswers, Problems)
)]
#[post("/{node}/change-password")]
pub(super) async fn change_password(
    request: HttpRequest,
    state: web::Data<AppState>,
    path: web::Path<(String, String)>,
    call: ApiCall,
    body: Body<ChangePasswordBody>,
) -> Reply {
    let Body(body) = body;
    change_node(
        &request,
        &state,
        &path,
        &call,
        Change::ChangePassword(body.password),
    )
    .await
}
