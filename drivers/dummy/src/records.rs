//! What the cloud keeps about each resource. Everything here may be written to the state file, so
//! no password and no user data is among it.

use std::net::IpAddr;

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{
    Fault, ImageState, Mark, Metadata, SecurityRuleCreate, SnapshotState, VolumeState,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::sizes::SIZES;
use crate::states::{Phase, Status};
use crate::usage::Usage;

/// What the indexes need to know about a record.
pub(crate) trait Record {
    fn mark(&self) -> Option<&Mark> {
        None
    }

    /// When the resource is gone, if it is on its way.
    fn gone_at(&self) -> Option<Timestamp> {
        None
    }

    /// What it takes of quota and capacity.
    fn usage(&self) -> Usage;

    /// The addresses it holds, each with the ordinal of its network.
    fn ips(&self) -> impl Iterator<Item = (u64, IpAddr)> {
        std::iter::empty()
    }

    fn is_gone(&self, now: Timestamp) -> bool {
        self.gone_at().is_some_and(|at| at <= now)
    }
}

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
    fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.phase.gone_at()
    }

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
pub(crate) struct ImageRecord {
    pub(crate) name: Text,
    pub(crate) version: Option<Text>,
    pub(crate) os: Text,
    pub(crate) size_bytes: u64,
    pub(crate) min_ram_mb: u64,
    pub(crate) min_disk_gb: u64,
    pub(crate) public: bool,
    pub(crate) metadata: Metadata,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<Mark>,
    pub(crate) created_at: Timestamp,
    pub(crate) phase: Phase<ImageState>,
}

impl Record for ImageRecord {
    fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.phase.gone_at()
    }

    fn usage(&self) -> Usage {
        Usage {
            images: u64::from(!self.public && self.phase.end().is_some()),
            ..Usage::default()
        }
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
    fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    fn usage(&self) -> Usage {
        Usage {
            key_pairs: 1,
            ..Usage::default()
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct VolumeRecord {
    pub(crate) name: Text,
    pub(crate) size_gb: u64,
    pub(crate) kind: Text,
    /// The index in [`crate::locations::LOCATIONS`].
    pub(crate) location: usize,
    /// The ordinal of the node and the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attached: Option<(u64, Text)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) snapshot: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) image: Option<Text>,
    /// A node boots from it; it goes with the node if this is so.
    #[serde(default)]
    pub(crate) delete_with_node: bool,
    pub(crate) metadata: Metadata,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<Mark>,
    pub(crate) created_at: Timestamp,
    pub(crate) phase: Phase<VolumeState>,
}

impl Record for VolumeRecord {
    fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.phase.gone_at()
    }

    fn usage(&self) -> Usage {
        if self.phase.end().is_none() {
            return Usage::default();
        }
        Usage {
            volumes: 1,
            volume_gb: self.size_gb,
            ..Usage::default()
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct VolumeSnapshotRecord {
    pub(crate) name: Text,
    pub(crate) volume: u64,
    pub(crate) size_gb: u64,
    pub(crate) metadata: Metadata,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<Mark>,
    pub(crate) created_at: Timestamp,
    pub(crate) phase: Phase<SnapshotState>,
}

impl Record for VolumeSnapshotRecord {
    fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.phase.gone_at()
    }

    fn usage(&self) -> Usage {
        Usage {
            volume_snapshots: u64::from(self.phase.end().is_some()),
            ..Usage::default()
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NodeSnapshotRecord {
    pub(crate) name: Text,
    pub(crate) node: u64,
    /// What the node was made from at that moment.
    pub(crate) image: Text,
    pub(crate) image_name: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<Mark>,
    pub(crate) created_at: Timestamp,
    pub(crate) phase: Phase<SnapshotState>,
}

impl Record for NodeSnapshotRecord {
    fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    fn gone_at(&self) -> Option<Timestamp> {
        self.phase.gone_at()
    }

    fn usage(&self) -> Usage {
        Usage {
            node_snapshots: u64::from(self.phase.end().is_some()),
            ..Usage::default()
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NetworkRecord {
    pub(crate) name: Text,
    pub(crate) external: bool,
    /// There from the start, for everybody.
    pub(crate) shared: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<Mark>,
}

impl Record for NetworkRecord {
    fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    fn usage(&self) -> Usage {
        Usage {
            networks: u64::from(!self.shared),
            ..Usage::default()
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SubnetRecord {
    pub(crate) network: u64,
    pub(crate) name: Text,
    pub(crate) cidr: Text,
    pub(crate) gateway: Option<IpAddr>,
    pub(crate) dhcp: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<Mark>,
}

impl Record for SubnetRecord {
    fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    fn usage(&self) -> Usage {
        Usage::default()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct RouterRecord {
    pub(crate) name: Text,
    /// The network that it leads out to, and its address there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) external: Option<(u64, IpAddr)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) subnets: Vec<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<Mark>,
}

impl Record for RouterRecord {
    fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    fn usage(&self) -> Usage {
        Usage::default()
    }

    fn ips(&self) -> impl Iterator<Item = (u64, IpAddr)> {
        self.external.into_iter()
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SecurityGroupRecord {
    pub(crate) name: Text,
    pub(crate) description: Option<String>,
    /// Each with its ordinal.
    pub(crate) rules: Vec<(u64, SecurityRuleCreate)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<Mark>,
}

impl Record for SecurityGroupRecord {
    fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    fn usage(&self) -> Usage {
        Usage {
            security_groups: 1,
            ..Usage::default()
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AddressRecord {
    pub(crate) ip: IpAddr,
    pub(crate) network: u64,
    /// The ordinal of the node it leads to, and the node's fixed address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) leads_to: Option<(u64, IpAddr)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<Mark>,
}

impl Record for AddressRecord {
    fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    fn usage(&self) -> Usage {
        Usage {
            addresses: 1,
            ..Usage::default()
        }
    }

    fn ips(&self) -> impl Iterator<Item = (u64, IpAddr)> {
        std::iter::once((self.network, self.ip))
    }
}
