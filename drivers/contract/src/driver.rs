//! The core of the contract: what every driver must do.

use std::fmt::Debug;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::extensions::{
    Addresses, ConsoleLog, KeyPairs, Networks, NodeImages, NodeMetadata, NodePassword,
    NodeSnapshots, Pause, ProviderProjects, Quotas, Rebuild, RemoteConsole, Rescue, Resize,
    ResizeConfirmation, Routers, SecurityGroups, Shelve, Suspend, VolumeSnapshots, Volumes,
};
use crate::model::{Image, Location, Node, NodeCreate, NodeCreated, RebootKind, Size};
use crate::{Capabilities, Context, ImageQuery, ListQuery, NodeQuery, Page, Result, Text};

/// What is known about a connected cloud without asking it. It never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DriverInfo {
    /// The name of the cloud in the settings.
    pub cloud: Text,
    /// The name of the engine.
    pub engine: Text,
    /// The address of the provider, without credentials; `null` where there is none.
    pub endpoint: Option<Text>,
    /// The region, where the provider has them.
    pub region: Option<Text>,
    /// The version of the provider's API that is spoken.
    pub api_version: Option<Text>,
    /// Who speaks: a user, an access key id, an account.
    pub identity: Option<Text>,
}

/// A connection to one cloud.
///
/// The bullets of each method are the names of the conformance cases that hold drivers to it.
///
/// Every method may also fail with [`Unavailable`], [`Timeout`], [`RateLimited`], [`ProviderAuth`],
/// [`ProviderError`] and [`Forbidden`]; only what is particular to a method is listed at it. A
/// driver makes one attempt and tells honestly what came of it, side effect included: retries,
/// limits, timeouts and metrics are the layers' (see [`crate::layers`]). A driver may be called
/// from many tasks at once.
///
/// Changes return when the provider has accepted them, which is not when they are done: callers
/// wait with [`crate::wait_node`].
///
/// [`Unavailable`]: crate::ErrorKind::Unavailable
/// [`Timeout`]: crate::ErrorKind::Timeout
/// [`RateLimited`]: crate::ErrorKind::RateLimited
/// [`ProviderAuth`]: crate::ErrorKind::ProviderAuth
/// [`ProviderError`]: crate::ErrorKind::ProviderError
/// [`Forbidden`]: crate::ErrorKind::Forbidden
#[async_trait]
pub trait Driver: Send + Sync + Debug {
    /// Engine, endpoint, region, version of the API; never a secret.
    fn info(&self) -> &DriverInfo;

    /// What the cloud can do.
    ///
    /// - `capabilities_agree_with_accessors`
    fn capabilities(&self) -> &Capabilities;

    /// Makes the cheapest call that needs the credentials.
    ///
    /// - `check_succeeds`
    async fn check(&self, cx: &Context) -> Result<()>;

    /// One page of the nodes that match the query, terminated ones left out.
    ///
    /// - `list_nodes_pages_without_gap_or_double`
    /// - `list_nodes_filters_by_name`
    /// - `list_nodes_filters_by_state`
    /// - `list_nodes_filters_by_metadata`
    /// - `list_nodes_finds_the_mark`
    /// - `list_nodes_refuses_a_foreign_marker`
    ///
    /// # Errors
    ///
    /// `invalid` for a marker that this driver did not make.
    async fn list_nodes(&self, cx: &Context, query: &NodeQuery) -> Result<Page<Node>>;

    /// One node by id.
    ///
    /// - `get_node_shows_what_was_created`
    /// - `get_node_of_unknown_id_is_not_found`
    ///
    /// # Errors
    ///
    /// `not_found`, also for a node that was destroyed.
    async fn get_node(&self, cx: &Context, id: &str) -> Result<Node>;

    /// Makes a node. Never repeated by a layer.
    ///
    /// Where `node_create_idempotent` holds, a second call with the same mark gives the first
    /// node. Where it does not, the mark is found by [`NodeQuery::marked`] as soon as the provider
    /// lists the node.
    ///
    /// - `create_node_reaches_running`
    /// - `create_node_with_the_same_mark_makes_one`
    /// - `create_node_carries_metadata`
    /// - `create_node_of_unknown_image_makes_nothing`
    /// - `create_node_of_unknown_size_makes_nothing`
    /// - `create_node_takes_the_wished_address`
    /// - `create_node_boots_from_a_volume`
    /// - `create_node_up_to_the_limits`
    /// - `create_node_past_a_limit_makes_nothing`
    ///
    /// # Errors
    ///
    /// `invalid` (naming the field) or `not_found` for an image, size, location, network or key
    /// pair that does not exist, `quota_exceeded`, `no_capacity`, `unsupported` for an option that
    /// the capabilities deny.
    async fn create_node(&self, cx: &Context, request: &NodeCreate) -> Result<NodeCreated>;

    /// Gives a node another name.
    ///
    /// - `rename_node_shows_the_new_name`
    ///
    /// # Errors
    ///
    /// `not_found`; `invalid` for a name that the provider does not take.
    async fn rename_node(&self, cx: &Context, id: &str, name: &str) -> Result<()>;

    /// Ends a node for good. To destroy what is gone succeeds.
    ///
    /// - `destroy_node_makes_it_vanish`
    /// - `destroy_node_twice_succeeds`
    /// - `destroy_node_of_unknown_id_succeeds`
    ///
    /// # Errors
    ///
    /// `conflict` if the provider protects it.
    async fn destroy_node(&self, cx: &Context, id: &str) -> Result<()>;

    /// Brings a stopped node up. To start what runs succeeds.
    ///
    /// - `stop_and_start_node`
    /// - `start_running_node_succeeds`
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` in a state that does not allow it.
    async fn start_node(&self, cx: &Context, id: &str) -> Result<()>;

    /// Brings a node down and keeps it; never destroys. To stop what is stopped succeeds.
    ///
    /// - `stop_and_start_node`
    /// - `stop_stopped_node_succeeds`
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` in a state that does not allow it.
    async fn stop_node(&self, cx: &Context, id: &str) -> Result<()>;

    /// Brings a node down and up again.
    ///
    /// - `reboot_node_comes_back`
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` in a state that does not allow it; `unsupported` for a kind that
    /// the capabilities deny.
    async fn reboot_node(&self, cx: &Context, id: &str, kind: &RebootKind) -> Result<()>;

    /// One page of the images that nodes can be made from.
    ///
    /// - `list_images_pages_without_gap_or_double`
    /// - `list_images_filters_by_name`
    async fn list_images(&self, cx: &Context, query: &ImageQuery) -> Result<Page<Image>>;

    /// One image by id.
    ///
    /// - `get_image_shows_what_is_listed`
    /// - `get_image_of_unknown_id_is_not_found`
    ///
    /// # Errors
    ///
    /// `not_found`.
    async fn get_image(&self, cx: &Context, id: &str) -> Result<Image>;

    /// One page of the sizes. Memory is in megabytes, disk in gigabytes.
    ///
    /// - `list_sizes_gives_plausible_units`
    async fn list_sizes(&self, cx: &Context, query: &ListQuery) -> Result<Page<Size>>;

    /// One page of the locations; there is at least one.
    ///
    /// - `list_locations_gives_one_at_least`
    async fn list_locations(&self, cx: &Context, query: &ListQuery) -> Result<Page<Location>>;

    /// Key pairs, where the cloud has them.
    fn key_pairs(&self) -> Option<&dyn KeyPairs> {
        None
    }

    /// Volumes, where the cloud has them.
    fn volumes(&self) -> Option<&dyn Volumes> {
        None
    }

    /// Snapshots of volumes, where the cloud has them.
    fn volume_snapshots(&self) -> Option<&dyn VolumeSnapshots> {
        None
    }

    /// Snapshots of nodes, where the cloud has them.
    fn node_snapshots(&self) -> Option<&dyn NodeSnapshots> {
        None
    }

    /// Images from nodes, where the cloud makes them.
    fn node_images(&self) -> Option<&dyn NodeImages> {
        None
    }

    /// Networks, where the cloud has them.
    fn networks(&self) -> Option<&dyn Networks> {
        None
    }

    /// Routers, where the cloud has them.
    fn routers(&self) -> Option<&dyn Routers> {
        None
    }

    /// Security groups, where the cloud has them.
    fn security_groups(&self) -> Option<&dyn SecurityGroups> {
        None
    }

    /// Addresses, where the cloud has them.
    fn addresses(&self) -> Option<&dyn Addresses> {
        None
    }

    /// Resize, where the cloud can.
    fn resize(&self) -> Option<&dyn Resize> {
        None
    }

    /// Confirmation of a resize, where the cloud asks for it.
    fn resize_confirmation(&self) -> Option<&dyn ResizeConfirmation> {
        None
    }

    /// Rebuild, where the cloud can.
    fn rebuild(&self) -> Option<&dyn Rebuild> {
        None
    }

    /// Suspend and resume, where the cloud can.
    fn suspend(&self) -> Option<&dyn Suspend> {
        None
    }

    /// Pause and unpause, where the cloud can.
    fn pause(&self) -> Option<&dyn Pause> {
        None
    }

    /// Shelve and unshelve, where the cloud can.
    fn shelve(&self) -> Option<&dyn Shelve> {
        None
    }

    /// Rescue, where the cloud can.
    fn rescue(&self) -> Option<&dyn Rescue> {
        None
    }

    /// Change of metadata, where the cloud can.
    fn node_metadata(&self) -> Option<&dyn NodeMetadata> {
        None
    }

    /// Change of password, where the cloud can.
    fn node_password(&self) -> Option<&dyn NodePassword> {
        None
    }

    /// Console output, where the cloud keeps it.
    fn console_log(&self) -> Option<&dyn ConsoleLog> {
        None
    }

    /// A console in the browser, where the cloud has one.
    fn remote_console(&self) -> Option<&dyn RemoteConsole> {
        None
    }

    /// Quotas, where the cloud tells them.
    fn quotas(&self) -> Option<&dyn Quotas> {
        None
    }

    /// The projects that the credential may act on, where the cloud tells them.
    fn provider_projects(&self) -> Option<&dyn ProviderProjects> {
        None
    }
}
