//! Networks, fabrics and firewall rules.
//!
//! A VLAN of the fabric is a network of the contract, and what CloudAPI calls a network on it is a
//! subnet: a range of addresses. Networks that are on no fabric are the operator's; they are
//! networks as well, without subnets that could be made or deleted.

mod groups;
mod networks;
mod rules;
mod subnets;

use std::sync::Arc;

use cloudfarm_contract::model::{Extra, NetworkAttachment};
use cloudfarm_contract::{Candidate, Context, Error, ErrorKind, Result, Text};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::Call;
use crate::catalogue::Catalogue;
use crate::errors::not_found_if_malformed;
use crate::session::Session;

pub(crate) use groups::{WireRule, groups};
pub(crate) use rules::RuleText;

/// What the ids of VLANs begin with here; CloudAPI has numbers.
const VLAN: &str = "vlan-";

/// The networks and the firewall of an account.
#[derive(Debug, Clone)]
pub(crate) struct Net {
    session: Arc<Session>,
    catalogue: Arc<Catalogue>,
}

/// A network as CloudAPI writes it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct WireNetwork {
    pub(crate) id: Text,
    #[serde(default)]
    pub(crate) name: Text,
    #[serde(default)]
    public: bool,
    #[serde(default)]
    pub(crate) fabric: bool,
    #[serde(default)]
    pub(crate) vlan_id: Option<u16>,
    #[serde(default)]
    subnet: Option<Text>,
    #[serde(default)]
    gateway: Option<Text>,
    #[serde(default)]
    description: Option<String>,
    #[serde(flatten)]
    rest: Extra,
}

impl WireNetwork {
    fn is_on(&self, vlan: u16) -> bool {
        self.fabric && self.vlan_id == Some(vlan)
    }
}

impl Net {
    pub(crate) fn new(session: Arc<Session>, catalogue: Arc<Catalogue>) -> Self {
        Self { session, catalogue }
    }

    async fn wire_networks(&self, cx: &Context) -> Result<Vec<WireNetwork>> {
        self.session
            .ask(cx, &Call::get(&["networks"]))
            .await?
            .json()
    }

    async fn wire_network(&self, cx: &Context, id: &str) -> Result<WireNetwork> {
        let response = self.session.ask(cx, &Call::get(&["networks", id])).await;
        response.map_err(not_found_if_malformed)?.json()
    }

    /// An interface of a machine, as CloudAPI wants to be told of it.
    pub(crate) async fn attachment(
        &self,
        cx: &Context,
        at: usize,
        wanted: &NetworkAttachment,
    ) -> Result<Value> {
        let id = match (&wanted.subnet, vlan_of(&wanted.network)) {
            (Some(subnet), _) => subnet.clone(),
            (None, None) => wanted.network.clone(),
            (None, Some(vlan)) => self.only_subnet(cx, at, vlan).await?,
        };
        match wanted.ip {
            None => Ok(Value::from(id.as_str())),
            Some(std::net::IpAddr::V4(ip)) => {
                Ok(json!({"ipv4_uuid": id.as_str(), "ipv4_ips": [ip.to_string()]}))
            }
            Some(ip) => Err(
                Error::invalid(format!("{ip} cannot be chosen: only ipv4 can"))
                    .with_field(format!("networks.{at}.ip")),
            ),
        }
    }

    async fn only_subnet(&self, cx: &Context, at: usize, vlan: u16) -> Result<Text> {
        let networks = self.wire_networks(cx).await?;
        let mut on_it: Vec<_> = networks.into_iter().filter(|it| it.is_on(vlan)).collect();
        if on_it.len() == 1 {
            return Ok(on_it.remove(0).id);
        }
        let field = format!("networks.{at}.subnet");
        if on_it.is_empty() {
            return Err(
                Error::invalid(format!("network {VLAN}{vlan} has no subnet"))
                    .with_field(field)
                    .with_hint("make one first"),
            );
        }
        let candidates = on_it.into_iter().map(|it| Candidate {
            id: it.id,
            name: it.name,
        });
        Err(Error::new(
            ErrorKind::Conflict,
            format!("network {VLAN}{vlan} has several subnets, and none is given"),
        )
        .with_field(field)
        .with_candidates(candidates.collect()))
    }
}

/// The number of a VLAN, if the id is of one.
fn vlan_of(id: &str) -> Option<u16> {
    id.strip_prefix(VLAN)?.parse().ok()
}
