//! Everything that the cloud knows, and the changes that it goes through.
//!
//! A call reads the world and lists its [`Change`]s; they are written to the state file and then
//! applied, all or none. A process that follows the state file applies the same changes, so there
//! is one way only in which the world changes.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use cloudfarm_contract::Text;
use cloudfarm_contract::model::Mark;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::generated::{FIRST_OFFSET, Generated, PRIVATE};
use crate::ids::{Ids, Kind};
use crate::locations::LOCATIONS;
use crate::params::NODES_MAX;
use crate::records::{
    AddressRecord, ImageRecord, KeyPairRecord, NetworkRecord, NodeRecord, NodeSnapshotRecord,
    Record, RouterRecord, SecurityGroupRecord, SubnetRecord, VolumeRecord, VolumeSnapshotRecord,
};
use crate::sizes::SIZES;
use crate::usage::Usage;
use crate::{images, networks};

/// The ordinal of the first resource that a client makes. What the cloud starts with is below, so
/// the ids of what is made do not depend on it.
const FIRST_MADE: u64 = NODES_MAX as u64 + 1;

/// What is found by its mark: the kind, the mark, the ordinal.
type MarkIndex = BTreeSet<(Kind, Mark, u64)>;

macro_rules! tables {
    ($($table:ident: $record:ident = $kind:ident;)*) => {
        /// All resources but nodes, each kind by ordinal.
        #[derive(Debug, Default)]
        pub(crate) struct Tables { $(pub(crate) $table: BTreeMap<u64, $record>),* }

        /// What a resource becomes; nothing means that it is gone.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum Change {
            /// No ordinal below this is free.
            Next(u64),
            Node(u64, Option<Box<NodeRecord>>),
            $($kind(u64, Option<$record>)),*
        }

        $(
        impl From<(u64, $record)> for Change {
            fn from((ordinal, record): (u64, $record)) -> Self {
                Self::$kind(ordinal, Some(record))
            }
        }
        )*

        impl World {
            pub(crate) fn apply(&mut self, change: Change) {
                match change {
                    Change::Next(next) => self.next = self.next.max(next),
                    Change::Node(ordinal, record) => self.apply_node(ordinal, record),
                    $(
                    Change::$kind(ordinal, record) => {
                        self.next = self.next.max(ordinal + 1);
                        if let Some(old) = self.tables.$table.remove(&ordinal) {
                            self.index.remove(Kind::$kind, ordinal, &old);
                        }
                        if let Some(record) = record {
                            self.index.add(Kind::$kind, ordinal, &record);
                            self.tables.$table.insert(ordinal, record);
                        }
                    }
                    )*
                }
            }

            /// Forgets a resource that is gone.
            fn forget(&mut self, kind: Kind, ordinal: u64) {
                match kind {
                    Kind::Node => self.apply_node(ordinal, None),
                    $(Kind::$kind => self.apply(Change::$kind(ordinal, None)),)*
                    Kind::SecurityRule | Kind::Size | Kind::Location => {}
                }
            }

            /// The changes that lead from a fresh cloud to this one.
            pub(crate) fn changes(&self) -> Vec<Change> {
                let fresh = Self::new(self.seed, 0);
                let mut changes = vec![Change::Next(self.next)];
                for (ordinal, record) in &self.changed {
                    changes.push(Change::Node(*ordinal, record.clone()));
                }
                $(
                for ordinal in fresh.tables.$table.keys() {
                    if !self.tables.$table.contains_key(ordinal) {
                        changes.push(Change::$kind(*ordinal, None));
                    }
                }
                for (ordinal, record) in &self.tables.$table {
                    if fresh.tables.$table.get(ordinal) != Some(record) {
                        changes.push(Change::$kind(*ordinal, Some(record.clone())));
                    }
                }
                )*
                changes
            }
        }
    };
}

tables! {
    images: ImageRecord = Image;
    key_pairs: KeyPairRecord = KeyPair;
    volumes: VolumeRecord = Volume;
    volume_snapshots: VolumeSnapshotRecord = VolumeSnapshot;
    node_snapshots: NodeSnapshotRecord = NodeSnapshot;
    networks: NetworkRecord = Network;
    subnets: SubnetRecord = Subnet;
    routers: RouterRecord = Router;
    security_groups: SecurityGroupRecord = SecurityGroup;
    addresses: AddressRecord = Address;
}

impl From<(u64, NodeRecord)> for Change {
    fn from((ordinal, record): (u64, NodeRecord)) -> Self {
        Self::Node(ordinal, Some(Box::new(record)))
    }
}

impl Change {
    /// Whether what it refers to by index exists. What this process writes does; what it reads may
    /// come from a newer one.
    pub(crate) fn is_sound(&self) -> bool {
        match self {
            Self::Node(_, Some(node)) => {
                let sizes = [Some(node.size), node.resized.map(|resized| resized.from)];
                sizes.into_iter().flatten().all(|size| size < SIZES.len())
                    && node.location < LOCATIONS.len()
            }
            Self::Volume(_, Some(volume)) => volume.location < LOCATIONS.len(),
            _ => true,
        }
    }
}

/// What follows from the records and is kept to be found quickly.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) usage: Usage,
    marks: MarkIndex,
    ips: BTreeSet<(u64, IpAddr)>,
    leaving: BTreeSet<(Timestamp, Kind, u64)>,
}

impl Index {
    fn add(&mut self, kind: Kind, ordinal: u64, record: &impl Record) {
        self.usage.add(record.usage());
        if let Some(mark) = record.mark() {
            self.marks.insert((kind, mark.clone(), ordinal));
        }
        if let Some(at) = record.gone_at() {
            self.leaving.insert((at, kind, ordinal));
        }
        self.ips.extend(record.ips());
    }

    fn remove(&mut self, kind: Kind, ordinal: u64, record: &impl Record) {
        self.usage.subtract(record.usage());
        if let Some(mark) = record.mark() {
            self.marks.remove(&(kind, mark.clone(), ordinal));
        }
        if let Some(at) = record.gone_at() {
            self.leaving.remove(&(at, kind, ordinal));
        }
        for ip in record.ips() {
            self.ips.remove(&ip);
        }
    }
}

/// A node, kept or to be made from its number.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Slot<'a> {
    Generated(Generated),
    Kept(u64, &'a NodeRecord),
}

impl Slot<'_> {
    pub(crate) fn ordinal(&self) -> u64 {
        match self {
            Self::Generated(node) => node.ordinal,
            Self::Kept(ordinal, _) => *ordinal,
        }
    }
}

/// The whole cloud.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) ids: Ids,
    pub(crate) seed: u64,
    /// How many nodes there were at the start.
    pub(crate) generated: u64,
    /// The nodes that differ from the start; nothing for those that are gone.
    changed: BTreeMap<u64, Option<Box<NodeRecord>>>,
    pub(crate) tables: Tables,
    pub(crate) index: Index,
    pub(crate) next: u64,
    /// Id and name of the images that the cloud starts with.
    pub(crate) stock: Vec<(Text, Text)>,
}

impl World {
    pub(crate) fn new(seed: u64, generated: u64) -> Self {
        let ids = Ids::new(seed);
        let stock: Vec<_> = images::stock()
            .map(|(ordinal, image)| (ids.id(Kind::Image, ordinal), image.name))
            .collect();
        let mut world = Self {
            ids,
            seed,
            generated,
            changed: BTreeMap::new(),
            tables: Tables::default(),
            index: Index::default(),
            next: FIRST_MADE,
            stock,
        };
        for (ordinal, image) in images::stock() {
            world.apply(Change::Image(ordinal, Some(image)));
        }
        for change in networks::stock() {
            world.apply(change);
        }
        for ordinal in 1..=generated {
            world.index.usage.add(world.draw(ordinal).usage());
        }
        world
    }

    pub(crate) fn draw(&self, ordinal: u64) -> Generated {
        Generated::new(&self.ids, ordinal, self.stock.len())
    }

    fn is_generated(&self, ordinal: u64) -> bool {
        (1..=self.generated).contains(&ordinal)
    }

    /// The node with this ordinal.
    pub(crate) fn node(&self, ordinal: u64) -> Option<Slot<'_>> {
        match self.changed.get(&ordinal) {
            Some(Some(record)) => Some(Slot::Kept(ordinal, record)),
            Some(None) => None,
            None => self
                .is_generated(ordinal)
                .then(|| Slot::Generated(self.draw(ordinal))),
        }
    }

    /// The nodes behind `after`, in the order of their ordinals.
    pub(crate) fn nodes_after(&self, after: u64) -> impl Iterator<Item = Slot<'_>> {
        let start = after.saturating_add(1);
        let mut made = self
            .changed
            .range(start.max(self.generated + 1)..)
            .filter_map(|(ordinal, record)| Some(Slot::Kept(*ordinal, record.as_deref()?)));
        let mut changed = self.changed.range(start..).peekable();
        let mut numbers = start.max(1)..=self.generated;
        std::iter::from_fn(move || {
            for ordinal in numbers.by_ref() {
                let kept = changed.next_if(|(changed, _)| **changed == ordinal);
                match kept {
                    None => return Some(Slot::Generated(self.draw(ordinal))),
                    Some((_, Some(record))) => return Some(Slot::Kept(ordinal, record)),
                    Some((_, None)) => {}
                }
            }
            made.next()
        })
    }

    /// The nodes behind `after` that are not as they were at the start.
    pub(crate) fn changed_after(&self, after: u64) -> impl Iterator<Item = Slot<'_>> {
        self.changed
            .range(after.saturating_add(1)..)
            .filter_map(|(ordinal, record)| Some(Slot::Kept(*ordinal, record.as_deref()?)))
    }

    /// The nodes behind `after` that may have this name: those that were changed, and the one whose
    /// number the name ends in.
    pub(crate) fn could_be_named(&self, name: &str, after: u64) -> impl Iterator<Item = Slot<'_>> {
        let number = Generated::numbered(name).unwrap_or_default();
        let unchanged = |slot: &Slot<'_>| matches!(slot, Slot::Generated(_));
        let at = (number > after).then(|| self.node(number).filter(unchanged));
        self.changed_after(after)
            .take_while(move |slot| slot.ordinal() < number)
            .chain(at.flatten())
            .chain(self.changed_after(after.max(number.saturating_sub(1))))
    }

    /// The ordinals behind `after` of what carries `mark`.
    pub(crate) fn marked(
        &self,
        kind: Kind,
        mark: &Mark,
        after: u64,
    ) -> impl Iterator<Item = u64> + '_ {
        self.index
            .marks
            .range((kind, mark.clone(), after.saturating_add(1))..=(kind, mark.clone(), u64::MAX))
            .map(|(_, _, ordinal)| *ordinal)
    }

    /// Whether somebody on the network has the address.
    pub(crate) fn is_taken(&self, network: u64, ip: IpAddr) -> bool {
        if self.index.ips.contains(&(network, ip)) {
            return true;
        }
        let (PRIVATE, IpAddr::V4(ip)) = (network, ip) else {
            return false;
        };
        let ordinal = u64::from(u32::from(ip) & 0x000F_FFFF).checked_sub(FIRST_OFFSET);
        ordinal.is_some_and(|ordinal| {
            self.is_generated(ordinal) && !self.changed.contains_key(&ordinal)
        })
    }

    /// The addresses that are taken on a network.
    pub(crate) fn ips_on(&self, network: u64) -> impl Iterator<Item = IpAddr> + '_ {
        let from = (network, IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let to = (network + 1, IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        self.index.ips.range(from..to).map(|(_, ip)| *ip)
    }

    fn apply_node(&mut self, ordinal: u64, record: Option<Box<NodeRecord>>) {
        self.next = self.next.max(ordinal + 1);
        match self.changed.remove(&ordinal) {
            Some(Some(old)) => self.index.remove(Kind::Node, ordinal, old.as_ref()),
            Some(None) => {}
            None if self.is_generated(ordinal) => {
                self.index.usage.subtract(self.draw(ordinal).usage());
            }
            None => {}
        }
        if let Some(record) = &record {
            self.index.add(Kind::Node, ordinal, record.as_ref());
        }
        if record.is_some() || self.is_generated(ordinal) {
            self.changed.insert(ordinal, record);
        }
    }

    /// Forgets what has gone by `now`, so that it does not pile up.
    pub(crate) fn sweep(&mut self, now: Timestamp) {
        while let Some(&(at, kind, ordinal)) = self.index.leaving.first() {
            if at > now {
                break;
            }
            self.forget(kind, ordinal);
        }
    }
}
