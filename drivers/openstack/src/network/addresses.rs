//! Floating addresses.

use std::net::IpAddr;

use cloudfarm_contract::extensions::Addresses;
use cloudfarm_contract::model::{
    Address, AddressAllocate, AddressAssociate, Extra, IpVersion, Mark,
};
use cloudfarm_contract::{
    Context, Effect, Error, ErrorKind, ListQuery, Page, Result, Text, async_trait, exact_name,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Net, PORTS, extra};
use crate::call::Call;
use crate::catalog::ServiceKind::Network as NETWORK;
use crate::errors::{about_field, gone_is_fine, not_found_if_malformed};
use crate::list::{self, Collection, Listed};

pub(crate) const FLOATING: Collection = Collection {
    service: NETWORK,
    key: "floatingips",
};

#[derive(Debug, Deserialize)]
pub(crate) struct FloatingReply {
    pub(crate) floatingip: FloatingIp,
}

#[derive(Debug, Deserialize)]
pub(crate) struct FloatingIp {
    id: Text,
    floating_ip_address: IpAddr,
    floating_network_id: Option<Text>,
    port_id: Option<Text>,
    fixed_ip_address: Option<IpAddr>,
    #[serde(default)]
    port_details: Option<PortDetails>,
    #[serde(default)]
    description: Option<String>,
    #[serde(flatten)]
    rest: Extra,
}

#[derive(Debug, Deserialize)]
struct PortDetails {
    device_id: Option<Text>,
    device_owner: Option<Text>,
}

#[derive(Debug, Deserialize)]
struct PortReply {
    port: Port,
}

#[derive(Debug, Deserialize)]
struct Port {
    id: Text,
    #[serde(default)]
    fixed_ips: Vec<FixedIp>,
    #[serde(flatten)]
    details: PortDetails,
}

#[derive(Debug, Deserialize)]
struct FixedIp {
    ip_address: IpAddr,
}

impl Listed for FloatingIp {
    fn marker(&self) -> &str {
        &self.id
    }
}

impl Listed for Port {
    fn marker(&self) -> &str {
        &self.id
    }
}

impl PortDetails {
    /// The node that the port belongs to; a port may belong to a router or a balancer too.
    fn node(self) -> Option<Text> {
        let of_node = self.device_owner?.starts_with("compute:");
        self.device_id.filter(|id| of_node && !id.is_empty())
    }
}

impl FloatingIp {
    pub(crate) fn into_address(mut self, cloud: &Text) -> Address {
        let (description, mark) = Mark::read_description(self.description);
        let node = self.port_details.and_then(PortDetails::node);
        if let Some(port) = &self.port_id {
            self.rest
                .insert("port_id".into(), Value::from(port.as_str()));
        }
        Address {
            cloud: cloud.clone(),
            id: self.id,
            ip: self.floating_ip_address,
            version: IpVersion::of(self.floating_ip_address),
            network: self.floating_network_id,
            fixed_ip: self.fixed_ip_address.filter(|_| node.is_some()),
            node,
            mark,
            extra: extra(self.rest, description),
        }
    }
}

impl Net {
    async fn floating(&self, cx: &Context, id: &str) -> Result<FloatingIp> {
        let call = Call::get(&["floatingips", id]);
        let asked = self.session.ask(cx, NETWORK, &call).await;
        let reply: FloatingReply = asked.map_err(not_found_if_malformed)?.json()?;
        Ok(reply.floatingip)
    }

    /// An address of the contract. A Neutron without details of ports has to be asked for them.
    async fn address(&self, cx: &Context, mut floating: FloatingIp) -> Result<Address> {
        if let (Some(port), None) = (&floating.port_id, &floating.port_details) {
            let call = Call::get(&["ports", port]);
            match self.session.ask(cx, NETWORK, &call).await {
                Ok(response) => {
                    floating.port_details = Some(response.json::<PortReply>()?.port.details);
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(floating.into_address(self.session.cloud()))
    }

    /// The network to allocate from, where none is named.
    async fn only_external_network(&self, cx: &Context) -> Result<Text> {
        let mut networks = self.external_networks(cx).await?;
        if networks.len() == 1 {
            return Ok(networks.remove(0).id);
        }
        let error = Error::invalid(if networks.is_empty() {
            "the cloud has no network that leads out, so there are no addresses to allocate"
        } else {
            "the cloud has several networks that lead out, and none is given"
        })
        .with_field("network");
        if networks.is_empty() {
            return Err(error);
        }
        let named = networks.iter().map(|n| format!("{} ({})", n.name, n.id));
        let named: Vec<_> = named.collect();
        Err(error.with_hint(format!("the networks are: {}", named.join(", "))))
    }

    /// Where on a node an address can lead: its ports' fixed addresses of the right version.
    async fn places(
        &self,
        cx: &Context,
        floating: &FloatingIp,
        to: &AddressAssociate,
    ) -> Result<Vec<(Text, IpAddr)>> {
        let call = Call::get(&["ports"]).query("device_id", to.node.as_str());
        let ports = list::all::<Port>(&self.session, cx, PORTS, &call).await?;
        let fits = |ip: &IpAddr| match to.fixed_ip {
            Some(wanted) => *ip == wanted,
            None => ip.is_ipv4() == floating.floating_ip_address.is_ipv4(),
        };
        let places = ports.iter().flat_map(|port| {
            let ips = port.fixed_ips.iter().map(|fixed| fixed.ip_address);
            ips.filter(fits).map(|ip| (port.id.clone(), ip))
        });
        Ok(places.collect())
    }

    async fn lead(&self, cx: &Context, id: &str, to: Value) -> Result<()> {
        let call = Call::put(&["floatingips", id], json!({"floatingip": to}));
        self.session.ask(cx, NETWORK, &call).await.map(drop)
    }
}

#[async_trait]
impl Addresses for Net {
    async fn list_addresses(&self, cx: &Context, query: &ListQuery) -> Result<Page<Address>> {
        let ip = exact_name(query.name.as_ref()).filter(|ip| ip.parse::<IpAddr>().is_ok());
        let call = Call::get(&["floatingips"]).query_if("floating_ip_address", ip);
        let call = self.own(cx, call).await?;
        let page =
            list::page::<FloatingIp>(&self.session, cx, FLOATING, &call, &query.page).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for floating in page.items {
            if query.matches(&floating.floating_ip_address.to_string()) {
                items.push(self.address(cx, floating).await?);
            }
        }
        Ok(Page {
            items,
            next: page.next,
        })
    }

    async fn get_address(&self, cx: &Context, id: &str) -> Result<Address> {
        let floating = self.floating(cx, id).await?;
        self.address(cx, floating).await
    }

    async fn allocate_address(&self, cx: &Context, request: &AddressAllocate) -> Result<Address> {
        let network = match &request.network {
            Some(network) => network.clone(),
            None => self.only_external_network(cx).await?,
        };
        let mut floating = json!({"floating_network_id": network.as_str()});
        if let Some(description) = Mark::describe(None, request.mark.as_ref()) {
            floating["description"] = Value::from(description);
        }
        let body = json!({"floatingip": floating});
        let call = Call::post(&["floatingips"], Effect::Once, body);
        let made = self.session.ask(cx, NETWORK, &call).await;
        let reply: FloatingReply = made
            .map_err(|error| match error.kind() {
                ErrorKind::Invalid => about_field(&error, "network"),
                ErrorKind::NotFound => error.with_field("network"),
                _ => error,
            })?
            .json()?;
        Ok(reply.floatingip.into_address(self.session.cloud()))
    }

    async fn associate_address(&self, cx: &Context, id: &str, to: &AddressAssociate) -> Result<()> {
        let floating = self.floating(cx, id).await?;
        let places = self.places(cx, &floating, to).await?;
        let mut refused = None;
        for (port, ip) in places {
            let place = json!({"port_id": port.as_str(), "fixed_ip_address": ip.to_string()});
            match self.lead(cx, id, place).await {
                Ok(()) => return Ok(()),
                // No router leads from the address's network to this port; another may have one.
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::NotFound | ErrorKind::Invalid | ErrorKind::Conflict
                    ) =>
                {
                    refused.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        if let Some(refused) = refused {
            return Err(crate::errors::as_conflict(&refused));
        }
        self.compute.get_node(cx, &to.node).await?;
        let what = to.fixed_ip.map_or_else(
            || {
                format!(
                    "no fixed address that {} could lead to",
                    floating.floating_ip_address
                )
            },
            |ip| format!("no fixed address {ip}"),
        );
        Err(Error::conflict(format!("node {} has {what}", to.node)))
    }

    async fn disassociate_address(&self, cx: &Context, id: &str) -> Result<()> {
        self.lead(cx, id, json!({"port_id": null})).await
    }

    async fn release_address(&self, cx: &Context, id: &str) -> Result<()> {
        let call = Call::delete(&["floatingips", id]);
        gone_is_fine(self.session.ask(cx, NETWORK, &call).await)
    }
}
