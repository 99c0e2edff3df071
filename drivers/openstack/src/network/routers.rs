//! Routers.

use std::net::IpAddr;

use cloudfarm_contract::extensions::Routers;
use cloudfarm_contract::model::{Mark, Router, RouterCreate, RouterGateway, RouterUpdate};
use cloudfarm_contract::{
    Context, Effect, Error, ErrorKind, ListQuery, Page, Result, Text, async_trait, exact_name,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Net, PORTS, extra};
use crate::call::Call;
use crate::catalog::ServiceKind::Network as NETWORK;
use crate::errors::{about_field, as_conflict, gone_is_fine, not_found_if_malformed, says};
use crate::list::{self, Collection, Listed};

pub(crate) const ROUTERS: Collection = Collection {
    service: NETWORK,
    key: "routers",
};

/// What owns the port by which a router is on a subnet: one on a network node, one that is on every
/// host, and one that has a twin.
const INTERFACES: [&str; 3] = [
    "network:router_interface",
    "network:router_interface_distributed",
    "network:ha_router_replicated_interface",
];

#[derive(Debug, Deserialize)]
pub(crate) struct RouterReply {
    pub(crate) router: NeutronRouter,
}

#[derive(Debug, Deserialize)]
pub(crate) struct NeutronRouter {
    id: Text,
    #[serde(default)]
    name: Option<Text>,
    external_gateway_info: Option<Gateway>,
    #[serde(default)]
    description: Option<String>,
    #[serde(flatten)]
    rest: cloudfarm_contract::model::Extra,
}

#[derive(Debug, Deserialize)]
struct Gateway {
    network_id: Option<Text>,
    #[serde(default)]
    external_fixed_ips: Vec<FixedIp>,
}

#[derive(Debug, Deserialize)]
struct FixedIp {
    ip_address: Option<IpAddr>,
    subnet_id: Option<Text>,
}

/// A port by which a router is on subnets.
#[derive(Debug, Deserialize)]
struct Interface {
    id: Text,
    device_id: Text,
    #[serde(default)]
    fixed_ips: Vec<FixedIp>,
}

impl Listed for NeutronRouter {
    fn marker(&self) -> &str {
        &self.id
    }
}

impl Listed for Interface {
    fn marker(&self) -> &str {
        &self.id
    }
}

impl NeutronRouter {
    /// The router as far as it tells itself, without the subnets that are attached.
    pub(crate) fn into_router(self, cloud: &Text) -> Router {
        let (description, mark) = Mark::read_description(self.description);
        let (external_network, ips) = match self.external_gateway_info {
            Some(gateway) => (gateway.network_id, gateway.external_fixed_ips),
            None => (None, Vec::new()),
        };
        Router {
            cloud: cloud.clone(),
            id: self.id,
            name: self.name.unwrap_or_default(),
            external_ips: match external_network {
                Some(_) => ips.into_iter().filter_map(|ip| ip.ip_address).collect(),
                None => Vec::new(),
            },
            external_network,
            subnets: Vec::new(),
            mark,
            extra: extra(self.rest, description),
        }
    }
}

impl Net {
    /// The ports of routers that `call` asks for: a router does not tell its own.
    async fn interfaces(&self, cx: &Context, call: Call) -> Result<Vec<Interface>> {
        let call = INTERFACES
            .into_iter()
            .fold(call, |call, owner| call.query("device_owner", owner));
        list::all(&self.session, cx, PORTS, &call).await
    }

    async fn change_interface(
        &self,
        cx: &Context,
        id: &str,
        verb: &str,
        subnet: &str,
    ) -> Result<()> {
        let call = Call::put(&["routers", id, verb], json!({"subnet_id": subnet}));
        self.session.ask(cx, NETWORK, &call).await.map(drop)
    }
}

/// Adds the subnets that a router is on by these ports.
fn attach(router: &mut Router, interfaces: &[Interface]) {
    let own = interfaces.iter().filter(|port| port.device_id == router.id);
    for subnet in own.flat_map(|port| port.fixed_ips.iter().filter_map(|ip| ip.subnet_id.clone())) {
        if !router.subnets.contains(&subnet) {
            router.subnets.push(subnet);
        }
    }
}

fn gateway_to(network: &Text) -> Value {
    json!({"network_id": network.as_str()})
}

#[async_trait]
impl Routers for Net {
    async fn list_routers(&self, cx: &Context, query: &ListQuery) -> Result<Page<Router>> {
        let call = Call::get(&["routers"]).query_if("name", exact_name(query.name.as_ref()));
        let call = self.own(cx, call).await?;
        let page =
            list::page::<NeutronRouter>(&self.session, cx, ROUTERS, &call, &query.page).await?;
        let mut routers = page.map(|router| router.into_router(self.session.cloud()));
        routers.items.retain(|router| query.matches(&router.name));
        if routers.items.is_empty() {
            return Ok(routers);
        }
        let ports = self.own(cx, Call::get(&["ports"])).await?;
        let interfaces = self.interfaces(cx, ports).await?;
        for router in &mut routers.items {
            attach(router, &interfaces);
        }
        Ok(routers)
    }

    async fn get_router(&self, cx: &Context, id: &str) -> Result<Router> {
        let call = Call::get(&["routers", id]);
        let asked = self.session.ask(cx, NETWORK, &call).await;
        let reply: RouterReply = asked.map_err(not_found_if_malformed)?.json()?;
        let mut router = reply.router.into_router(self.session.cloud());
        let ports = Call::get(&["ports"]).query("device_id", router.id.as_str());
        attach(&mut router, &self.interfaces(cx, ports).await?);
        Ok(router)
    }

    async fn create_router(&self, cx: &Context, request: &RouterCreate) -> Result<Router> {
        let mut router = json!({"name": request.name.as_str()});
        if let Some(network) = &request.external_network {
            router["external_gateway_info"] = gateway_to(network);
        }
        if let Some(description) = Mark::describe(None, request.mark.as_ref()) {
            router["description"] = Value::from(description);
        }
        let call = Call::post(&["routers"], Effect::Once, json!({"router": router}));
        let made = self.session.ask(cx, NETWORK, &call).await;
        let reply: RouterReply = made.map_err(refused_gateway)?.json()?;
        Ok(reply.router.into_router(self.session.cloud()))
    }

    async fn update_router(&self, cx: &Context, id: &str, update: &RouterUpdate) -> Result<()> {
        let mut router = Map::new();
        if let Some(name) = &update.name {
            router.insert("name".to_owned(), Value::from(name.as_str()));
        }
        if let Some(gateway) = &update.gateway {
            let to = match gateway {
                RouterGateway::Off => Value::Null,
                RouterGateway::Network(network) => gateway_to(network),
            };
            router.insert("external_gateway_info".to_owned(), to);
        }
        let call = Call::put(&["routers", id], json!({"router": router}));
        let asked = self.session.ask(cx, NETWORK, &call).await;
        asked.map(drop).map_err(|error| match says(&error, &[id]) {
            true if error.kind() == ErrorKind::NotFound => error,
            _ => refused_gateway(error),
        })
    }

    async fn delete_router(&self, cx: &Context, id: &str) -> Result<()> {
        let call = Call::delete(&["routers", id]);
        gone_is_fine(self.session.ask(cx, NETWORK, &call).await)
    }

    async fn attach_router_subnet(&self, cx: &Context, id: &str, subnet: &str) -> Result<()> {
        let attached = self
            .change_interface(cx, id, "add_router_interface", subnet)
            .await;
        match attached {
            Err(error) if says(&error, &["already has a port on subnet"]) => Ok(()),
            attached => attached.map_err(|error| match error.kind() {
                ErrorKind::Invalid if says(&error, &["overlap"]) => as_conflict(&error),
                ErrorKind::Invalid => about_field(&error, "subnet"),
                ErrorKind::NotFound if says(&error, &["subnet"]) => error.with_field("subnet"),
                _ => error,
            }),
        }
    }

    async fn detach_router_subnet(&self, cx: &Context, id: &str, subnet: &str) -> Result<()> {
        let detached = self
            .change_interface(cx, id, "remove_router_interface", subnet)
            .await;
        match detached {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                // Neither a subnet that is gone nor one that was never attached is attached; a
                // router that is gone is another matter.
                self.get_router(cx, id).await.map(drop)
            }
            detached => detached,
        }
    }
}

fn refused_gateway(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Invalid => about_field(&error, "external_network"),
        ErrorKind::NotFound => error.with_field("external_network"),
        _ => error,
    }
}
