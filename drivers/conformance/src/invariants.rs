//! What must hold of everything that a driver gives, whatever was asked.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cloudfarm_contract::extensions::{ConsoleOutput, ConsoleUrl};
use cloudfarm_contract::model::{
    Address, AddressScope, Image, IpVersion, KeyPair, KeyPairCreated, Location, Mark, Metadata,
    Network, Node, NodeCreated, NodeSecrets, NodeSnapshot, NodeState, ProviderProject, Quota,
    Router, SecurityGroup, SecurityRule, Size, Subnet, Volume, VolumeSnapshot, VolumeState,
};
use cloudfarm_contract::{Capabilities, Clock, Error, Page, Text};
use jiff::Timestamp;

/// What the answers of one cloud are held against.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) cloud: Text,
    pub(crate) capabilities: Capabilities,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tolerance: Duration,
}

/// An answer that can be held against the rules.
pub(crate) trait Answer {
    /// Says what is wrong.
    fn problems(&self, rules: &Rules, found: &mut Vec<String>);
}

/// Adds a problem unless the condition holds.
macro_rules! hold {
    ($found:ident, $condition:expr, $($problem:tt)+) => {
        if !$condition {
            $found.push(format!($($problem)+));
        }
    };
}

/// What everything with an identity has in common.
fn identity(what: &str, cloud: &Text, id: &Text, rules: &Rules, found: &mut Vec<String>) {
    hold!(found, !id.is_empty(), "{what} has an empty id");
    hold!(
        found,
        *cloud == rules.cloud,
        "{what} {id} says it is on cloud {cloud:?}, info() says {:?}",
        rules.cloud
    );
}

fn no_mark(what: &str, metadata: &Metadata, found: &mut Vec<String>) {
    hold!(
        found,
        !metadata.contains_key(Mark::KEY),
        "{what} repeats its mark in its metadata"
    );
}

fn native(what: &str, native_state: &Text, found: &mut Vec<String>) {
    hold!(
        found,
        !native_state.is_empty(),
        "{what} has no native_state"
    );
}

impl Answer for Node {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("node", &self.cloud, &self.id, rules, found);
        let what = format!("node {}", self.id);
        native(&what, &self.native_state, found);
        no_mark(&what, &self.metadata, found);
        address_problems(self, &what, found);
        time_problems(self, &what, rules, found);
        let legal = rules.capabilities.actions(self.state, self.busy);
        for action in self.actions.iter() {
            hold!(
                found,
                legal.contains(action),
                "{what} offers {action} in state {} (busy: {}), the capabilities do not",
                self.state,
                self.busy
            );
        }
        hold!(
            found,
            self.fault.is_none() || self.state == NodeState::Error,
            "{what} has a fault in state {}",
            self.state
        );
        if let Some(image) = &self.image {
            hold!(
                found,
                !image.id.is_empty(),
                "{what} has an image with an empty id"
            );
        }
        if let Some(id) = self.size.as_ref().and_then(|size| size.id.as_ref()) {
            hold!(found, !id.is_empty(), "{what} has a size with an empty id");
        }
    }
}

fn address_problems(node: &Node, what: &str, found: &mut Vec<String>) {
    let of = |scope| -> BTreeSet<_> {
        let scoped = node.addresses.iter().filter(|a| a.scope == scope);
        scoped.map(|address| address.ip).collect()
    };
    let public: BTreeSet<_> = node.public_ips.iter().copied().collect();
    let private: BTreeSet<_> = node.private_ips.iter().copied().collect();
    hold!(
        found,
        public == of(AddressScope::Public),
        "{what} has public_ips {public:?}, its addresses say {:?}",
        of(AddressScope::Public)
    );
    hold!(
        found,
        private == of(AddressScope::Private),
        "{what} has private_ips {private:?}, its addresses say {:?}",
        of(AddressScope::Private)
    );
    for address in &node.addresses {
        hold!(
            found,
            address.version == IpVersion::of(address.ip),
            "{what} calls {} version {:?}",
            address.ip,
            address.version
        );
    }
    let distinct: BTreeSet<_> = node.addresses.iter().map(|a| (a.ip, &a.network)).collect();
    hold!(
        found,
        distinct.len() == node.addresses.len(),
        "{what} shows an address twice"
    );
}

fn time_problems(node: &Node, what: &str, rules: &Rules, found: &mut Vec<String>) {
    let now = rules.clock.now();
    let off = |at: Timestamp| now.duration_since(at).unsigned_abs();
    hold!(
        found,
        off(node.observed_at) <= rules.tolerance,
        "{what} was observed at {}, which is {} s off",
        node.observed_at,
        off(node.observed_at).as_secs()
    );
    if let Some(created_at) = node.created_at {
        hold!(
            found,
            created_at <= now || off(created_at) <= rules.tolerance,
            "{what} was made at {created_at}, which is to come"
        );
    }
}

impl Answer for NodeCreated {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        self.node.problems(rules, found);
    }
}

impl Answer for Image {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("image", &self.cloud, &self.id, rules, found);
        let what = format!("image {}", self.id);
        native(&what, &self.native_state, found);
        no_mark(&what, &self.metadata, found);
    }
}

impl Answer for Size {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("size", &self.cloud, &self.id, rules, found);
    }
}

impl Answer for Location {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("location", &self.cloud, &self.id, rules, found);
    }
}

impl Answer for KeyPair {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("key pair", &self.cloud, &self.name, rules, found);
        if let Some(key) = &self.public_key {
            hold!(
                found,
                key.split_whitespace().count() >= 2 && !key.contains("PRIVATE"),
                "key pair {} shows a public key that is not in OpenSSH's form",
                self.name
            );
        }
    }
}

impl Answer for KeyPairCreated {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        self.key_pair.problems(rules, found);
    }
}

impl Answer for Volume {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("volume", &self.cloud, &self.id, rules, found);
        let what = format!("volume {}", self.id);
        native(&what, &self.native_state, found);
        no_mark(&what, &self.metadata, found);
        hold!(found, self.size_gb > 0, "{what} has 0 GB");
        let attached = !self.attachments.is_empty();
        hold!(
            found,
            self.state != VolumeState::InUse || attached,
            "{what} is in_use without an attachment"
        );
        hold!(
            found,
            self.state != VolumeState::Available || !attached,
            "{what} is available with an attachment"
        );
        for attachment in &self.attachments {
            hold!(
                found,
                !attachment.node.is_empty(),
                "{what} is attached to a node with an empty id"
            );
        }
    }
}

impl Answer for VolumeSnapshot {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("volume snapshot", &self.cloud, &self.id, rules, found);
        let what = format!("volume snapshot {}", self.id);
        native(&what, &self.native_state, found);
        no_mark(&what, &self.metadata, found);
        hold!(found, self.size_gb > 0, "{what} has 0 GB");
    }
}

impl Answer for NodeSnapshot {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("node snapshot", &self.cloud, &self.id, rules, found);
        let what = format!("node snapshot {}", self.id);
        native(&what, &self.native_state, found);
        hold!(found, !self.node.is_empty(), "{what} names no node");
    }
}

impl Answer for Network {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("network", &self.cloud, &self.id, rules, found);
        hold!(
            found,
            self.subnets.iter().all(|id| !id.is_empty()),
            "network {} has a subnet with an empty id",
            self.id
        );
    }
}

impl Answer for Subnet {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("subnet", &self.cloud, &self.id, rules, found);
        let what = format!("subnet {}", self.id);
        hold!(found, !self.network.is_empty(), "{what} names no network");
        let version = range_version(&self.cidr);
        hold!(
            found,
            version == Some(self.version),
            "{what} calls {} version {:?}",
            self.cidr,
            self.version
        );
    }
}

impl Answer for Router {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("router", &self.cloud, &self.id, rules, found);
        let what = format!("router {}", self.id);
        let subnets: BTreeSet<_> = self.subnets.iter().collect();
        hold!(
            found,
            subnets.len() == self.subnets.len() && self.subnets.iter().all(|id| !id.is_empty()),
            "{what} names a subnet twice, or one with an empty id"
        );
        hold!(
            found,
            self.external_network.is_some() || self.external_ips.is_empty(),
            "{what} has addresses on no network"
        );
    }
}

impl Answer for SecurityGroup {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("security group", &self.cloud, &self.id, rules, found);
        for rule in &self.rules {
            rule.problems(rules, found);
        }
        let ids: BTreeSet<_> = self.rules.iter().map(|rule| &rule.id).collect();
        hold!(
            found,
            ids.len() == self.rules.len(),
            "security group {} gives two rules the same id",
            self.id
        );
    }
}

impl Answer for SecurityRule {
    fn problems(&self, _: &Rules, found: &mut Vec<String>) {
        hold!(
            found,
            !self.id.is_empty(),
            "a security rule has an empty id"
        );
        if let Some(range) = &self.remote_cidr {
            hold!(
                found,
                range_version(range) == Some(self.version),
                "security rule {} calls {range} version {:?}",
                self.id,
                self.version
            );
        }
        hold!(
            found,
            self.remote_cidr.is_none() || self.remote_group.is_none(),
            "security rule {} has a range and a group at its other end",
            self.id
        );
    }
}

/// The version of a range such as `10.0.0.0/8`.
fn range_version(range: &str) -> Option<IpVersion> {
    let (ip, bits) = range.split_once('/')?;
    let version = IpVersion::of(ip.parse().ok()?);
    let most = if version == IpVersion::V4 { 32 } else { 128 };
    (bits.parse::<u8>().ok()? <= most).then_some(version)
}

impl Answer for Address {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("address", &self.cloud, &self.id, rules, found);
        hold!(
            found,
            self.version == IpVersion::of(self.ip),
            "address {} is called version {:?}",
            self.ip,
            self.version
        );
        hold!(
            found,
            self.node.is_some() || self.fixed_ip.is_none(),
            "address {} leads to a fixed address of no node",
            self.ip
        );
    }
}

impl Answer for Quota {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("quota", &self.cloud, &self.name, rules, found);
    }
}

impl Answer for ProviderProject {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        identity("project", &self.cloud, &self.id, rules, found);
        hold!(
            found,
            !self.name.is_empty(),
            "project {} has no name",
            self.id
        );
    }
}

impl Answer for ConsoleOutput {
    fn problems(&self, _: &Rules, found: &mut Vec<String>) {
        hold!(
            found,
            !self.output.contains('\0'),
            "the console output holds a NUL"
        );
    }
}

impl Answer for ConsoleUrl {
    fn problems(&self, _: &Rules, found: &mut Vec<String>) {
        hold!(found, !self.kind.is_empty(), "the console says no kind");
    }
}

impl Answer for NodeSecrets {
    fn problems(&self, _: &Rules, found: &mut Vec<String>) {
        let empty = self.admin_password.as_ref().is_some_and(|p| p.is_empty());
        hold!(found, !empty, "the administrator's password is empty");
    }
}

impl Answer for () {
    fn problems(&self, _: &Rules, _: &mut Vec<String>) {}
}

impl<T: Answer> Answer for Vec<T> {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        for item in self {
            item.problems(rules, found);
        }
    }
}

impl<T: Answer> Answer for Page<T> {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        self.items.problems(rules, found);
        if let Some(next) = &self.next {
            hold!(
                found,
                !next.as_str().is_empty(),
                "a page ends in an empty marker"
            );
        }
    }
}

impl Answer for Error {
    fn problems(&self, rules: &Rules, found: &mut Vec<String>) {
        let message = self.message();
        hold!(
            found,
            !message.is_empty(),
            "an error has no message: {self:?}"
        );
        hold!(
            found,
            !message.ends_with('.') && !message.contains('\n'),
            "the message of an error is one line without a full stop: {message:?}"
        );
        if let Some(cloud) = self.cloud() {
            hold!(
                found,
                *cloud == rules.cloud,
                "an error says it is of cloud {cloud:?}, info() says {:?}",
                rules.cloud
            );
        }
    }
}
