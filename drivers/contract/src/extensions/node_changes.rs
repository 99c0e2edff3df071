use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::model::{Metadata, NodeSecrets, RebuildRequest};
use crate::{Context, Result, Secret, Text};

/// Another size for a node.
#[async_trait]
pub trait Resize: Send + Sync {
    /// Gives a node the size with this id. Where the cloud has `resize_confirmation` the node ends
    /// in `verify_resize`, otherwise in the state it was in.
    ///
    /// - `resize_changes_the_size`
    /// - `resize_to_unknown_size_changes_nothing`
    ///
    /// # Errors
    ///
    /// `not_found`; `invalid` for a size that does not exist or does not fit; `conflict` in a
    /// state that does not allow it; `quota_exceeded`, `no_capacity`.
    async fn resize_node(&self, cx: &Context, id: &str, size: &str) -> Result<()>;
}

/// A resized node waits for a decision.
#[async_trait]
pub trait ResizeConfirmation: Send + Sync {
    /// Keeps the new size.
    ///
    /// - `resize_changes_the_size`
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` unless the node is in `verify_resize`.
    async fn confirm_resize(&self, cx: &Context, id: &str) -> Result<()>;

    /// Goes back to the old size.
    ///
    /// - `revert_resize_brings_the_old_size_back`
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` unless the node is in `verify_resize`.
    async fn revert_resize(&self, cx: &Context, id: &str) -> Result<()>;
}

/// A fresh installation.
#[async_trait]
pub trait Rebuild: Send + Sync {
    /// Installs an image on a node, which keeps its id and its addresses.
    ///
    /// - `rebuild_keeps_the_id`
    ///
    /// # Errors
    ///
    /// `not_found` for the node, `invalid` for the image; `conflict` in a state that does not
    /// allow it.
    async fn rebuild_node(
        &self,
        cx: &Context,
        id: &str,
        request: &RebuildRequest,
    ) -> Result<NodeSecrets>;
}

/// What is to be set and removed in a node's metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MetadataChange {
    /// Items to add or overwrite.
    pub set: Metadata,
    /// Keys to remove; one that is not there is no error.
    pub remove: Vec<Text>,
}

/// Change of a node's metadata.
#[async_trait]
pub trait NodeMetadata: Send + Sync {
    /// Sets and removes items; the others, and the mark, stay.
    ///
    /// - `metadata_change_sets_and_removes`
    /// - `metadata_change_keeps_the_mark`
    ///
    /// # Errors
    ///
    /// `not_found`; `invalid` for what the provider does not take; `quota_exceeded` for too many.
    async fn set_node_metadata(
        &self,
        cx: &Context,
        id: &str,
        change: &MetadataChange,
    ) -> Result<()>;
}

/// Change of the administrator's password.
#[async_trait]
pub trait NodePassword: Send + Sync {
    /// Sets the administrator's password of a running node.
    ///
    /// - `password_change_succeeds`
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` in a state that does not allow it.
    async fn set_node_password(&self, cx: &Context, id: &str, password: &Secret) -> Result<()>;
}
