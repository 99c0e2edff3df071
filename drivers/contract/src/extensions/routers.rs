use async_trait::async_trait;

use crate::model::{Router, RouterCreate, RouterUpdate};
use crate::{Context, ListQuery, Page, Result};

/// Routers between subnets, and out of the cloud.
#[async_trait]
pub trait Routers: Send + Sync {
    /// One page of the routers.
    ///
    /// - `router_is_listed`
    async fn list_routers(&self, cx: &Context, query: &ListQuery) -> Result<Page<Router>>;

    /// One router by id.
    ///
    /// - `router_of_unknown_id_is_not_found`
    ///
    /// # Errors
    ///
    /// `not_found`.
    async fn get_router(&self, cx: &Context, id: &str) -> Result<Router>;

    /// Makes a router.
    ///
    /// - `router_create_with_external_network`
    ///
    /// # Errors
    ///
    /// `invalid` (naming the field) or `not_found` for a network that does not exist or does not
    /// lead out; `quota_exceeded`.
    async fn create_router(&self, cx: &Context, request: &RouterCreate) -> Result<Router>;

    /// Gives a router another name or another gateway.
    ///
    /// - `router_update_changes_name_and_gateway`
    ///
    /// # Errors
    ///
    /// `not_found`; `invalid` for a network that does not lead out; `conflict` while addresses lead
    /// in through the gateway that is to go.
    async fn update_router(&self, cx: &Context, id: &str, update: &RouterUpdate) -> Result<()>;

    /// Deletes a router. To delete what is gone succeeds.
    ///
    /// - `router_delete_twice_succeeds`
    ///
    /// # Errors
    ///
    /// `conflict` while subnets are attached.
    async fn delete_router(&self, cx: &Context, id: &str) -> Result<()>;

    /// Attaches a subnet, by the subnet's gateway address. To attach what is attached succeeds.
    ///
    /// - `router_attaches_and_detaches_a_subnet`
    ///
    /// # Errors
    ///
    /// `not_found`; `invalid` for a subnet that does not exist or has no gateway; `conflict` for
    /// one whose range overlaps that of an attached one, or whose gateway is taken.
    async fn attach_router_subnet(&self, cx: &Context, id: &str, subnet: &str) -> Result<()>;

    /// Detaches a subnet. To detach what is not attached succeeds.
    ///
    /// - `router_attaches_and_detaches_a_subnet`
    ///
    /// # Errors
    ///
    /// `not_found` for the router; `conflict` while addresses lead to nodes on the subnet.
    async fn detach_router_subnet(&self, cx: &Context, id: &str, subnet: &str) -> Result<()>;
}
