//! A node to be made.

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{Mark, Node, NodeCreate};
use cloudfarm_contract::{Context, Driver, Result, Text};
use serde_json::{Value, json};

use super::MASKED;
use super::create::{Creation, Made};

impl Creation for NodeCreate {
    type Of = Node;

    const ACTION: &'static str = "CreateNode";

    fn params(&self) -> Value {
        json!({
            "name": self.name,
            "image": self.image,
            "size": self.size,
            "location": self.location,
            "key_pair": self.key_pair,
            "user_data": self.user_data.as_ref().map(|_| MASKED),
            "admin_password": self.admin_password.as_ref().map(|_| MASKED),
            "metadata": self.metadata,
            "networks": self.networks,
            "security_groups": self.security_groups,
            "root_volume": self.root_volume,
            "options": self.options,
        })
    }

    fn is_repeatable(&self, driver: &Layered) -> bool {
        driver.capabilities().node_create_idempotent
    }

    async fn create(&self, driver: &Layered, cx: &Context, mark: Mark) -> Result<Made<Node>> {
        let request = Self {
            mark: Some(mark),
            ..self.clone()
        };
        let created = driver.create_node(cx, &request).await?;
        let password = created.secrets.admin_password;
        Ok(Made {
            resource: created.node,
            secret: password.map(|password| (Text::from_static("admin_password"), password)),
        })
    }
}
