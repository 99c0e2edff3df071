use async_trait::async_trait;

use crate::model::ProviderProject;
use crate::{Context, Result};

/// The projects that the credential may act on.
#[async_trait]
pub trait ProviderProjects: Send + Sync {
    /// Every project that the credential may act on.
    ///
    /// - `provider_projects_name_the_current_one`
    async fn list_provider_projects(&self, cx: &Context) -> Result<Vec<ProviderProject>>;
}
