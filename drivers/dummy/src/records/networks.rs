//! Networks and what is on them.

use std::net::IpAddr;

use cloudfarm_contract::Text;
use cloudfarm_contract::model::{Mark, SecurityRuleCreate};
use serde::{Deserialize, Serialize};

use super::Record;
use crate::usage::Usage;

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
    marked!();

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
    marked!();

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
    marked!();

    fn usage(&self) -> Usage {
        Usage::default()
    }

    fn ips(&self) -> impl Iterator<Item = (u64, IpAddr)> {
        self.external.into_iter()
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
    marked!();

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
    marked!();

    fn usage(&self) -> Usage {
        Usage {
            security_groups: 1,
            ..Usage::default()
        }
    }
}
