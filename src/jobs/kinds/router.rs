//! A router to be renamed, led elsewhere, or put on a subnet or off it.

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{Router, RouterGateway, RouterUpdate};
use cloudfarm_contract::{Context, Driver, Extension, Judgement, Result, Text};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::modify::Modification;
use crate::farm::extension;

/// What is done to a router. Networks and subnets stand there by their ids.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum RouterChange {
    /// Give it another name or gateway.
    Update(RouterUpdate),
    /// Attach a subnet.
    Attach(Text),
    /// Detach a subnet.
    Detach(Text),
}

impl Modification for RouterChange {
    type Of = Router;

    fn action(&self) -> &'static str {
        match self {
            Self::Update(_) => "UpdateRouter",
            Self::Attach(_) => "AttachRouterSubnet",
            Self::Detach(_) => "DetachRouterSubnet",
        }
    }

    fn params(&self) -> Value {
        match self {
            Self::Update(update) => params_of(update),
            Self::Attach(subnet) | Self::Detach(subnet) => json!({ "subnet": subnet }),
        }
    }

    async fn ask(&self, driver: &Layered, cx: &Context, id: &str) -> Result<()> {
        let routers = extension(driver, driver.routers(), Extension::Routers)?;
        match self {
            Self::Update(update) => routers.update_router(cx, id, update).await,
            Self::Attach(subnet) => routers.attach_router_subnet(cx, id, subnet).await,
            Self::Detach(subnet) => routers.detach_router_subnet(cx, id, subnet).await,
        }
    }

    fn judge(&self, seen: &Router) -> Judgement {
        let arrived = match self {
            Self::Update(update) => update.is_met(seen),
            Self::Attach(subnet) => seen.subnets.contains(subnet),
            Self::Detach(subnet) => !seen.subnets.contains(subnet),
        };
        match arrived {
            true => Judgement::Done,
            false => Judgement::Continue,
        }
    }
}

/// What is asked for and nothing else: a gateway that is to go is `null`.
fn params_of(update: &RouterUpdate) -> Value {
    let mut params = Map::new();
    if let Some(name) = &update.name {
        params.insert("name".to_owned(), json!(name));
    }
    match &update.gateway {
        None => {}
        Some(RouterGateway::Off) => {
            params.insert("external_network".to_owned(), Value::Null);
        }
        Some(RouterGateway::Network(network)) => {
            params.insert("external_network".to_owned(), json!(network));
        }
    }
    Value::Object(params)
}
