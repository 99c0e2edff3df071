use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Extra, Mark};
use crate::Text;

/// What leads from subnet to subnet, and out through a gateway.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Router {
    /// The cloud it is on.
    pub cloud: Text,
    /// The provider's id.
    pub id: Text,
    /// The name; several routers may share it.
    pub name: Text,
    /// The id of the network that it leads out to; `null` where it leads nowhere.
    pub external_network: Option<Text>,
    /// Its own addresses on that network.
    #[schema(value_type = Vec<String>)]
    pub external_ips: Vec<IpAddr>,
    /// The ids of the subnets between which it leads.
    pub subnets: Vec<Text>,
    /// The mark of the job that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
    /// What the provider says beyond this.
    #[schema(value_type = Object)]
    pub extra: Extra,
}

/// A router to be made.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RouterCreate {
    /// The name.
    pub name: Text,
    /// The id of the network that it shall lead out to; `None` for a router without a gateway.
    pub external_network: Option<Text>,
    /// The mark to leave on it.
    pub mark: Option<Mark>,
}

/// What is to become of a router; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RouterUpdate {
    /// Its new name.
    pub name: Option<Text>,
    /// Its new gateway.
    pub gateway: Option<RouterGateway>,
}

/// Where a router leads out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouterGateway {
    /// Nowhere.
    Off,
    /// To the network of this id.
    Network(Text),
}

impl RouterUpdate {
    /// Whether a router is as this asks for.
    pub fn is_met(&self, router: &Router) -> bool {
        let is_named = self.name.as_ref().is_none_or(|name| *name == router.name);
        let leads_out = router.external_network.as_ref();
        is_named
            && match &self.gateway {
                None => true,
                Some(RouterGateway::Off) => leads_out.is_none(),
                Some(RouterGateway::Network(network)) => leads_out == Some(network),
            }
    }
}
