//! A server as Nova writes it.

mod read;

use std::collections::BTreeMap;
use std::net::IpAddr;

use cloudfarm_contract::model::{AddressKind, Extra, Fault, ImageRef, Metadata, Node, NodeAddress};
use cloudfarm_contract::{Capabilities, Text};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::flavors::{Flavor, Known};
use super::status;
use crate::list::Listed;
use crate::marks::take_mark;
use crate::time;

#[derive(Debug, Deserialize)]
pub(crate) struct ServerReply {
    pub(crate) server: Server,
}

/// A server. A cell that is down leaves everything out but the id.
#[derive(Debug, Default)]
pub(crate) struct Server {
    id: Text,
    name: Option<Text>,
    status: Option<Text>,
    metadata: Option<Metadata>,
    image: Option<Image>,
    flavor: Option<Flavor>,
    created: Option<Text>,
    addresses: Option<BTreeMap<Text, Vec<ServerAddress>>>,
    key_name: Option<Text>,
    zone: Option<Text>,
    task: Option<Text>,
    security_groups: Option<Vec<Named>>,
    volumes: Option<Vec<Identified>>,
    fault: Option<ServerFault>,
    /// What has no place of its own, without what says nothing.
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

#[derive(Debug, Default, Deserialize)]
struct Image {
    id: Option<Text>,
    name: Option<Text>,
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

impl Server {
    /// What Nova says of its flavor.
    pub(super) fn flavor(&self) -> Option<&Flavor> {
        self.flavor.as_ref()
    }

    pub(crate) fn into_node(
        mut self,
        cloud: &Text,
        known: &Known,
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
            image: self.image.and_then(Image::into_ref),
            size: self.flavor.map(|flavor| known.complete(flavor.into())),
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

impl Image {
    fn into_ref(self) -> Option<ImageRef> {
        let id = self.id.filter(|id| !id.is_empty())?;
        Some(ImageRef {
            id,
            name: self.name,
        })
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
    if let Some(task) = task {
        rest.insert("OS-EXT-STS:task_state".into(), Value::from(task.as_str()));
    }
    rest
}
