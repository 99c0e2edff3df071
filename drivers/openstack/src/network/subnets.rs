use std::net::IpAddr;

use cloudfarm_contract::model::{Extra, IpVersion, Mark, Subnet, SubnetCreate};
use cloudfarm_contract::{
    Context, Effect, Error, ErrorKind, ListQuery, Page, Result, Text, exact_name,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Net, extra};
use crate::call::Call;
use crate::catalog::ServiceKind::Network as NETWORK;
use crate::errors::{about_field, as_conflict, not_found_if_malformed, says};
use crate::list::{self, Collection, Listed};

pub(crate) const SUBNETS: Collection = Collection {
    service: NETWORK,
    key: "subnets",
};

#[derive(Debug, Deserialize)]
pub(crate) struct SubnetReply {
    pub(crate) subnet: NeutronSubnet,
}

#[derive(Debug, Deserialize)]
pub(crate) struct NeutronSubnet {
    id: Text,
    #[serde(default)]
    name: Option<Text>,
    network_id: Text,
    cidr: Text,
    ip_version: IpVersion,
    gateway_ip: Option<IpAddr>,
    enable_dhcp: Option<bool>,
    #[serde(default)]
    description: Option<String>,
    #[serde(flatten)]
    rest: Extra,
}

impl Listed for NeutronSubnet {
    fn marker(&self) -> &str {
        &self.id
    }
}

impl NeutronSubnet {
    pub(crate) fn into_subnet(self, cloud: &Text) -> Subnet {
        let (description, mark) = Mark::read_description(self.description);
        Subnet {
            cloud: cloud.clone(),
            id: self.id,
            name: self.name.unwrap_or_default(),
            network: self.network_id,
            cidr: self.cidr,
            version: self.ip_version,
            gateway: self.gateway_ip,
            dhcp: self.enable_dhcp,
            location: None,
            mark,
            extra: extra(self.rest, description),
        }
    }
}

impl Net {
    pub(super) async fn subnets(&self, cx: &Context, query: &ListQuery) -> Result<Page<Subnet>> {
        let call = Call::get(&["subnets"]).query_if("name", exact_name(query.name.as_ref()));
        let page =
            list::page::<NeutronSubnet>(&self.session, cx, SUBNETS, &call, &query.page).await?;
        let mut subnets = page.map(|subnet| subnet.into_subnet(self.session.cloud()));
        subnets.items.retain(|subnet| query.matches(&subnet.name));
        Ok(subnets)
    }

    pub(super) async fn subnet(&self, cx: &Context, id: &str) -> Result<Subnet> {
        let call = Call::get(&["subnets", id]);
        let asked = self.session.ask(cx, NETWORK, &call).await;
        let reply: SubnetReply = asked.map_err(not_found_if_malformed)?.json()?;
        Ok(reply.subnet.into_subnet(self.session.cloud()))
    }

    pub(super) async fn make_subnet(&self, cx: &Context, request: &SubnetCreate) -> Result<Subnet> {
        let mut subnet = json!({
            "network_id": request.network.as_str(),
            "name": request.name.as_str(),
            "cidr": request.cidr.as_str(),
            "ip_version": u8::from(version_of(&request.cidr)?),
        });
        if let Some(gateway) = request.gateway {
            subnet["gateway_ip"] = Value::from(gateway.to_string());
        }
        if let Some(dhcp) = request.dhcp {
            subnet["enable_dhcp"] = Value::from(dhcp);
        }
        if let Some(description) = Mark::describe(None, request.mark.as_ref()) {
            subnet["description"] = Value::from(description);
        }
        let call = Call::post(&["subnets"], Effect::Once, json!({"subnet": subnet}));
        let made = self.session.ask(cx, NETWORK, &call).await;
        let reply: SubnetReply = made.map_err(refused)?.json()?;
        Ok(reply.subnet.into_subnet(self.session.cloud()))
    }
}

/// Neutron wants to be told what the range itself says.
fn version_of(cidr: &str) -> Result<IpVersion> {
    cidr.split_once('/')
        .and_then(|(ip, _)| ip.parse().ok())
        .map(IpVersion::of)
        .ok_or_else(|| {
            Error::invalid(format!(
                "{cidr:?} is not a range of addresses such as 10.1.2.0/24"
            ))
            .with_field("cidr")
        })
}

fn refused(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Invalid if says(&error, &["overlap"]) => as_conflict(&error),
        ErrorKind::Invalid if says(&error, &["gateway"]) => about_field(&error, "gateway"),
        ErrorKind::Invalid => about_field(&error, "cidr"),
        ErrorKind::NotFound => error.with_field("network"),
        _ => error,
    }
}
