//! What the cloud keeps about each resource. Everything here may be written to the state file, so
//! no password and no user data is among it.

/// The mark, where it is a field.
macro_rules! marked {
    () => {
        fn mark(&self) -> Option<&Mark> {
            self.mark.as_ref()
        }
    };
}

/// When it is gone, where that follows from its phase.
macro_rules! phased {
    () => {
        fn gone_at(&self) -> Option<Timestamp> {
            self.phase.gone_at()
        }
    };
}

mod networks;
mod nodes;
mod storage;

use std::net::IpAddr;

use cloudfarm_contract::model::Mark;
use jiff::Timestamp;

pub(crate) use self::networks::{
    AddressRecord, NetworkRecord, RouterRecord, SecurityGroupRecord, SubnetRecord,
};
pub(crate) use self::nodes::{KeyPairRecord, NodeRecord, Port, Resized};
pub(crate) use self::storage::{
    ImageRecord, NodeSnapshotRecord, VolumeRecord, VolumeSnapshotRecord,
};
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
