//! A machine as CloudAPI writes it.

use std::net::IpAddr;

use cloudfarm_contract::model::{
    AddressKind, Extra, ImageRef, Mark, Metadata, Node, NodeAddress, SizeRef,
};
use cloudfarm_contract::{Capabilities, Text};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::status;
use crate::catalogue::Names;
use crate::sizes::gigabytes;

/// What the names of tags begin with that put a machine into a group of firewall rules.
pub(crate) const GROUP_TAG: &str = "cloudfarm.group.";

/// What a guest is told in confidence, and what is far too long to be repeated in lists.
const CONFIDENTIAL: &[&str] = &[
    "user-script",
    "user-data",
    "cloud-init:user-data",
    "root_authorized_keys",
    "credentials",
    "administrator_pw",
    "root_pw",
    "admin_pw",
];

/// A machine.
#[derive(Debug, Deserialize)]
pub(crate) struct Machine {
    pub(super) id: Text,
    #[serde(default)]
    name: Option<Text>,
    #[serde(default)]
    state: Option<Text>,
    #[serde(default)]
    image: Option<Text>,
    #[serde(default)]
    package: Option<Text>,
    #[serde(default)]
    memory: Option<u64>,
    #[serde(default)]
    disk: Option<u64>,
    #[serde(default)]
    ips: Option<Vec<Text>>,
    #[serde(default)]
    nics: Option<Vec<Nic>>,
    #[serde(default)]
    networks: Option<Vec<Text>>,
    #[serde(default)]
    tags: Option<Map<String, Value>>,
    #[serde(default)]
    metadata: Option<Map<String, Value>>,
    #[serde(default)]
    created: Option<Text>,
    #[serde(flatten)]
    rest: Extra,
}

#[derive(Debug, Deserialize)]
struct Nic {
    #[serde(default)]
    ip: Option<Text>,
    #[serde(default)]
    network: Option<Text>,
    #[serde(default)]
    mac: Option<Text>,
    #[serde(default)]
    primary: Option<bool>,
}

impl Machine {
    /// The networks that it is on.
    pub(crate) fn network_ids(&self) -> impl Iterator<Item = &Text> + Send {
        let of_nics = self
            .nics
            .iter()
            .flatten()
            .filter_map(|nic| nic.network.as_ref());
        of_nics.chain(self.networks.iter().flatten())
    }

    /// What kind of machine it is: `joyent`, `lx`, `kvm`, `bhyve`.
    pub(super) fn brand(&self) -> &str {
        self.rest
            .get("brand")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// The tags as they are.
    pub(super) fn tags(&self) -> impl Iterator<Item = &str> {
        self.tags.iter().flatten().map(|(name, _)| name.as_str())
    }

    pub(super) fn state(&self) -> &str {
        self.state.as_deref().unwrap_or("unknown")
    }

    /// The password that the provider made for the administrator.
    pub(super) fn generated_password(&self) -> Option<&str> {
        let credentials = self.metadata.as_ref()?.get("credentials")?.as_object()?;
        ["root", "Administrator", "administrator", "admin"]
            .iter()
            .find_map(|name| credentials.get(*name)?.as_str())
    }

    pub(crate) fn into_node(
        mut self,
        cloud: &Text,
        capabilities: &Capabilities,
        names: &Names,
        observed_at: Timestamp,
    ) -> Node {
        let native_state = self.state.take().unwrap_or(Text::from_static("unknown"));
        let state = status::state(&native_state);
        let busy = state.is_transitional();
        let addresses = self.addresses(names);
        let size = self.size(names);
        let mut tags: Metadata = self
            .tags
            .take()
            .unwrap_or_default()
            .into_iter()
            .map(|(name, value)| (Text::from(name), plain_text(&value)))
            .collect();
        let mark = tags.remove(Mark::KEY).map(Mark::new);
        let security_groups = take_groups(&mut tags);
        let mut node = Node {
            cloud: cloud.clone(),
            name: self.name.take().unwrap_or_default(),
            state,
            busy,
            image: self
                .image
                .take()
                .filter(|id| is_some_id(id))
                .map(|id| ImageRef { id, name: None }),
            size,
            location: None,
            addresses: Vec::new(),
            public_ips: Vec::new(),
            private_ips: Vec::new(),
            key_pair: None,
            security_groups,
            volumes: Vec::new(),
            metadata: tags,
            mark,
            fault: None,
            created_at: self.created.as_ref().and_then(|at| at.parse().ok()),
            actions: capabilities.actions(state, busy),
            native_state,
            observed_at,
            extra: self.extra().into(),
            id: self.id,
        };
        node.set_addresses(addresses);
        node
    }

    fn size(&mut self, names: &Names) -> Option<SizeRef> {
        let name = self.package.take().filter(|name| !name.is_empty());
        if name.is_none() && self.memory.is_none() {
            return None;
        }
        let package = name.as_ref().and_then(|name| names.package(name));
        Some(SizeRef {
            id: package.map(|package| package.id.clone()),
            vcpus: package.and_then(|package| package.vcpus()),
            name,
            ram_mb: self.memory,
            disk_gb: self.disk.map(gigabytes),
        })
    }

    fn addresses(&self, names: &Names) -> Vec<NodeAddress> {
        let mut all: Vec<NodeAddress> = Vec::new();
        let mut add = |ip: IpAddr, network: Option<Text>| {
            if all.iter().all(|known| known.ip != ip) {
                all.push(NodeAddress::new(ip, network, AddressKind::Fixed));
            }
        };
        for nic in self.nics.iter().flatten() {
            let network = nic.network.as_ref().map(|id| names.network(id));
            if let Some(ip) = nic.ip.as_deref().and_then(read_ip) {
                add(ip, network);
            }
        }
        // A machine that gets its address by DHCP shows the word in place of one.
        for ip in self.ips.iter().flatten().filter_map(|ip| read_ip(ip)) {
            add(ip, None);
        }
        all
    }

    fn extra(&mut self) -> Extra {
        let mut extra = std::mem::take(&mut self.rest);
        extra.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
        let mut metadata = self.metadata.take().unwrap_or_default();
        metadata.retain(|key, _| !CONFIDENTIAL.contains(&key.as_str()));
        if !metadata.is_empty() {
            extra.insert("metadata".into(), Value::Object(metadata));
        }
        if let Some(networks) = self.networks.take().filter(|networks| !networks.is_empty()) {
            let ids = networks.iter().map(|id| Value::from(id.as_str()));
            extra.insert("networks".into(), ids.collect());
        }
        let macs: Vec<Value> = self
            .nics
            .iter()
            .flatten()
            .filter_map(Nic::described)
            .collect();
        if !macs.is_empty() {
            extra.insert("nics".into(), Value::Array(macs));
        }
        extra
    }
}

impl Nic {
    fn described(&self) -> Option<Value> {
        let mac = self.mac.as_ref()?;
        Some(serde_json::json!({
            "mac": mac.as_str(),
            "network": self.network.as_deref(),
            "primary": self.primary.unwrap_or(false),
        }))
    }
}

/// Machines made from disks show an image of zeros.
fn is_some_id(id: &str) -> bool {
    id.bytes().any(|byte| !matches!(byte, b'0' | b'-'))
}

/// An address, perhaps with the length of its prefix behind it.
fn read_ip(text: &str) -> Option<IpAddr> {
    text.split('/').next()?.parse().ok()
}

/// Takes the groups out of the tags.
fn take_groups(tags: &mut Metadata) -> Vec<Text> {
    let names: Vec<Text> = tags
        .keys()
        .filter_map(|key| key.strip_prefix(GROUP_TAG))
        .map(Text::from)
        .collect();
    tags.retain(|key, _| !key.starts_with(GROUP_TAG));
    names
}

/// A tag may be a text, a number or a truth.
pub(crate) fn plain_text(value: &Value) -> Text {
    match value {
        Value::String(text) => Text::from(text),
        other => Text::from(other.to_string()),
    }
}
