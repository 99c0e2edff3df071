use async_trait::async_trait;

use crate::model::{Address, AddressAllocate, AddressAssociate};
use crate::{Context, ListQuery, Page, Result};

/// Addresses with a life of their own. The name of an address, for filters, is the address itself.
#[async_trait]
pub trait Addresses: Send + Sync {
    /// One page of the addresses.
    ///
    /// - `address_is_listed`
    async fn list_addresses(&self, cx: &Context, query: &ListQuery) -> Result<Page<Address>>;

    /// One address by id.
    ///
    /// - `address_of_unknown_id_is_not_found`
    ///
    /// # Errors
    ///
    /// `not_found`.
    async fn get_address(&self, cx: &Context, id: &str) -> Result<Address>;

    /// Allocates an address.
    ///
    /// - `address_allocate_and_release`
    ///
    /// # Errors
    ///
    /// `quota_exceeded`, `no_capacity`; `invalid` where a network must be given (the hint names
    /// those there are); `not_found` for an unknown one.
    async fn allocate_address(&self, cx: &Context, request: &AddressAllocate) -> Result<Address>;

    /// Leads an address to a node, away from where it led before. Afterwards the node shows it as
    /// a floating address.
    ///
    /// - `address_associate_shows_on_the_node`
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` if the node has no address that it could lead to.
    async fn associate_address(&self, cx: &Context, id: &str, to: &AddressAssociate) -> Result<()>;

    /// Leads an address nowhere. To disassociate what leads nowhere succeeds.
    ///
    /// - `address_disassociate_twice_succeeds`
    ///
    /// # Errors
    ///
    /// `not_found`.
    async fn disassociate_address(&self, cx: &Context, id: &str) -> Result<()>;

    /// Gives an address back. To release what is gone succeeds.
    ///
    /// - `address_release_twice_succeeds`
    async fn release_address(&self, cx: &Context, id: &str) -> Result<()>;
}
