//! The nodes that a cloud starts with. They are made from their number whenever somebody looks, so
//! that a hundred thousand of them cost nothing until they are changed.

use std::net::{IpAddr, Ipv4Addr};

use cloudfarm_contract::Text;
use cloudfarm_contract::model::Metadata;
use jiff::Timestamp;

use crate::ids::{Ids, Inline};
use crate::locations::LOCATIONS;
use crate::records::{NodeRecord, Port};
use crate::sizes::SIZES;
use crate::states::{Phase, Status};
use crate::usage::Usage;

/// The network that nodes are on unless another is asked for, and its subnet.
pub(crate) const PRIVATE: u64 = 1;
/// The network that leads out, and its subnet.
pub(crate) const PUBLIC: u64 = 2;
/// The security group of nodes that name none.
pub(crate) const DEFAULT_GROUP: u64 = 1;

/// Offset in the private subnet of the address of the first generated node.
pub(crate) const FIRST_OFFSET: u64 = 256;

/// When the cloud began, in seconds of Unix time: 2026-01-01T00:00:00Z.
const BEGIN: i64 = 1_767_225_600;

const ROLES: &[&str] = &["web", "api", "db", "cache", "worker", "build"];

/// One generated node: what is drawn, not yet spelled out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Generated {
    pub(crate) ordinal: u64,
    /// Index into the images that the cloud starts with.
    pub(crate) image: usize,
    pub(crate) size: usize,
    pub(crate) location: usize,
    pub(crate) status: Status,
    role: &'static str,
}

impl Generated {
    pub(crate) fn new(ids: &Ids, ordinal: u64, images: usize) -> Self {
        let drawn = ids.draw(ordinal);
        let pick = |shift: u32, among: usize| (drawn >> shift) as usize % among.max(1);
        Self {
            ordinal,
            image: pick(0, images),
            // The large sizes stay rare.
            size: pick(8, 4).min(SIZES.len() - 1),
            location: pick(16, LOCATIONS.len()),
            status: if pick(24, 10) == 0 {
                Status::Off
            } else {
                Status::Active
            },
            role: ROLES[pick(32, ROLES.len())],
        }
    }

    pub(crate) fn name(&self) -> Inline {
        let mut name = Inline::default();
        name.push(self.role);
        name.push("-");
        name.push_decimal(self.ordinal, 6);
        name
    }

    /// The ordinal of the node that could have this name.
    pub(crate) fn numbered(name: &str) -> Option<u64> {
        let (_, digits) = name.rsplit_once('-')?;
        digits.parse().ok()
    }

    pub(crate) fn ip(&self) -> IpAddr {
        let offset = u32::try_from(FIRST_OFFSET + self.ordinal).unwrap_or(u32::MAX);
        IpAddr::V4(Ipv4Addr::from(
            u32::from(Ipv4Addr::new(10, 0, 0, 0)) | offset,
        ))
    }

    pub(crate) fn created_at(&self) -> Timestamp {
        let second = BEGIN + i64::try_from(self.ordinal).unwrap_or_default();
        Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    pub(crate) fn usage(&self) -> Usage {
        let size = &SIZES[self.size];
        Usage {
            nodes: 1,
            vcpus: u64::from(size.vcpus),
            ram_mb: size.ram_mb,
            hosted_nodes: 1,
            hosted_vcpus: u64::from(size.vcpus),
            hosted_ram_mb: size.ram_mb,
            ..Usage::default()
        }
    }

    /// The node as a record, so that it can be changed.
    pub(crate) fn record(&self, images: &[(Text, Text)]) -> NodeRecord {
        let (image, name) = &images[self.image];
        NodeRecord {
            name: self.name().text(),
            image: image.clone(),
            image_name: Some(name.clone()),
            size: self.size,
            location: self.location,
            ports: vec![Port {
                network: PRIVATE,
                subnet: PRIVATE,
                ip: self.ip(),
            }],
            floating: Vec::new(),
            volumes: Vec::new(),
            groups: vec![DEFAULT_GROUP],
            key_pair: None,
            metadata: Metadata::new(),
            mark: None,
            fault: None,
            created_at: self.created_at(),
            phase: Phase::lasting(self.status),
            busy_until: None,
            resized: None,
            user_data_bytes: 0,
            passwords: 0,
        }
    }
}
