//! Networks: an extension of Nova that Rackspace alone has, with one range of addresses to each.

use std::sync::Arc;

use cloudfarm_contract::extensions::Networks;
use cloudfarm_contract::model::{Extra, IpVersion, Network, NetworkCreate, Subnet, SubnetCreate};
use cloudfarm_contract::{
    Context, Effect, Error, ErrorKind, ListQuery, Page, Result, Text, async_trait,
};
use cloudfarm_http::Response;
use cloudfarm_openstack::ServiceKind::Compute as COMPUTE;
use cloudfarm_openstack::{Call, Session, cut, gone_is_fine, not_found_if_malformed};
use serde::Deserialize;
use serde_json::json;

const PATH: &str = "os-networksv2";

/// The internet: the network that leads out.
const PUBLIC: &str = "00000000-0000-0000-0000-000000000000";
/// ServiceNet: what Rackspace's services of a region share.
const SERVICE: &str = "11111111-1111-1111-1111-111111111111";

/// The networks of an account.
#[derive(Debug, Clone)]
pub(crate) struct CloudNetworks {
    session: Arc<Session>,
}

#[derive(Debug, Deserialize)]
struct Listed {
    networks: Vec<CloudNetwork>,
}

#[derive(Debug, Deserialize)]
struct Shown {
    network: CloudNetwork,
}

/// A network as Rackspace writes it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct CloudNetwork {
    id: Text,
    #[serde(default)]
    label: Option<Text>,
    /// None for the two that are everybody's.
    #[serde(default)]
    cidr: Option<Text>,
    #[serde(flatten)]
    rest: Extra,
}

impl CloudNetwork {
    pub(crate) fn into_network(mut self, cloud: &Text) -> Network {
        self.rest
            .retain(|key, value| key != "links" && !value.is_null());
        let range = range(self.cidr.as_deref());
        let subnets = range.iter().map(|_| self.id.clone()).collect();
        if let Some(cidr) = self.cidr.filter(|cidr| !cidr.is_empty()) {
            self.rest.insert("cidr".into(), cidr.as_str().into());
        }
        Network {
            cloud: cloud.clone(),
            name: self.label.unwrap_or_default(),
            external: self.id == *PUBLIC,
            shared: self.id == *PUBLIC || self.id == *SERVICE,
            subnets,
            id: self.id,
            mark: None,
            extra: self.rest,
        }
    }

    /// The range of addresses as a subnet, which shares the network's id and name.
    pub(crate) fn into_subnet(self, cloud: &Text) -> Option<Subnet> {
        let version = range(self.cidr.as_deref())?;
        Some(Subnet {
            cloud: cloud.clone(),
            name: self.label.unwrap_or_default(),
            network: self.id.clone(),
            id: self.id,
            cidr: self.cidr?,
            version,
            gateway: None,
            dhcp: None,
            location: None,
            mark: None,
            extra: Extra::new(),
        })
    }
}

/// Which kind of addresses a range has; none for what is no range.
fn range(cidr: Option<&str>) -> Option<IpVersion> {
    let (ip, _) = cidr?.split_once('/')?;
    ip.parse().ok().map(IpVersion::of)
}

/// Reads a list of networks.
pub(crate) fn read_list(response: &Response) -> Result<Vec<CloudNetwork>> {
    Ok(response.json::<Listed>()?.networks)
}

impl CloudNetworks {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self { session }
    }

    async fn all(&self, cx: &Context) -> Result<Vec<CloudNetwork>> {
        read_list(&self.session.ask(cx, COMPUTE, &Call::get(&[PATH])).await?)
    }

    async fn one(&self, cx: &Context, id: &str) -> Result<CloudNetwork> {
        let asked = self.session.ask(cx, COMPUTE, &Call::get(&[PATH, id])).await;
        let shown: Shown = asked.map_err(not_found_if_malformed)?.json()?;
        Ok(shown.network)
    }

    /// A network bears no mark: of one that was made and whose answer was lost only its name and its
    /// range are known, so a second of both would be taken for it.
    async fn refuse_a_second(&self, cx: &Context, name: &str, cidr: &str) -> Result<()> {
        let all = self.all(cx).await?;
        let is_same = |network: &&CloudNetwork| {
            network.label.as_deref() == Some(name) && network.cidr.as_deref() == Some(cidr)
        };
        let Some(same) = all.iter().find(is_same) else {
            return Ok(());
        };
        let message = format!(
            "network {} is called {name:?} and has {cidr} already",
            same.id
        );
        Err(Error::conflict(message)
            .with_field("name")
            .with_hint("use it, or choose another name or range"))
    }
}

#[async_trait]
impl Networks for CloudNetworks {
    async fn list_networks(&self, cx: &Context, query: &ListQuery) -> Result<Page<Network>> {
        let all = self.all(cx).await?.into_iter();
        let networks = all.map(|network| network.into_network(self.session.cloud()));
        let wanted = networks.filter(|network| query.matches(&network.name));
        cut(wanted.collect(), |network| &network.id, &query.page)
    }

    async fn get_network(&self, cx: &Context, id: &str) -> Result<Network> {
        Ok(self.one(cx, id).await?.into_network(self.session.cloud()))
    }

    async fn create_network(&self, cx: &Context, request: &NetworkCreate) -> Result<Network> {
        let cidr = request.cidr.as_ref().ok_or_else(|| {
            Error::invalid("a network needs a range of addresses, as 192.168.3.0/24")
                .with_field("cidr")
        })?;
        self.refuse_a_second(cx, &request.name, cidr).await?;
        let network = json!({"label": request.name.as_str(), "cidr": cidr.as_str()});
        let call = Call::post(&[PATH], Effect::Once, json!({"network": network}));
        let made = self.session.ask(cx, COMPUTE, &call).await;
        let shown: Shown = made
            .map_err(|error| match error.kind() {
                ErrorKind::Invalid => error.with_field("cidr"),
                _ => error,
            })?
            .json()?;
        Ok(shown.network.into_network(self.session.cloud()))
    }

    async fn delete_network(&self, cx: &Context, id: &str) -> Result<()> {
        let call = Call::delete(&[PATH, id]);
        gone_is_fine(self.session.ask(cx, COMPUTE, &call).await).map_err(in_use)
    }

    async fn list_subnets(&self, cx: &Context, query: &ListQuery) -> Result<Page<Subnet>> {
        let all = self.all(cx).await?.into_iter();
        let subnets = all.filter_map(|network| network.into_subnet(self.session.cloud()));
        let wanted = subnets.filter(|subnet| query.matches(&subnet.name));
        cut(wanted.collect(), |subnet| &subnet.id, &query.page)
    }

    async fn get_subnet(&self, cx: &Context, id: &str) -> Result<Subnet> {
        let network = self.one(cx, id).await?;
        network
            .into_subnet(self.session.cloud())
            .ok_or_else(|| Error::not_found(format!("network {id} has no range of its own")))
    }

    async fn create_subnet(&self, _: &Context, _: &SubnetCreate) -> Result<Subnet> {
        Err(one_range())
    }

    async fn delete_subnet(&self, _: &Context, _: &str) -> Result<()> {
        Err(one_range())
    }
}

fn one_range() -> Error {
    Error::unsupported("a network has the one range of addresses that it was made with")
        .with_hint("make a network for each range, and delete it with its range")
}

/// That nodes are on a network is told as a refusal.
fn in_use(error: Error) -> Error {
    let refused = error.kind() == ErrorKind::Forbidden;
    if !refused || !error.message().to_ascii_lowercase().contains("in use") {
        return error;
    }
    Error::conflict(error.message().to_owned()).with_provider(
        error.provider_status(),
        error.provider_code().cloned(),
        error.provider_request_id().cloned(),
    )
}
