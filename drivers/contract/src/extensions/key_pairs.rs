use async_trait::async_trait;

use crate::model::{KeyPair, KeyPairCreate, KeyPairCreated};
use crate::{Context, ListQuery, Page, Result};

/// Public keys that nodes are made with. The name is unique on its cloud and serves as id.
#[async_trait]
pub trait KeyPairs: Send + Sync {
    /// One page of the key pairs.
    ///
    /// - `key_pair_is_listed`
    async fn list_key_pairs(&self, cx: &Context, query: &ListQuery) -> Result<Page<KeyPair>>;

    /// One key pair by name.
    ///
    /// - `key_pair_of_unknown_name_is_not_found`
    ///
    /// # Errors
    ///
    /// `not_found`.
    async fn get_key_pair(&self, cx: &Context, name: &str) -> Result<KeyPair>;

    /// Imports a public key or, without one, generates a pair.
    ///
    /// - `key_pair_import_keeps_the_key`
    /// - `key_pair_generate_gives_the_private_key_once`
    /// - `key_pair_duplicate_is_a_conflict`
    ///
    /// # Errors
    ///
    /// `conflict` if the name is taken; `invalid` for a key that the provider does not take;
    /// `unsupported` where `key_pair_create_generated` or `key_pair_create_imported` is false.
    async fn create_key_pair(
        &self,
        cx: &Context,
        request: &KeyPairCreate,
    ) -> Result<KeyPairCreated>;

    /// Deletes a key pair. To delete what is gone succeeds.
    ///
    /// - `key_pair_delete_twice_succeeds`
    async fn delete_key_pair(&self, cx: &Context, name: &str) -> Result<()>;
}
