use async_trait::async_trait;

use crate::model::{NodeSecrets, RescueRequest};
use crate::{Context, Result};

/// Memory to disk and back.
#[async_trait]
pub trait Suspend: Send + Sync {
    /// Suspends a node; it ends in `suspended`.
    ///
    /// - `suspend_and_resume`
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` in a state that does not allow it.
    async fn suspend_node(&self, cx: &Context, id: &str) -> Result<()>;

    /// Resumes a suspended node; it ends in `running`.
    ///
    /// - `suspend_and_resume`
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` in a state that does not allow it.
    async fn resume_node(&self, cx: &Context, id: &str) -> Result<()>;
}

/// The processor held and let go.
#[async_trait]
pub trait Pause: Send + Sync {
    /// Pauses a node; it ends in `paused`.
    ///
    /// - `pause_and_unpause`
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` in a state that does not allow it.
    async fn pause_node(&self, cx: &Context, id: &str) -> Result<()>;

    /// Lets a paused node go on; it ends in `running`.
    ///
    /// - `pause_and_unpause`
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` in a state that does not allow it.
    async fn unpause_node(&self, cx: &Context, id: &str) -> Result<()>;
}

/// The host released and taken again.
#[async_trait]
pub trait Shelve: Send + Sync {
    /// Shelves a node; it ends in `suspended`, with the provider's word for shelved as
    /// `native_state`.
    ///
    /// - `shelve_and_unshelve`
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` in a state that does not allow it.
    async fn shelve_node(&self, cx: &Context, id: &str) -> Result<()>;

    /// Brings a shelved node back; it ends in `running`.
    ///
    /// - `shelve_and_unshelve`
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` in a state that does not allow it; `no_capacity`.
    async fn unshelve_node(&self, cx: &Context, id: &str) -> Result<()>;
}

/// A boot from another image, to repair a node's own disk.
#[async_trait]
pub trait Rescue: Send + Sync {
    /// Boots a node from a rescue image; it ends in `rescued`.
    ///
    /// - `rescue_and_unrescue`
    ///
    /// # Errors
    ///
    /// `not_found` for the node, `invalid` for the image; `conflict` in a state that does not
    /// allow it.
    async fn rescue_node(
        &self,
        cx: &Context,
        id: &str,
        request: &RescueRequest,
    ) -> Result<NodeSecrets>;

    /// Boots a rescued node from its own disk; it ends in `running`.
    ///
    /// - `rescue_and_unrescue`
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` in a state that does not allow it.
    async fn unrescue_node(&self, cx: &Context, id: &str) -> Result<()>;
}
