//! The console of a node: what it wrote there, and a way in.

use cloudfarm_contract::Text;
use cloudfarm_contract::extensions::ConsoleOutput;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::OfOne;
use super::body::{Body, Params};
use super::openapi::Problems;
use super::reply::{self, Reply};

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
    get,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/console",
    tag = "nodes",
    operation_id = "read_console",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
        ConsoleParams,
    ),
    responses((status = 200, description = "The text", body = ConsoleOutput), Problems)
)]
pub(super) async fn console(asked: OfOne, params: Params<ConsoleParams>) -> Reply {
    let (cloud, node) = &asked.path;
    let output = asked
        .orchestrator()
        .read_console(&asked.call, cloud, node, params.0.lines)
        .await?;
    reply::json(&output)
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
    post,
    path = "/api/v1/clouds/{cloud}/nodes/{node}/remote-console",
    tag = "nodes",
    operation_id = "open_console",
    params(
        ("cloud" = String, Path, description = "the name of the cloud"),
        ("node" = String, Path, description = "the id or the exact name of the node"),
    ),
    request_body = RemoteConsoleBody,
    responses((status = 200, description = "The way in", body = RemoteConsoleView), Problems)
)]
pub(super) async fn remote_console(asked: OfOne, body: Body<RemoteConsoleBody>) -> Reply {
    let (cloud, node) = &asked.path;
    let opened = asked
        .orchestrator()
        .open_console(&asked.call, cloud, node, body.0.kind)
        .await?;
    reply::json(&RemoteConsoleView {
        kind: opened.kind,
        url: opened.url.expose().to_owned(),
        expires_at: opened.expires_at,
    })
}
