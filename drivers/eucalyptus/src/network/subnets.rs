//! Subnets, and which of them a node goes on.

use std::net::IpAddr;

use cloudfarm_contract::model::{
    Extra, IpVersion, Metadata, NetworkAttachment, NodeCreate, Subnet, SubnetCreate,
};
use cloudfarm_contract::{Context, Error, ErrorKind, ListQuery, Page, Result, Text};
use serde::Deserialize;

use crate::compute::instance::present;
use crate::compute::is_id;
use crate::driver::Ec2Driver;
use crate::errors::{again, is_code, unknown};
use crate::list::{self, Listing, PAGE_MAX};
use crate::marks::{self, Tag, tags};
use crate::query::Query;
use crate::xml::{Set, flag, number};

#[derive(Debug, Deserialize)]
pub(crate) struct Subnets {
    #[serde(rename = "subnetSet")]
    subnets: Set<Wire>,
    #[serde(rename = "nextToken", default)]
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Wire {
    #[serde(rename = "subnetId")]
    pub(crate) id: Text,
    #[serde(rename = "vpcId", default)]
    pub(crate) vpc: Text,
    #[serde(rename = "cidrBlock", default)]
    cidr: Text,
    #[serde(rename = "availabilityZone", default)]
    zone: Option<Text>,
    #[serde(rename = "defaultForAz", default, deserialize_with = "flag")]
    is_default: bool,
    #[serde(rename = "mapPublicIpOnLaunch", default, deserialize_with = "flag")]
    gives_public_ips: bool,
    #[serde(
        rename = "availableIpAddressCount",
        default,
        deserialize_with = "number"
    )]
    free: Option<u64>,
    #[serde(rename = "tagSet", default)]
    tags: Set<Tag>,
}

#[derive(Debug, Deserialize)]
struct Made {
    subnet: Wire,
}

impl Listing for Subnets {
    type Item = Wire;

    fn split(self) -> (Vec<Wire>, Option<String>) {
        (self.subnets.items, self.next)
    }

    fn id(item: &Wire) -> &str {
        &item.id
    }
}

impl Ec2Driver {
    /// Every subnet, or every one of a network.
    pub(super) async fn all_subnets(&self, cx: &Context, vpc: Option<&str>) -> Result<Vec<Wire>> {
        let mut call = Query::read("DescribeSubnets");
        if let Some(vpc) = vpc {
            call = call.filter("vpc-id", [vpc]);
        }
        let pages = self.pages(PAGE_MAX);
        list::all::<Subnets>(&self.session, cx, call, pages).await
    }

    pub(crate) fn read_subnet(&self, subnet: Wire) -> Subnet {
        let tagged = marks::read(subnet.tags);
        let mut extra: Extra = tagged.extra;
        extra.insert("default".into(), subnet.is_default.into());
        extra.insert("gives_public_ips".into(), subnet.gives_public_ips.into());
        if let Some(free) = subnet.free {
            extra.insert("free_ips".into(), free.into());
        }
        if !tagged.metadata.is_empty() {
            extra.insert("metadata".into(), super::as_json(&tagged.metadata));
        }
        Subnet {
            cloud: self.cloud(),
            name: tagged.name.unwrap_or_else(|| subnet.id.clone()),
            id: subnet.id,
            network: subnet.vpc,
            version: if subnet.cidr.contains(':') {
                IpVersion::V6
            } else {
                IpVersion::V4
            },
            cidr: subnet.cidr,
            gateway: None,
            dhcp: Some(true),
            location: present(subnet.zone),
            mark: tagged.mark,
            extra,
        }
    }

    pub(super) async fn subnets(&self, cx: &Context, query: &ListQuery) -> Result<Page<Subnet>> {
        let call = Query::read("DescribeSubnets");
        let pages = self.pages(PAGE_MAX);
        let page = list::page::<Subnets>(&self.session, cx, call, pages, &query.page).await?;
        let mut subnets = page.map(|subnet| self.read_subnet(subnet));
        subnets.items.retain(|subnet| query.matches(&subnet.name));
        Ok(subnets)
    }

    pub(super) async fn subnet(&self, cx: &Context, id: &str) -> Result<Subnet> {
        if !is_id(id, &["subnet-"]) {
            return Err(unknown("subnet", id));
        }
        let call = Query::read("DescribeSubnets").list("SubnetId", [id]);
        let found: Subnets = self.session.read(cx, call).await?;
        let subnet = found
            .subnets
            .items
            .into_iter()
            .find(|subnet| subnet.id == *id);
        Ok(self.read_subnet(subnet.ok_or_else(|| unknown("subnet", id))?))
    }

    pub(super) async fn make_subnet(&self, cx: &Context, request: &SubnetCreate) -> Result<Subnet> {
        if request.gateway.is_some() || request.dhcp == Some(false) {
            let field = if request.gateway.is_some() {
                "gateway"
            } else {
                "dhcp"
            };
            return Err(Error::invalid(format!("{field} cannot be chosen here"))
                .with_field(field)
                .with_hint("a subnet of a vpc has the first address as its gateway, and dhcp"));
        }
        let wanted = tags(&request.name, request.mark.as_ref(), &Metadata::new());
        let call = Query::once("CreateSubnet")
            .set("VpcId", request.network.as_str())
            .set("CidrBlock", request.cidr.as_str())
            .set_if(
                "AvailabilityZone",
                request.location.as_ref().map(Text::as_str),
            )
            .tag_what_is_made("subnet", &wanted);
        let made: Made = self.session.read(cx, call).await.map_err(|error| {
            if is_code(&error, &["InvalidSubnet.Range"]) || error.kind() == ErrorKind::Invalid {
                return again(&error, ErrorKind::Invalid).with_field("cidr");
            }
            error
        })?;
        let mut subnet = self.read_subnet(made.subnet);
        let is_tagged = subnet.name == request.name;
        self.tag_if_bare(cx, &subnet.id, is_tagged, &wanted).await;
        subnet.name = request.name.clone();
        subnet.mark = request.mark.clone();
        Ok(subnet)
    }

    /// The subnets of a node that is to be made, with the addresses wished there.
    pub(crate) async fn subnets_for(
        &self,
        cx: &Context,
        request: &NodeCreate,
    ) -> Result<Vec<(Text, Option<IpAddr>)>> {
        let mut subnets = Vec::with_capacity(request.networks.len());
        for (index, attachment) in request.networks.iter().enumerate() {
            let field = format!("networks.{index}");
            let subnet = match &attachment.subnet {
                Some(subnet) => subnet.clone(),
                None => {
                    let zone = request.location.as_deref();
                    self.subnet_of(cx, attachment, zone, &field).await?
                }
            };
            subnets.push((subnet, attachment.ip));
        }
        Ok(subnets)
    }

    async fn subnet_of(
        &self,
        cx: &Context,
        attachment: &NetworkAttachment,
        zone: Option<&str>,
        field: &str,
    ) -> Result<Text> {
        let network = &attachment.network;
        if is_id(network, &["subnet-"]) {
            return Ok(network.clone());
        }
        let mut subnets = if is_id(network, &["vpc-"]) {
            self.all_subnets(cx, Some(network)).await?
        } else {
            Vec::new()
        };
        let there = subnets.len();
        subnets.retain(|subnet| zone.is_none() || subnet.zone.as_deref() == zone);
        subnets.retain(|subnet| attachment.ip.is_none_or(|ip| holds(&subnet.cidr, ip)));
        // The same one each time: a creation that is repeated must ask for the same.
        let first = subnets.into_iter().min_by(|one, other| {
            let rank = |subnet: &Wire| (!subnet.is_default, subnet.id.clone());
            rank(one).cmp(&rank(other))
        });
        first.map(|subnet| subnet.id).ok_or_else(|| {
            let why = if there == 0 {
                "no subnet"
            } else {
                "no subnet that fits"
            };
            Error::invalid(format!("network {network} has {why}"))
                .with_field(field)
                .with_hint("name a subnet, or make one in the node's location")
        })
    }
}

/// Whether the range holds the address.
fn holds(cidr: &str, ip: IpAddr) -> bool {
    let Some((base, bits)) = cidr.split_once('/') else {
        return false;
    };
    let (Ok(base), Ok(bits)) = (base.parse::<IpAddr>(), bits.parse::<u32>()) else {
        return false;
    };
    match (base, ip) {
        (IpAddr::V4(base), IpAddr::V4(ip)) if bits <= 32 => {
            let differing = u32::from(base) ^ u32::from(ip);
            differing.leading_zeros() >= bits
        }
        (IpAddr::V6(base), IpAddr::V6(ip)) if bits <= 128 => {
            let differing = u128::from(base) ^ u128::from(ip);
            differing.leading_zeros() >= bits
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn a_range_holds_its_addresses() {
        assert!(holds("10.1.0.0/16", "10.1.255.1".parse().unwrap()));
        assert!(!holds("10.1.0.0/16", "10.2.0.1".parse().unwrap()));
        assert!(holds("0.0.0.0/0", "10.2.0.1".parse().unwrap()));
        assert!(!holds("10.1.0.0/16", "fd00::1".parse().unwrap()));
        assert!(holds("fd00::/8", "fd00::1".parse().unwrap()));
        assert!(!holds("banana", "10.1.0.1".parse().unwrap()));
    }
}
