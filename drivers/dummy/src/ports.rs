//! The addresses that nodes get on networks.

use std::net::IpAddr;

use cloudfarm_contract::{Error, Result};

use crate::cidr::Cidr;
use crate::generated::{FIRST_OFFSET, PRIVATE};
use crate::ids::Kind;
use crate::params::NODES_MAX;
use crate::records::Port;
use crate::view::View;

impl View<'_> {
    /// Adds an interface on `network`: on `subnet` or on all of them, with the wished address or
    /// with a free one.
    pub(crate) fn add_ports(
        &self,
        ports: &mut Vec<Port>,
        node: u64,
        network: u64,
        subnet: Option<u64>,
        wish: Option<IpAddr>,
    ) -> Result<()> {
        let before = ports.len();
        let subnets = self
            .world
            .tables
            .subnets
            .iter()
            .filter(|(ordinal, record)| {
                record.network == network && subnet.is_none_or(|wanted| wanted == **ordinal)
            });
        let mut versions = Vec::new();
        for (ordinal, record) in subnets {
            let range = Cidr::parse(&record.cidr, "cidr")?;
            let wanted = wish.is_none_or(|ip| range.contains(ip));
            // A node gets one address of each version, as clouds do.
            if !wanted || versions.contains(&range.is_v4()) {
                continue;
            }
            versions.push(range.is_v4());
            let taken = |ip: IpAddr| {
                self.world.is_taken(network, ip)
                    || record.gateway == Some(ip)
                    || ports
                        .iter()
                        .any(|port: &Port| port.network == network && port.ip == ip)
            };
            let ip = match wish {
                Some(ip) if taken(ip) => {
                    return Err(Error::conflict(format!("address {ip} is in use")));
                }
                Some(ip) => ip,
                None => self.free_ip(*ordinal, &range, node, taken)?,
            };
            ports.push(Port {
                network,
                subnet: *ordinal,
                ip,
            });
        }
        match wish {
            Some(ip) if ports.len() == before => Err(Error::invalid(format!(
                "address {ip} is on no subnet of the network"
            ))),
            None if ports.len() == before => {
                let id = self.id(Kind::Network, network);
                Err(Error::invalid(format!("network {id} has no subnet")))
            }
            _ => Ok(()),
        }
    }

    /// An address on the network that is not taken, out of the range of its first subnet.
    pub(crate) fn free_ip_on(&self, network: u64, owner: u64) -> Result<IpAddr> {
        let mut subnets = self.world.tables.subnets.iter();
        let Some((subnet, record)) = subnets.find(|(_, subnet)| subnet.network == network) else {
            return Err(Error::no_capacity("the network has no subnet"));
        };
        let range = Cidr::parse(&record.cidr, "cidr")?;
        self.free_ip(*subnet, &range, owner, |ip| {
            self.world.is_taken(network, ip)
        })
    }

    /// An address of the range that is not taken. Where it starts to look follows from the seed.
    pub(crate) fn free_ip(
        &self,
        subnet: u64,
        range: &Cidr,
        owner: u64,
        taken: impl Fn(IpAddr) -> bool,
    ) -> Result<IpAddr> {
        // The addresses of the nodes that the cloud starts with stay theirs.
        let first = if subnet == PRIVATE {
            u128::from(FIRST_OFFSET) + u128::from(NODES_MAX) + 1
        } else {
            2
        };
        // The last address of a range is its broadcast address.
        let count = range.last().saturating_sub(first).min(1 << 20);
        let start = u128::from(self.world.ids.draw(owner)).checked_rem(count);
        let start = start.unwrap_or_default();
        (0..count)
            .map(|step| range.nth(first + (start + step) % count))
            .find(|ip| !taken(*ip))
            .ok_or_else(|| Error::no_capacity("the subnet has no free address"))
    }
}
