//! Ports for interfaces on a chosen subnet. Nova knows networks and ports, so a port is made first,
//! and goes with the node.

use cloudfarm_contract::model::{Mark, NetworkAttachment, NodeCreate};
use cloudfarm_contract::{Context, Effect, Error, ErrorKind, Result, Text};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Compute;
use crate::call::Call;
use crate::catalog::ServiceKind::Network as NETWORK;
use crate::errors::{about_field, gone_is_fine};
use crate::list::{self, Listed};
use crate::network::PORTS;

/// How the ports that go with their node are told from those that somebody made for it.
const NAME: &str = "cloudfarm-interface";

#[derive(Deserialize)]
struct Reply {
    port: Port,
}

#[derive(Deserialize)]
struct Port {
    id: Text,
}

impl Listed for Port {
    fn marker(&self) -> &str {
        &self.id
    }
}

impl Compute {
    /// The interfaces that a node is asked to be made with: a port for each on a chosen subnet.
    /// What was made before one is refused is removed again.
    pub(super) async fn interfaces(
        &self,
        cx: &Context,
        request: &NodeCreate,
    ) -> Result<(Vec<Value>, Vec<Text>)> {
        let mut interfaces = Vec::with_capacity(request.networks.len());
        let mut made = Vec::new();
        for attachment in &request.networks {
            let Some(subnet) = &attachment.subnet else {
                interfaces.push(on_network(attachment));
                continue;
            };
            match self.make_port(cx, request, attachment, subnet).await {
                Ok(port) => {
                    interfaces.push(json!({"port": port.as_str()}));
                    made.push(port);
                }
                Err(error) => {
                    self.remove_ports(cx, &made).await;
                    return Err(error);
                }
            }
        }
        Ok((interfaces, made))
    }

    async fn make_port(
        &self,
        cx: &Context,
        request: &NodeCreate,
        attachment: &NetworkAttachment,
        subnet: &Text,
    ) -> Result<Text> {
        let mut place = json!({"subnet_id": subnet.as_str()});
        if let Some(ip) = attachment.ip {
            place["ip_address"] = Value::from(ip.to_string());
        }
        let mut port = json!({
            "name": NAME,
            "network_id": attachment.network.as_str(),
            "fixed_ips": [place],
        });
        if let Some(description) = Mark::describe(None, request.mark.as_ref()) {
            port["description"] = Value::from(description);
        }
        // Nova gives its groups to no port that it did not make.
        if !request.security_groups.is_empty() {
            port["security_groups"] = json!(request.security_groups);
        }
        let call = Call::post(&["ports"], Effect::Once, json!({"port": port}));
        let made = self.session.ask(cx, NETWORK, &call).await;
        let reply: Reply = made.map_err(port_refused)?.json()?;
        Ok(reply.port.id)
    }

    /// The ports that go with a node.
    pub(super) async fn ports_of(&self, cx: &Context, node: &str) -> Result<Vec<Text>> {
        if !self.session.has(cx, NETWORK).await? {
            return Ok(Vec::new());
        }
        let call = Call::get(&["ports"])
            .query("device_id", node)
            .query("name", NAME)
            .query("fields", "id");
        let ports = list::all::<Port>(&self.session, cx, PORTS, &call).await?;
        Ok(ports.into_iter().map(|port| port.id).collect())
    }

    /// Removes ports as far as that works: the node that they were for is gone, or never came.
    pub(super) async fn remove_ports(&self, cx: &Context, ports: &[Text]) {
        for port in ports {
            let call = Call::delete(&["ports", port]);
            let removed = gone_is_fine(self.session.ask(cx, NETWORK, &call).await);
            if let Err(error) = removed {
                log::warn!("port {port} is left behind: {error}");
            }
        }
    }
}

fn on_network(attachment: &NetworkAttachment) -> Value {
    let mut interface = json!({"uuid": attachment.network.as_str()});
    if let Some(ip) = attachment.ip {
        interface["fixed_ip"] = Value::from(ip.to_string());
    }
    interface
}

fn port_refused(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Invalid | ErrorKind::NotFound | ErrorKind::Conflict => {
            about_field(&error, "networks")
        }
        _ => error,
    }
}
