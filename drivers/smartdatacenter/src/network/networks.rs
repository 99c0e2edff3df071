//! Networks: the VLANs of the fabric, and what the operator has.

use cloudfarm_contract::extensions::Networks;
use cloudfarm_contract::model::{Extra, Mark, Network, NetworkCreate, Subnet, SubnetCreate};
use cloudfarm_contract::{
    Context, Effect, Error, ErrorKind, ListQuery, Page, Result, SideEffect, Text, async_trait,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Net, VLAN, WireNetwork, vlan_of};
use crate::call::Call;
use crate::errors::{gone_is_fine, not_found_if_malformed};
use crate::list;

/// Numbers of VLANs that can be given; 0, 1 and 4095 mean something else.
const VLANS: std::ops::Range<u16> = 2..4095;

#[derive(Debug, Deserialize)]
pub(super) struct Vlan {
    vlan_id: u16,
    #[serde(default)]
    name: Text,
    #[serde(default)]
    description: Option<String>,
}

impl Vlan {
    fn into_network(self, cloud: &Text, networks: &[WireNetwork]) -> Network {
        let (description, mark) = Mark::read_description(self.description);
        let mut extra = Extra::new();
        extra.insert("vlan_id".into(), Value::from(self.vlan_id));
        if let Some(description) = description {
            extra.insert("description".into(), Value::from(description));
        }
        let subnets = networks.iter().filter(|it| it.is_on(self.vlan_id));
        Network {
            cloud: cloud.clone(),
            id: Text::from(format!("{VLAN}{}", self.vlan_id)),
            name: self.name,
            external: false,
            shared: false,
            subnets: subnets.map(|it| it.id.clone()).collect(),
            mark,
            extra,
        }
    }
}

impl WireNetwork {
    /// A network of the operator's. What is public leads out.
    pub(crate) fn into_network(self, cloud: &Text) -> Network {
        let mut extra = self.rest;
        extra.retain(|_, value| !value.is_null());
        for (key, text) in [
            ("description", self.description.as_deref()),
            ("subnet", self.subnet.as_deref()),
            ("gateway", self.gateway.as_deref()),
        ] {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                extra.insert(key.into(), Value::from(text));
            }
        }
        Network {
            cloud: cloud.clone(),
            id: self.id,
            name: self.name,
            external: self.public,
            shared: true,
            subnets: Vec::new(),
            mark: None,
            extra,
        }
    }
}

impl Net {
    /// The VLANs; none where the data centre has no fabrics.
    async fn vlans(&self, cx: &Context) -> Result<Vec<Vlan>> {
        let call = Call::get(&["fabrics", "default", "vlans"]);
        match self.session.ask(cx, &call).await {
            Ok(response) => response.json(),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Unsupported) => {
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    /// A number that no VLAN of the account has.
    async fn free_vlan(&self, cx: &Context) -> Result<u16> {
        let taken: Vec<u16> = self
            .vlans(cx)
            .await?
            .iter()
            .map(|vlan| vlan.vlan_id)
            .collect();
        VLANS
            .rev()
            .find(|number| !taken.contains(number))
            .ok_or_else(|| Error::quota_exceeded("every number of a vlan is taken"))
    }
}

#[async_trait]
impl Networks for Net {
    async fn list_networks(&self, cx: &Context, query: &ListQuery) -> Result<Page<Network>> {
        let wire = self.wire_networks(cx).await?;
        let vlans = self.vlans(cx).await?;
        let cloud = self.session.cloud();
        let mut networks: Vec<Network> = vlans
            .into_iter()
            .map(|vlan| vlan.into_network(cloud, &wire))
            .collect();
        let others = wire.into_iter().filter(|it| !it.fabric);
        networks.extend(others.map(|it| it.into_network(cloud)));
        networks.retain(|network| query.matches(&network.name));
        list::cut(networks, |network| &network.id, &query.page)
    }

    async fn get_network(&self, cx: &Context, id: &str) -> Result<Network> {
        let Some(vlan) = vlan_of(id) else {
            let network = self.wire_network(cx, id).await?;
            if network.fabric {
                return Err(Error::not_found(format!("{id} is a subnet, not a network")));
            }
            return Ok(network.into_network(self.session.cloud()));
        };
        let call = Call::get(&["fabrics", "default", "vlans", &vlan.to_string()]);
        let response = self.session.ask(cx, &call).await;
        let vlan: Vlan = response.map_err(not_found_if_malformed)?.json()?;
        let wire = self.wire_networks(cx).await?;
        Ok(vlan.into_network(self.session.cloud(), &wire))
    }

    async fn create_network(&self, cx: &Context, request: &NetworkCreate) -> Result<Network> {
        if request.cidr.is_some() {
            return Err(
                Error::invalid("a network has no range of its own: its subnets have")
                    .with_field("cidr"),
            );
        }
        let mut body = json!({
            "name": request.name.as_str(),
            "vlan_id": self.free_vlan(cx).await?,
        });
        if let Some(description) = Mark::describe(None, request.mark.as_ref()) {
            body["description"] = Value::from(description);
        }
        let call = Call::post(&["fabrics", "default", "vlans"], Effect::Once).body(body);
        let made: Vlan = self.session.ask(cx, &call).await?.json()?;
        self.catalogue.forget().await;
        Ok(made.into_network(self.session.cloud(), &[]))
    }

    async fn delete_network(&self, cx: &Context, id: &str) -> Result<()> {
        let Some(vlan) = vlan_of(id) else {
            return match self.wire_network(cx, id).await {
                Ok(_) => Err(Error::forbidden("the network is the operator's")),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                Err(error) => Err(error),
            };
        };
        let networks = self.wire_networks(cx).await?;
        let mut effect = SideEffect::None;
        for network in networks.iter().filter(|it| it.is_on(vlan)) {
            self.remove_subnet(cx, vlan, &network.id)
                .await
                .map_err(|error| {
                    let known = error.side_effect();
                    error.with_side_effect(effect.max(known))
                })?;
            effect = SideEffect::Done;
        }
        let call = Call::delete(&["fabrics", "default", "vlans", &vlan.to_string()]);
        let deleted = gone_is_fine(self.session.ask(cx, &call).await);
        self.catalogue.forget().await;
        deleted.map_err(|error| {
            let known = error.side_effect();
            error.with_side_effect(effect.max(known))
        })
    }

    async fn list_subnets(&self, cx: &Context, query: &ListQuery) -> Result<Page<Subnet>> {
        self.subnets(cx, query).await
    }

    async fn get_subnet(&self, cx: &Context, id: &str) -> Result<Subnet> {
        self.subnet(cx, id).await
    }

    async fn create_subnet(&self, cx: &Context, request: &SubnetCreate) -> Result<Subnet> {
        self.make_subnet(cx, request).await
    }

    async fn delete_subnet(&self, cx: &Context, id: &str) -> Result<()> {
        match self.wire_network(cx, id).await {
            Ok(network) => match network.vlan_id.filter(|_| network.fabric) {
                Some(vlan) => self.remove_subnet(cx, vlan, id).await,
                None => Err(Error::forbidden("the network is the operator's")),
            },
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}
