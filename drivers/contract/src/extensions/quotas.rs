use async_trait::async_trait;

use crate::model::Quota;
use crate::{Context, Result};

/// How much the credential may have, and has.
#[async_trait]
pub trait Quotas: Send + Sync {
    /// Every quota that the provider tells.
    ///
    /// - `quotas_count_nodes`
    async fn list_quotas(&self, cx: &Context) -> Result<Vec<Quota>>;
}
