//! Neutron: networks, subnets, routers, security groups, floating addresses.

pub(crate) mod addresses;
pub(crate) mod groups;
pub(crate) mod routers;
pub(crate) mod subnets;

use std::sync::Arc;

use cloudfarm_contract::extensions::Networks;
use cloudfarm_contract::model::{Extra, Mark, Network, NetworkCreate, Subnet, SubnetCreate};
use cloudfarm_contract::{Context, Effect, ListQuery, Page, Result, Text, async_trait, exact_name};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::Call;
use crate::catalog::ServiceKind::Network as NETWORK;
use crate::compute::Compute;
use crate::errors::{gone_is_fine, not_found_if_malformed};
use crate::list::{self, Collection, Listed};
use crate::session::Session;

pub(crate) const PORTS: Collection = Collection {
    service: NETWORK,
    key: "ports",
};

pub(crate) const NETWORKS: Collection = Collection {
    service: NETWORK,
    key: "networks",
};

/// The network service of one cloud.
#[derive(Debug, Clone)]
pub struct Net {
    session: Arc<Session>,
    compute: Compute,
}

impl Net {
    /// The network service that `session` leads to; `compute` knows the nodes on it.
    pub fn new(session: Arc<Session>, compute: Compute) -> Self {
        Self { session, compute }
    }

    /// An administrator sees what belongs to others too; only what is the project's own is wanted.
    async fn own(&self, cx: &Context, call: Call) -> Result<Call> {
        let project = self.session.scoped_project(cx).await?;
        Ok(call.query_if("project_id", project))
    }

    /// The networks that lead out.
    async fn external_networks(&self, cx: &Context) -> Result<Vec<Network>> {
        let call = Call::get(&["networks"]).query("router:external", "true");
        let found = list::all::<NeutronNetwork>(&self.session, cx, NETWORKS, &call).await?;
        let cloud = self.session.cloud();
        Ok(found
            .into_iter()
            .map(|network| network.into_network(cloud))
            .collect())
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct NetworkReply {
    pub(crate) network: NeutronNetwork,
}

#[derive(Debug, Deserialize)]
pub(crate) struct NeutronNetwork {
    id: Text,
    #[serde(default)]
    name: Option<Text>,
    #[serde(default, rename = "router:external")]
    external: bool,
    #[serde(default)]
    shared: bool,
    #[serde(default)]
    subnets: Vec<Text>,
    #[serde(default)]
    description: Option<String>,
    #[serde(flatten)]
    rest: Extra,
}

impl Listed for NeutronNetwork {
    fn marker(&self) -> &str {
        &self.id
    }
}

impl NeutronNetwork {
    pub(crate) fn into_network(self, cloud: &Text) -> Network {
        let (description, mark) = Mark::read_description(self.description);
        Network {
            cloud: cloud.clone(),
            id: self.id,
            name: self.name.unwrap_or_default(),
            external: self.external,
            shared: self.shared,
            subnets: self.subnets,
            mark,
            extra: extra(self.rest, description),
        }
    }
}

/// What Neutron says beyond the model.
fn extra(mut rest: Extra, description: Option<String>) -> Extra {
    // The old name of `project_id`.
    rest.remove("tenant_id");
    rest.retain(|_, value| {
        !value.is_null()
            && value.as_str() != Some("")
            && value.as_array().is_none_or(|a| !a.is_empty())
    });
    if let Some(description) = description {
        rest.insert("description".into(), Value::from(description));
    }
    rest
}

#[async_trait]
impl Networks for Net {
    async fn list_networks(&self, cx: &Context, query: &ListQuery) -> Result<Page<Network>> {
        let call = Call::get(&["networks"]).query_if("name", exact_name(query.name.as_ref()));
        let page =
            list::page::<NeutronNetwork>(&self.session, cx, NETWORKS, &call, &query.page).await?;
        let mut networks = page.map(|network| network.into_network(self.session.cloud()));
        networks
            .items
            .retain(|network| query.matches(&network.name));
        Ok(networks)
    }

    async fn get_network(&self, cx: &Context, id: &str) -> Result<Network> {
        let call = Call::get(&["networks", id]);
        let asked = self.session.ask(cx, NETWORK, &call).await;
        let reply: NetworkReply = asked.map_err(not_found_if_malformed)?.json()?;
        Ok(reply.network.into_network(self.session.cloud()))
    }

    async fn create_network(&self, cx: &Context, request: &NetworkCreate) -> Result<Network> {
        let mut network = json!({"name": request.name.as_str()});
        if let Some(description) = Mark::describe(None, request.mark.as_ref()) {
            network["description"] = Value::from(description);
        }
        let call = Call::post(&["networks"], Effect::Once, json!({"network": network}));
        let reply: NetworkReply = self.session.ask(cx, NETWORK, &call).await?.json()?;
        Ok(reply.network.into_network(self.session.cloud()))
    }

    async fn delete_network(&self, cx: &Context, id: &str) -> Result<()> {
        let call = Call::delete(&["networks", id]);
        gone_is_fine(self.session.ask(cx, NETWORK, &call).await)
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
        let call = Call::delete(&["subnets", id]);
        gone_is_fine(self.session.ask(cx, NETWORK, &call).await)
    }
}
