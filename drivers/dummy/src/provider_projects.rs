//! The projects that the credential may act on: the one that everything is in, and one more.

use cloudfarm_contract::extensions::ProviderProjects;
use cloudfarm_contract::model::ProviderProject;
use cloudfarm_contract::{Context, Operation, Result, Text, async_trait};

use crate::driver::DummyDriver;

#[async_trait]
impl ProviderProjects for DummyDriver {
    async fn list_provider_projects(&self, cx: &Context) -> Result<Vec<ProviderProject>> {
        self.read(cx, Operation::ListProviderProjects, |view| {
            let projects = [("project-1", "demo", true), ("project-2", "sandbox", false)];
            let project = |(id, name, current)| ProviderProject {
                cloud: view.rules.cloud.clone(),
                id: Text::from_static(id),
                name: Text::from_static(name),
                domain: Some(Text::from_static("default")),
                enabled: true,
                current,
            };
            Ok(projects.map(project).to_vec())
        })
        .await
    }
}
