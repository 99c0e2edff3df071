use async_trait::async_trait;

use crate::model::{Image, ImageCreate};
use crate::{Context, Result};

/// Images made from nodes.
#[async_trait]
pub trait NodeImages: Send + Sync {
    /// Makes an image from a node.
    ///
    /// - `image_create_reaches_available`
    /// - `image_create_makes_nodes`
    ///
    /// # Errors
    ///
    /// `not_found` for an unknown node; `conflict` in a state that does not allow it;
    /// `quota_exceeded`.
    async fn create_image(&self, cx: &Context, request: &ImageCreate) -> Result<Image>;

    /// Deletes an image. To delete what is gone succeeds.
    ///
    /// - `image_delete_twice_succeeds`
    ///
    /// # Errors
    ///
    /// `forbidden` for an image of somebody else; `conflict` if the provider protects it.
    async fn delete_image(&self, cx: &Context, id: &str) -> Result<()>;
}
