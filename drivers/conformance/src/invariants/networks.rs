//! Of networks and what is on them.

use std::collections::BTreeSet;

use cloudfarm_contract::model::{
    Address, IpVersion, Network, Router, SecurityGroup, SecurityRule, Subnet,
};

use super::{Answer, Rules, identity};

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
