//! From an instance to a node.

use std::collections::HashMap;
use std::net::IpAddr;

use cloudfarm_contract::model::{
    AddressKind, Extra, Fault, ImageRef, Node, NodeAddress, NodeState, SizeRef,
};
use cloudfarm_contract::{Capabilities, Text};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::wire::{Association, Instance, Reason};
use crate::driver::Ec2Driver;
use crate::marks::{self, mark_of_token};
use crate::network::addresses::Elastic;
use crate::time;

/// What owns an address that is Amazon's and goes with the instance.
const AMAZON: &str = "amazon";

pub(crate) fn state(native: &str) -> NodeState {
    match native {
        "pending" => NodeState::Pending,
        "running" => NodeState::Running,
        "stopping" => NodeState::Stopping,
        "stopped" => NodeState::Stopped,
        "shutting-down" | "terminated" => NodeState::Terminated,
        _ => NodeState::Unknown,
    }
}

pub(crate) fn node(
    driver: &Ec2Driver,
    mut instance: Instance,
    elastic: &HashMap<IpAddr, Elastic>,
    now: Timestamp,
) -> Node {
    let tagged = marks::read(std::mem::take(&mut instance.tags));
    let token = present(instance.client_token.take());
    let native = if instance.state.name.is_empty() {
        Text::from_static("unknown")
    } else {
        instance.state.name.clone()
    };
    let state = state(&native);
    let addresses = addresses(&instance, elastic);
    let extra = extra(&mut instance, tagged.extra);
    let mut node = Node {
        cloud: driver.cloud(),
        name: tagged.name.unwrap_or_else(|| instance.id.clone()),
        state,
        native_state: native,
        busy: false,
        image: present(instance.image).map(|id| ImageRef { id, name: None }),
        size: present(instance.kind).map(|kind| SizeRef {
            id: Some(kind.clone()),
            name: Some(kind),
            vcpus: None,
            ram_mb: None,
            disk_gb: None,
        }),
        location: present(instance.placement.zone),
        addresses: Vec::new(),
        public_ips: Vec::new(),
        private_ips: Vec::new(),
        key_pair: present(instance.key_name),
        security_groups: Vec::new(),
        volumes: Vec::new(),
        metadata: tagged.metadata,
        mark: tagged
            .mark
            .or_else(|| token.as_deref().and_then(mark_of_token)),
        fault: None,
        created_at: time::optional(instance.launched_at.as_ref()),
        actions: driver.can().actions(state, false),
        observed_at: now,
        extra: extra.into(),
        id: instance.id,
    };
    node.set_addresses(addresses);
    let of_interfaces = instance
        .interfaces
        .items
        .iter()
        .flat_map(|i| &i.groups.items);
    for group in instance.groups.items.iter().chain(of_interfaces) {
        let name = if group.name.is_empty() {
            &group.id
        } else {
            &group.name
        };
        if !name.is_empty() && !node.security_groups.contains(name) {
            node.security_groups.push(name.clone());
        }
    }
    let disks = instance.disks.items.into_iter();
    node.volumes = disks.filter_map(|disk| present(disk.ebs?.volume)).collect();
    node
}

/// The node of an instance that never came to life.
pub(crate) fn failed(node: &Node, reason: &Value, can: &Capabilities) -> Node {
    let text = |key: &str| reason[key].as_str().map(Text::from);
    Node {
        state: NodeState::Error,
        fault: Some(Fault {
            code: text("code"),
            message: text("message").unwrap_or_default(),
            at: None,
        }),
        actions: can.actions(NodeState::Error, false),
        ..node.clone()
    }
}

/// An element may be there and empty.
pub(crate) fn present(text: Option<Text>) -> Option<Text> {
    text.filter(|text| !text.is_empty())
}

fn ip(text: Option<&Text>) -> Option<IpAddr> {
    text?.trim().parse().ok()
}

#[derive(Default)]
struct Addresses(Vec<NodeAddress>);

impl Addresses {
    fn add(&mut self, ip: Option<IpAddr>, network: Option<&Text>, kind: AddressKind) {
        let Some(ip) = ip.filter(|ip| !ip.is_unspecified()) else {
            return;
        };
        // An instance names its first addresses twice: itself, and as its interface's.
        if self.0.iter().all(|known| known.ip != ip) {
            self.0.push(NodeAddress::new(ip, network.cloned(), kind));
        }
    }

    fn add_associated(&mut self, association: Option<&Association>, network: Option<&Text>) {
        let Some(association) = association else {
            return;
        };
        let kind = match association.owner.as_deref() {
            Some(AMAZON) => AddressKind::Fixed,
            _ => AddressKind::Floating,
        };
        self.add(ip(association.ip.as_ref()), network, kind);
    }
}

fn addresses(instance: &Instance, elastic: &HashMap<IpAddr, Elastic>) -> Vec<NodeAddress> {
    let mut found = Addresses::default();
    for interface in &instance.interfaces.items {
        let network = interface.vpc.as_ref().filter(|vpc| !vpc.is_empty());
        found.add(
            ip(interface.private_ip.as_ref()),
            network,
            AddressKind::Fixed,
        );
        for private in &interface.private_ips.items {
            found.add(ip(private.ip.as_ref()), network, AddressKind::Fixed);
        }
        found.add_associated(interface.association.as_ref(), network);
        for private in &interface.private_ips.items {
            found.add_associated(private.association.as_ref(), network);
        }
        for six in &interface.ipv6.items {
            found.add(ip(six.ip.as_ref()), network, AddressKind::Fixed);
        }
    }
    let network = instance.vpc.as_ref().filter(|vpc| !vpc.is_empty());
    let private = ip(instance.private_ip.as_ref());
    found.add(private, network, AddressKind::Fixed);
    let public = ip(instance.public_ip.as_ref());
    // Eucalyptus without public addresses repeats the private one.
    if public != private {
        let is_elastic = public.is_some_and(|ip| elastic.contains_key(&ip));
        let kind = if is_elastic {
            AddressKind::Floating
        } else {
            AddressKind::Fixed
        };
        found.add(public, network, kind);
    }
    found.0
}

fn extra(instance: &mut Instance, tags: Extra) -> Extra {
    let mut extra = tags;
    let mut set = |key: &str, value: Option<Text>| {
        if let Some(value) = present(value) {
            extra.insert(key.into(), Value::from(value.as_str()));
        }
    };
    set("architecture", instance.architecture.take());
    set("platform", instance.platform.take());
    set("lifecycle", instance.lifecycle.take());
    set("dns_name", instance.dns_name.take());
    set("private_dns_name", instance.private_dns_name.take());
    set("root_device", instance.root_device.take());
    set("root_device_type", instance.root_device_type.take());
    set("vpc", instance.vpc.clone());
    set("subnet", instance.subnet.take());
    if let Some(reason) = instance.state_reason.take().filter(|r| !r.code.is_empty()) {
        extra.insert("state_reason".into(), reason_as_json(&reason));
    }
    extra
}

fn reason_as_json(reason: &Reason) -> Value {
    // The message repeats the code: `Server.InternalError: Internal error on launch`.
    let message = reason
        .message
        .strip_prefix(reason.code.as_str())
        .map_or(reason.message.as_str(), |rest| {
            rest.trim_start_matches([':', ' '])
        });
    json!({"code": reason.code.as_str(), "message": message})
}
