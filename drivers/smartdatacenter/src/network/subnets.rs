//! Subnets: what CloudAPI calls the networks of a VLAN.

use std::net::{IpAddr, Ipv4Addr};

use cloudfarm_contract::model::{IpVersion, Mark, Subnet, SubnetCreate};
use cloudfarm_contract::{Context, Effect, Error, ErrorKind, ListQuery, Page, Result, Text};
use serde_json::{Value, json};

use super::{Net, VLAN, WireNetwork, vlan_of};
use crate::call::Call;
use crate::errors::gone_is_fine;
use crate::list;

impl WireNetwork {
    /// The subnet, if it is one: on a fabric, and with a range that can be read.
    pub(crate) fn into_subnet(self, cloud: &Text) -> Option<Subnet> {
        let vlan = self.vlan_id.filter(|_| self.fabric)?;
        let cidr = self.subnet?;
        let ip: IpAddr = cidr.split_once('/')?.0.parse().ok()?;
        let (description, mark) = Mark::read_description(self.description);
        let mut extra = self.rest;
        extra.retain(|_, value| !value.is_null());
        extra.insert("vlan_id".into(), Value::from(vlan));
        if let Some(description) = description {
            extra.insert("description".into(), Value::from(description));
        }
        Some(Subnet {
            cloud: cloud.clone(),
            id: self.id,
            name: self.name,
            network: Text::from(format!("{VLAN}{vlan}")),
            version: IpVersion::of(ip),
            cidr,
            gateway: self.gateway.and_then(|gateway| gateway.parse().ok()),
            dhcp: None,
            location: None,
            mark,
            extra,
        })
    }
}

impl Net {
    pub(super) async fn subnets(&self, cx: &Context, query: &ListQuery) -> Result<Page<Subnet>> {
        let wire = self.wire_networks(cx).await?;
        let found = wire
            .into_iter()
            .filter_map(|it| it.into_subnet(self.session.cloud()));
        let subnets: Vec<Subnet> = found.filter(|subnet| query.matches(&subnet.name)).collect();
        list::cut(subnets, |subnet| &subnet.id, &query.page)
    }

    pub(super) async fn subnet(&self, cx: &Context, id: &str) -> Result<Subnet> {
        let network = self.wire_network(cx, id).await?;
        network
            .into_subnet(self.session.cloud())
            .ok_or_else(|| Error::not_found(format!("{id} is no subnet of a fabric")))
    }

    pub(super) async fn make_subnet(&self, cx: &Context, request: &SubnetCreate) -> Result<Subnet> {
        let vlan = vlan_of(&request.network).ok_or_else(|| {
            Error::invalid("subnets are made on networks of a fabric alone").with_field("network")
        })?;
        let range = Range::of(&request.cidr, request.gateway)?;
        if request.dhcp == Some(false) {
            return Err(
                Error::invalid("machines on a fabric are always told their address")
                    .with_field("dhcp"),
            );
        }
        let mut body = json!({
            "name": request.name.as_str(),
            "subnet": request.cidr.as_str(),
            "provision_start_ip": range.first.to_string(),
            "provision_end_ip": range.last.to_string(),
            "gateway": range.gateway.to_string(),
        });
        if let Some(description) = Mark::describe(None, request.mark.as_ref()) {
            body["description"] = Value::from(description);
        }
        let call = Call::post(&vlan_networks(&vlan.to_string()), Effect::Once).body(body);
        let response = self.session.ask(cx, &call).await.map_err(|error| {
            if error.kind() == ErrorKind::Invalid {
                return error.with_field("cidr");
            }
            error
        })?;
        let mut made: WireNetwork = response.json()?;
        made.fabric = true;
        made.vlan_id = made.vlan_id.or(Some(vlan));
        self.catalogue.forget().await;
        made.into_subnet(self.session.cloud())
            .ok_or_else(|| response.unreadable("a network with its range"))
    }

    pub(super) async fn remove_subnet(&self, cx: &Context, vlan: u16, id: &str) -> Result<()> {
        let vlan = vlan.to_string();
        let mut path = vlan_networks(&vlan).to_vec();
        path.push(id);
        let deleted = gone_is_fine(self.session.ask(cx, &Call::delete(&path)).await);
        self.catalogue.forget().await;
        deleted
    }
}

fn vlan_networks(vlan: &str) -> [&str; 5] {
    ["fabrics", "default", "vlans", vlan, "networks"]
}

/// Which addresses of a range are whose.
#[derive(Debug, PartialEq, Eq)]
struct Range {
    gateway: Ipv4Addr,
    first: Ipv4Addr,
    last: Ipv4Addr,
}

impl Range {
    /// The gateway is the first address unless it is said; machines get what is left behind it.
    fn of(cidr: &str, gateway: Option<IpAddr>) -> Result<Self> {
        let wrong = |why: &str| Error::invalid(format!("cidr {why}")).with_field("cidr");
        let (ip, bits) = cidr
            .split_once('/')
            .and_then(|(ip, bits)| Some((ip.parse::<Ipv4Addr>().ok()?, bits.parse::<u8>().ok()?)))
            .ok_or_else(|| wrong("must be a range of ipv4 such as 10.1.2.0/24"))?;
        if !(8..=29).contains(&bits) {
            return Err(wrong("must be between /8 and /29"));
        }
        let size = 1_u32 << (32 - u32::from(bits));
        let network = u32::from(ip);
        if network & (size - 1) != 0 {
            return Err(wrong("must begin with the first address of its range"));
        }
        let (lowest, highest) = (network + 1, network + size - 2);
        let gateway = match gateway {
            None => lowest,
            Some(IpAddr::V4(given)) if (lowest..=highest).contains(&u32::from(given)) => {
                given.into()
            }
            Some(_) => {
                return Err(Error::invalid("gateway must be within cidr").with_field("gateway"));
            }
        };
        let first = if gateway == lowest {
            lowest + 1
        } else {
            lowest
        };
        let last = if gateway == highest {
            highest - 1
        } else {
            highest
        };
        Ok(Self {
            gateway: gateway.into(),
            first: first.into(),
            last: last.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Range;

    fn range(cidr: &str, gateway: Option<&str>) -> Option<[String; 3]> {
        let gateway = gateway.map(|gateway| gateway.parse().unwrap());
        let range = Range::of(cidr, gateway).ok()?;
        Some([range.gateway, range.first, range.last].map(|ip| ip.to_string()))
    }

    #[test]
    fn a_range_is_divided_between_gateway_and_machines() {
        let texts = |texts: [&str; 3]| Some(texts.map(str::to_owned));
        assert_eq!(
            range("10.1.2.0/24", None),
            texts(["10.1.2.1", "10.1.2.2", "10.1.2.254"])
        );
        assert_eq!(
            range("10.1.2.0/24", Some("10.1.2.254")),
            texts(["10.1.2.254", "10.1.2.1", "10.1.2.253"])
        );
        for (cidr, gateway) in [
            ("10.1.2.0", None),
            ("10.1.2.1/24", None),
            ("10.1.2.0/31", None),
            ("fd00::/64", None),
            ("10.1.2.0/24", Some("10.1.3.1")),
            ("10.1.2.0/24", Some("fd00::1")),
        ] {
            assert_eq!(range(cidr, gateway), None, "{cidr}");
        }
    }
}
