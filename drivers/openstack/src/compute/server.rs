//! A server as Nova writes it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use cloudfarm_contract::model::{
    AddressKind, Extra, Fault, ImageRef, Metadata, Node, NodeAddress, SizeRef,
};
use cloudfarm_contract::{Capabilities, Text};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::status;
use crate::list::Listed;
use crate::marks::take_mark;
use crate::time;

#[derive(Debug, Deserialize)]
pub(crate) struct ServerReply {
    pub(crate) server: Server,
}

/// A server. A cell that is down leaves everything out but the id.
#[derive(Debug, Deserialize)]
pub(crate) struct Server {
    id: Text,
    #[serde(default)]
    name: Option<Text>,
    #[serde(default)]
    status: Option<Text>,
    #[serde(default)]
    metadata: Option<Metadata>,
    /// An object, or an empty text where the server boots from a volume.
    #[serde(default)]
    image: Value,
    #[serde(default)]
    flavor: Option<Flavor>,
    #[serde(default)]
    created: Option<Text>,
    #[serde(default)]
    addresses: Option<BTreeMap<Text, Vec<ServerAddress>>>,
    #[serde(default)]
    key_name: Option<Text>,
    #[serde(default, rename = "OS-EXT-AZ:availability_zone")]
    zone: Option<Text>,
    #[serde(default, rename = "OS-EXT-STS:task_state")]
    task: Option<Text>,
    #[serde(default)]
    security_groups: Option<Vec<Named>>,
    #[serde(default, rename = "os-extended-volumes:volumes_attached")]
    volumes: Option<Vec<Identified>>,
    #[serde(default)]
    fault: Option<ServerFault>,
    #[serde(flatten)]
    rest: Extra,
}

#[derive(Debug, Deserialize)]
struct Named {
    name: Text,
}

#[derive(Debug, Deserialize)]
struct Identified {
    id: Text,
}

/// Before 2.47 an id, since then a copy of what the flavor was.
#[derive(Debug, Deserialize)]
struct Flavor {
    id: Option<Text>,
    original_name: Option<Text>,
    vcpus: Option<u32>,
    ram: Option<u64>,
    disk: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct ServerAddress {
    addr: IpAddr,
    #[serde(rename = "OS-EXT-IPS:type")]
    kind: Option<Text>,
}

#[derive(Debug, Deserialize)]
struct ServerFault {
    code: Option<Value>,
    message: Option<String>,
    created: Option<Text>,
}

impl Listed for Server {
    fn marker(&self) -> &str {
        &self.id
    }
}

/// What is in `extra` nowhere: links lead to where nobody needs to go.
const LEFT_OUT: &[&str] = &["links", "adminPass"];

impl Server {
    pub(crate) fn into_node(
        mut self,
        cloud: &Text,
        capabilities: &Capabilities,
        observed_at: Timestamp,
    ) -> Node {
        let native_state = self.status.take().unwrap_or(Text::from_static("UNKNOWN"));
        let task = self.task.as_deref();
        let state = status::state(&native_state, task);
        let busy = status::is_busy(state, &native_state, task);
        let mut metadata = self.metadata.take().unwrap_or_default();
        let mark = take_mark(&mut metadata);
        let is_failed = state == cloudfarm_contract::model::NodeState::Error;
        let mut node = Node {
            cloud: cloud.clone(),
            id: self.id,
            name: self.name.unwrap_or_default(),
            state,
            busy,
            image: image(&self.image),
            size: self.flavor.map(Flavor::into_ref),
            location: self.zone.filter(|zone| !zone.is_empty()),
            addresses: Vec::new(),
            public_ips: Vec::new(),
            private_ips: Vec::new(),
            key_pair: self.key_name,
            security_groups: distinct(self.security_groups.unwrap_or_default()),
            volumes: self
                .volumes
                .unwrap_or_default()
                .into_iter()
                .map(|volume| volume.id)
                .collect(),
            metadata,
            mark,
            fault: self
                .fault
                .filter(|_| is_failed)
                .map(ServerFault::into_fault),
            created_at: time::optional(self.created.as_ref()),
            actions: status::actions(capabilities, state, busy, &native_state),
            native_state,
            observed_at,
            extra: extra(self.rest, self.task),
        };
        node.set_addresses(addresses(self.addresses.unwrap_or_default()));
        node
    }
}

impl Flavor {
    fn into_ref(self) -> SizeRef {
        SizeRef {
            id: self.id,
            name: self.original_name,
            vcpus: self.vcpus,
            ram_mb: self.ram,
            disk_gb: self.disk,
        }
    }
}

impl ServerFault {
    fn into_fault(self) -> Fault {
        let code = self.code.and_then(|code| match code {
            Value::String(text) => Some(Text::from(text)),
            Value::Number(number) => Some(Text::from(number.to_string())),
            _ => None,
        });
        let message = self.message.unwrap_or_default();
        Fault {
            code,
            message: Text::from(message.trim().trim_end_matches('.')),
            at: time::optional(self.created.as_ref()),
        }
    }
}

fn image(image: &Value) -> Option<ImageRef> {
    let id = image.get("id")?.as_str().filter(|id| !id.is_empty())?;
    Some(ImageRef {
        id: Text::from(id),
        name: image.get("name").and_then(Value::as_str).map(Text::from),
    })
}

/// Nova names a group once for each port.
fn distinct(groups: Vec<Named>) -> Vec<Text> {
    let mut names: Vec<Text> = Vec::with_capacity(groups.len());
    for group in groups {
        if !names.contains(&group.name) {
            names.push(group.name);
        }
    }
    names
}

fn addresses(networks: BTreeMap<Text, Vec<ServerAddress>>) -> Vec<NodeAddress> {
    let mut all: Vec<NodeAddress> = Vec::new();
    for (network, addresses) in networks {
        for address in addresses {
            let kind = match address.kind.as_deref() {
                Some("floating") => AddressKind::Floating,
                _ => AddressKind::Fixed,
            };
            let address = NodeAddress::new(address.addr, Some(network.clone()), kind);
            if !all.contains(&address) {
                all.push(address);
            }
        }
    }
    all
}

fn extra(mut rest: Extra, task: Option<Text>) -> Extra {
    rest.retain(|key, value| {
        !LEFT_OUT.contains(&key.as_str()) && !value.is_null() && value.as_str() != Some("")
    });
    if let Some(task) = task {
        rest.insert(
            "OS-EXT-STS:task_state".to_owned(),
            Value::from(task.as_str()),
        );
    }
    rest
}
