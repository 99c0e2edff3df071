use async_trait::async_trait;

use crate::model::{Network, NetworkCreate, Subnet, SubnetCreate};
use crate::{Context, ListQuery, Page, Result};

/// Networks that nodes can be on, and the ranges of addresses on them. Creation and deletion need
/// the capabilities `network_create` and `subnet_create`: some clouds make a network with its one
/// range and take no other.
#[async_trait]
pub trait Networks: Send + Sync {
    /// One page of the networks.
    ///
    /// - `network_is_listed`
    async fn list_networks(&self, cx: &Context, query: &ListQuery) -> Result<Page<Network>>;

    /// One network by id.
    ///
    /// - `network_of_unknown_id_is_not_found`
    ///
    /// # Errors
    ///
    /// `not_found`.
    async fn get_network(&self, cx: &Context, id: &str) -> Result<Network>;

    /// Makes a network.
    ///
    /// - `network_create_with_subnet`
    ///
    /// # Errors
    ///
    /// `invalid`, `quota_exceeded`; `unsupported` without `network_create`.
    async fn create_network(&self, cx: &Context, request: &NetworkCreate) -> Result<Network>;

    /// Deletes a network with its subnets. To delete what is gone succeeds.
    ///
    /// - `network_delete_twice_succeeds`
    ///
    /// # Errors
    ///
    /// `conflict` while nodes are on it; `unsupported` without `network_create`.
    async fn delete_network(&self, cx: &Context, id: &str) -> Result<()>;

    /// One page of the subnets of all networks.
    ///
    /// - `network_create_with_subnet`
    async fn list_subnets(&self, cx: &Context, query: &ListQuery) -> Result<Page<Subnet>>;

    /// One subnet by id.
    ///
    /// - `subnet_of_unknown_id_is_not_found`
    ///
    /// # Errors
    ///
    /// `not_found`.
    async fn get_subnet(&self, cx: &Context, id: &str) -> Result<Subnet>;

    /// Makes a subnet.
    ///
    /// - `network_create_with_subnet`
    ///
    /// # Errors
    ///
    /// `invalid` for a range that cannot be; `conflict` for one that overlaps another;
    /// `quota_exceeded`; `unsupported` without `subnet_create`.
    async fn create_subnet(&self, cx: &Context, request: &SubnetCreate) -> Result<Subnet>;

    /// Deletes a subnet. To delete what is gone succeeds.
    ///
    /// - `subnet_delete_twice_succeeds`
    ///
    /// # Errors
    ///
    /// `conflict` while nodes are on it; `unsupported` without `subnet_create`.
    async fn delete_subnet(&self, cx: &Context, id: &str) -> Result<()>;
}
