//! Makes a node and waits until it runs.

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{Node, NodeCreate, NodeCreated, NodeState};
use cloudfarm_contract::{Driver, Error, NodeQuery, Result, SideEffect, Text, async_trait};
use serde_json::{Value, json};

use super::{MASKED, wait_for};
use crate::jobs::job::ResourceRef;
use crate::jobs::work::{Outcome, Run, Work};

/// Makes a node.
#[derive(Debug)]
pub struct CreateNode {
    /// On this cloud.
    pub cloud: Text,
    /// From this; the mark is the job's own.
    pub request: NodeCreate,
}

#[async_trait]
impl Work for CreateNode {
    fn action(&self) -> &'static str {
        "CreateNode"
    }

    fn cloud(&self) -> &Text {
        &self.cloud
    }

    fn resource(&self) -> ResourceRef {
        ResourceRef {
            kind: Text::from_static("node"),
            id: None,
        }
    }

    fn params(&self) -> Value {
        let request = &self.request;
        json!({
            "name": request.name,
            "image": request.image,
            "size": request.size,
            "location": request.location,
            "key_pair": request.key_pair,
            "user_data": request.user_data.as_ref().map(|_| MASKED),
            "admin_password": request.admin_password.as_ref().map(|_| MASKED),
            "metadata": request.metadata,
            "networks": request.networks,
            "security_groups": request.security_groups,
            "root_volume": request.root_volume,
            "options": request.options,
        })
    }

    async fn run(&self, run: &Run) -> Result<Outcome> {
        let driver = run.driver(&self.cloud)?;
        let request = NodeCreate {
            mark: Some(run.mark()),
            ..self.request.clone()
        };
        run.step(
            "create_node",
            format!("ask the cloud for node {:?}", request.name.as_str()),
        );
        let NodeCreated { node, secrets } = match driver.create_node(run.cx(), &request).await {
            Ok(created) => created,
            Err(error) => recover(run, &driver, error).await?,
        };
        run.step("created", format!("the cloud gave it id {}", node.id));
        let id = node.id.clone();
        let running = wait_for(run, &*driver, &id, &[NodeState::Running]).await;
        let node = running.map_err(|error| error.with_side_effect(SideEffect::Done))?;
        Ok(Outcome::of(&json!({ "node": node }))?
            .with_made(id)
            .with_secret("admin_password", secrets.admin_password))
    }
}

/// The reply to the create call did not come, or told of a failure after which something may be
/// there: looks for the job's mark before the failure is believed.
async fn recover(run: &Run, driver: &Layered, error: Error) -> Result<NodeCreated> {
    if error.side_effect() == SideEffect::None {
        return Err(error);
    }
    run.step(
        "look_for_mark",
        format!("the call failed ({error}); look for what it made"),
    );
    let found = find_marked(run, driver).await?;
    match found {
        Some(node) => Ok(NodeCreated {
            node,
            secrets: Default::default(),
        }),
        None => Err(error.with_side_effect(SideEffect::None)),
    }
}

async fn find_marked(run: &Run, driver: &Layered) -> Result<Option<Node>> {
    let mut query = NodeQuery::marked(run.mark());
    loop {
        let page = driver.list_nodes(run.cx(), &query).await?;
        if let Some(node) = page.items.into_iter().next() {
            return Ok(Some(node));
        }
        match page.next {
            Some(marker) => query.page.marker = Some(marker),
            None => return Ok(None),
        }
    }
}
