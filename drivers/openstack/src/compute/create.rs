//! A node is made.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cloudfarm_contract::model::{Node, NodeCreate, NodeCreated, NodeSecrets};
use cloudfarm_contract::{Context, Effect, Error, Result, Secret, SideEffect, Text};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::options::NodeOptions;
use super::{Compute, boot, made_without_id};
use crate::call::Call;
use crate::catalog::ServiceKind::Compute as COMPUTE;
use crate::marks::with_mark;
use crate::version::Microversion;

/// Since then networks must be said, if only to be chosen by Nova.
const NETWORKS_SAID: Microversion = Microversion::new(2, 37);

#[derive(Deserialize)]
pub(crate) struct Reply {
    pub(crate) server: Made,
}

#[derive(Deserialize)]
pub(crate) struct Made {
    pub(crate) id: Text,
    #[serde(rename = "adminPass")]
    admin_password: Option<String>,
}

impl Compute {
    /// Makes a node.
    ///
    /// # Errors
    ///
    /// As [`cloudfarm_contract::Driver::create_node`].
    pub async fn create_node(&self, cx: &Context, request: &NodeCreate) -> Result<NodeCreated> {
        let spoken = self.session.microversion(cx, COMPUTE).await?;
        let options = NodeOptions::read(&request.options)?;
        let disks = boot::disks(request, &options, spoken)?;
        let (interfaces, ports) = self.interfaces(cx, request).await?;
        let body = body(request, options, disks, interfaces, spoken);
        let call = Call::post(&["servers"], Effect::Once, body);
        let response = match self.session.ask(cx, COMPUTE, &call).await {
            Ok(response) => response,
            Err(error) => {
                if error.side_effect() == SideEffect::None {
                    self.remove_ports(cx, &ports).await;
                }
                return Err(self.create_refused(cx, request, error).await);
            }
        };
        let made = response
            .json::<Reply>()
            .map_err(|_| made_without_id("node"))?
            .server;
        let admin_password = made.admin_password.filter(|password| !password.is_empty());
        // It is made, whatever becomes of the look at it: the secret comes only now.
        let node = match self.get_node(cx, &made.id).await {
            Ok(node) => node,
            Err(error) => {
                log::warn!("node {} was made and cannot be read: {error}", made.id);
                self.as_requested(&made.id, request)?
            }
        };
        Ok(NodeCreated {
            node,
            secrets: NodeSecrets {
                admin_password: admin_password.map(Secret::new),
            },
        })
    }

    /// What a node that was just accepted is like, as far as the request says.
    fn as_requested(&self, id: &str, request: &NodeCreate) -> Result<Node> {
        let server = json!({
            "id": id,
            "name": request.name.as_str(),
            "status": "BUILD",
            "image": {"id": request.image.as_str()},
            "flavor": {"id": request.size.as_str()},
            "key_name": request.key_pair.as_ref().map(Text::as_str),
            "metadata": with_mark(&request.metadata, request.mark.as_ref()),
        });
        let server = serde_json::from_value(server).map_err(|error| {
            Error::internal("the node cannot be described").with_internal(error)
        })?;
        let now = self.session.clock().now();
        Ok(self.node(server, &self.flavors.known(), now))
    }
}

/// The body of the request.
fn body(
    request: &NodeCreate,
    options: NodeOptions,
    disks: Option<Value>,
    interfaces: Vec<Value>,
    spoken: Option<Microversion>,
) -> Value {
    let mut server = Map::new();
    let mut set = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            server.insert(key.to_owned(), value);
        }
    };
    let text = |text: &Option<Text>| text.as_ref().map(|text| Value::from(text.as_str()));
    let metadata = with_mark(&request.metadata, request.mark.as_ref());
    set("name", Some(Value::from(request.name.as_str())));
    set("flavorRef", Some(Value::from(request.size.as_str())));
    set("key_name", text(&request.key_pair));
    set("availability_zone", text(&request.location));
    set("metadata", (!metadata.is_empty()).then(|| json!(metadata)));
    set("user_data", request.user_data.as_ref().map(encoded));
    set(
        "adminPass",
        request
            .admin_password
            .as_ref()
            .map(|p| Value::from(p.expose())),
    );
    set("networks", networks(interfaces, &options, spoken));
    set("security_groups", security_groups(&request.security_groups));
    if request.root_volume.is_none() {
        set("imageRef", Some(Value::from(request.image.as_str())));
    }
    set("block_device_mapping_v2", disks);
    set("config_drive", options.config_drive.map(Value::from));
    set("description", options.description.map(Value::from));
    set("hostname", options.hostname.map(Value::from));
    set("OS-DCF:diskConfig", options.disk_config.map(Value::from));
    set(
        "tags",
        (!options.tags.is_empty()).then(|| json!(options.tags)),
    );
    let mut body = json!({"server": server});
    if !options.scheduler_hints.is_empty() {
        body["os:scheduler_hints"] = Value::Object(options.scheduler_hints);
    }
    body
}

pub(super) fn encoded(user_data: &Secret) -> Value {
    Value::from(BASE64_STANDARD.encode(user_data.expose()))
}

fn networks(
    mut interfaces: Vec<Value>,
    options: &NodeOptions,
    spoken: Option<Microversion>,
) -> Option<Value> {
    let ports = options.ports.iter();
    interfaces.extend(ports.map(|port| json!({"port": port.as_str()})));
    if interfaces.is_empty() {
        let said = spoken.is_some_and(|spoken| spoken >= NETWORKS_SAID);
        return said.then(|| Value::from("auto"));
    }
    Some(Value::Array(interfaces))
}

fn security_groups(groups: &[Text]) -> Option<Value> {
    // Nova takes an id where it says name.
    let named = groups.iter().map(|group| json!({"name": group.as_str()}));
    (!groups.is_empty()).then(|| Value::Array(named.collect()))
}
