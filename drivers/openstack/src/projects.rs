//! The projects that the credential may act on.

use std::sync::Arc;

use cloudfarm_contract::extensions::ProviderProjects;
use cloudfarm_contract::model::ProviderProject;
use cloudfarm_contract::{Context, Result, async_trait};

use crate::session::Session;

/// The projects of one cloud's credential.
#[derive(Debug, Clone)]
pub(crate) struct Projects {
    session: Arc<Session>,
}

impl Projects {
    /// The projects of the one who is logged in.
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self { session }
    }
}

#[async_trait]
impl ProviderProjects for Projects {
    async fn list_provider_projects(&self, cx: &Context) -> Result<Vec<ProviderProject>> {
        self.session.projects(cx).await
    }
}
