//! How much of everything is taken, counted as records come and go.

use cloudfarm_contract::model::Quota;
use cloudfarm_contract::{Error, Result, Text};

use crate::params::{Capacity, QuotaLimits};

macro_rules! usage {
    ($($name:ident),*) => {
        /// What records take of quotas and of the room there is. What is `hosted` sits on a host:
        /// a shelved node does not.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub(crate) struct Usage { $(pub(crate) $name: u64),* }

        impl Usage {
            pub(crate) fn add(&mut self, other: Self) {
                $(self.$name += other.$name;)*
            }

            pub(crate) fn subtract(&mut self, other: Self) {
                $(self.$name = self.$name.saturating_sub(other.$name);)*
            }
        }
    };
}

usage!(
    nodes,
    vcpus,
    ram_mb,
    hosted_nodes,
    hosted_vcpus,
    hosted_ram_mb,
    key_pairs,
    volumes,
    volume_gb,
    volume_snapshots,
    node_snapshots,
    images,
    networks,
    security_groups,
    addresses
);

impl Usage {
    /// Every quota with what is used of it.
    fn rows(&self, limits: &QuotaLimits) -> [(&'static str, u64, Option<u64>); 12] {
        [
            ("nodes", self.nodes, limits.nodes),
            ("vcpus", self.vcpus, limits.vcpus),
            ("ram_mb", self.ram_mb, limits.ram_mb),
            ("key_pairs", self.key_pairs, limits.key_pairs),
            ("volumes", self.volumes, limits.volumes),
            ("volume_gb", self.volume_gb, limits.volume_gb),
            (
                "volume_snapshots",
                self.volume_snapshots,
                limits.volume_snapshots,
            ),
            ("node_snapshots", self.node_snapshots, limits.node_snapshots),
            ("images", self.images, limits.images),
            ("networks", self.networks, limits.networks),
            (
                "security_groups",
                self.security_groups,
                limits.security_groups,
            ),
            ("addresses", self.addresses, limits.addresses),
        ]
    }

    /// The quotas as the contract has them.
    pub(crate) fn quotas(&self, limits: &QuotaLimits, cloud: &Text) -> Vec<Quota> {
        self.rows(limits)
            .into_iter()
            .map(|(name, used, limit)| Quota {
                cloud: cloud.clone(),
                name: Text::from_static(name),
                used: Some(used),
                limit,
            })
            .collect()
    }

    /// Refuses `wanted` on top of what is used if a quota does not leave room for it.
    pub(crate) fn check_quota(&self, limits: &QuotaLimits, wanted: &Self) -> Result<()> {
        let rows = self.rows(limits).into_iter().zip(wanted.rows(limits));
        for ((name, used, limit), (_, wanted, _)) in rows {
            if let Some(limit) = limit
                && wanted > 0
                && used.saturating_add(wanted) > limit
            {
                return Err(Error::quota_exceeded(format!(
                    "quota {name} leaves no room: {used} of {limit} used, {wanted} wanted"
                ))
                .with_provider(
                    Some(403),
                    Some(Text::from_static("quota_exceeded")),
                    None,
                ));
            }
        }
        Ok(())
    }

    /// Refuses `wanted` on top of what is used if there is no room for it.
    pub(crate) fn check_capacity(&self, capacity: &Capacity, wanted: &Self) -> Result<()> {
        let rows = [
            (
                "nodes",
                self.hosted_nodes,
                wanted.hosted_nodes,
                capacity.nodes,
            ),
            (
                "vcpus",
                self.hosted_vcpus,
                wanted.hosted_vcpus,
                capacity.vcpus,
            ),
            (
                "ram_mb",
                self.hosted_ram_mb,
                wanted.hosted_ram_mb,
                capacity.ram_mb,
            ),
            (
                "volume_gb",
                self.volume_gb,
                wanted.volume_gb,
                capacity.volume_gb,
            ),
        ];
        for (name, used, wanted, limit) in rows {
            if let Some(limit) = limit
                && wanted > 0
                && used.saturating_add(wanted) > limit
            {
                return Err(Error::no_capacity(format!(
                    "the cloud has no room: {used} of {limit} {name} taken, {wanted} wanted"
                ))
                .with_provider(
                    Some(507),
                    Some(Text::from_static("no_capacity")),
                    None,
                ));
            }
        }
        Ok(())
    }
}
