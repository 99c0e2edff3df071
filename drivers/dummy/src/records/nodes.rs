//! Nodes, and the keys that open them.

use std::net::IpAddr;

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{Fault, Mark, Metadata};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Record;
use crate::sizes::SIZES;
use crate::states::{Phase, Status};
use crate::usage::Usage;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NodeRecord {
    pub(crate) name: Text,
    pub(crate) image: Text,
    pub(crate) image_name: Option<Text>,
    /// The index in [`SIZES`].
    pub(crate) size: usize,
    /// The index in [`crate::locations::LOCATIONS`].
    pub(crate) location: usize,
    pub(crate) ports: Vec<Port>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) floating: Vec<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) volumes: Vec<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) groups: Vec<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key_pair: Option<Text>,
    #[serde(default, skip_serializing_if = "Metadata::is_empty")]
    pub(crate) metadata: Metadata,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<Mark>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<Fault>,
    pub(crate) created_at: Timestamp,
    pub(crate) phase: Phase<Status>,
    /// Until when the provider is at work on it without a change of state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) busy_until: Option<Timestamp>,
    /// What a resize changed, until it is confirmed or reverted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) resized: Option<Resized>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) user_data_bytes: usize,
    /// How often it got a password; passwords are drawn from it and not kept.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) passwords: usize,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// One interface of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Port {
    pub(crate) network: u64,
    pub(crate) subnet: u64,
    pub(crate) ip: IpAddr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Resized {
    /// The index of the size it had.
    pub(crate) from: usize,
    /// The state it goes back to.
    pub(crate) home: Status,
}

impl NodeRecord {
    /// The status at `now`; `None` once it is gone.
    pub(crate) fn status(&self, now: Timestamp) -> Option<Status> {
        self.phase.at(now)
    }

    pub(crate) fn is_busy(&self, now: Timestamp) -> bool {
        self.phase.is_moving(now) || self.busy_until.is_some_and(|until| now < until)
    }

    /// A node keeps its old size until the resize is through.
    pub(crate) fn shown_size(&self, now: Timestamp) -> usize {
        match self.resized {
            Some(resized) if self.status(now) == Some(Status::Resizing) => resized.from,
            _ => self.size,
        }
    }
}

impl Record for NodeRecord {
    marked!();
    phased!();

    fn usage(&self) -> Usage {
        let Some(end) = self.phase.end() else {
            return Usage::default();
        };
        let size = &SIZES[self.size];
        let mut usage = Usage {
            nodes: 1,
            vcpus: u64::from(size.vcpus),
            ram_mb: size.ram_mb,
            ..Usage::default()
        };
        if !matches!(end, Status::Shelved | Status::Failed) {
            usage.hosted_nodes = usage.nodes;
            usage.hosted_vcpus = usage.vcpus;
            usage.hosted_ram_mb = usage.ram_mb;
        }
        usage
    }

    fn ips(&self) -> impl Iterator<Item = (u64, IpAddr)> {
        self.ports.iter().map(|port| (port.network, port.ip))
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeyPairRecord {
    pub(crate) name: Text,
    pub(crate) fingerprint: Text,
    pub(crate) public_key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<Mark>,
    pub(crate) created_at: Timestamp,
}

impl Record for KeyPairRecord {
    marked!();

    fn usage(&self) -> Usage {
        Usage {
            key_pairs: 1,
            ..Usage::default()
        }
    }
}
