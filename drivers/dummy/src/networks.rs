//! Networks.

use cloudfarm_contract::extensions::Networks;
use cloudfarm_contract::model::{Extra, Network, NetworkCreate, Subnet, SubnetCreate};
use cloudfarm_contract::{Context, Error, ListQuery, Operation, Page, Result, Text, async_trait};

use crate::cidr::Cidr;
use crate::driver::DummyDriver;
use crate::generated::{DEFAULT_GROUP, PRIVATE, PUBLIC};
use crate::ids::Kind;
use crate::nodes::check_name;
use crate::records::{NetworkRecord, SubnetRecord};
use crate::subnets;
use crate::usage::Usage;
use crate::view::{Draft, View};
use crate::world::Change;

pub(crate) const PRIVATE_NAME: Text = Text::from_static("private");

/// The networks, subnets and groups that the cloud starts with.
pub(crate) fn stock() -> impl Iterator<Item = Change> {
    let networks = [
        (PRIVATE, "private", false, "10.0.0.0/12"),
        (PUBLIC, "public", true, "203.0.113.0/24"),
    ];
    let networks = networks
        .into_iter()
        .flat_map(|(ordinal, name, external, cidr)| {
            let network = NetworkRecord {
                name: Text::from_static(name),
                external,
                shared: true,
                mark: None,
            };
            let subnet = SubnetRecord {
                network: ordinal,
                name: Text::from_static(name),
                cidr: Text::from_static(cidr),
                gateway: Cidr::parse(cidr, "cidr").ok().map(|range| range.nth(1)),
                dhcp: true,
                mark: None,
            };
            [
                Change::from((ordinal, network)),
                Change::from((ordinal, subnet)),
            ]
        });
    let group = (DEFAULT_GROUP, crate::security_groups::default_group());
    networks.chain([Change::from(group)])
}

#[async_trait]
impl Networks for DummyDriver {
    async fn list_networks(&self, cx: &Context, query: &ListQuery) -> Result<Page<Network>> {
        self.read(cx, Operation::ListNetworks, |view| {
            let table = &view.world.tables.networks;
            view.table_page(Kind::Network, &query.page, table, |ordinal, network| {
                let wanted = query.matches(&network.name);
                wanted.then(|| view.show_network(ordinal, network))
            })
        })
        .await
    }

    async fn get_network(&self, cx: &Context, id: &str) -> Result<Network> {
        self.read(cx, Operation::GetNetwork, |view| {
            let (ordinal, network) = view.network(id)?;
            Ok(view.show_network(ordinal, network))
        })
        .await
    }

    async fn create_network(&self, cx: &Context, request: &NetworkCreate) -> Result<Network> {
        self.write(cx, Operation::CreateNetwork, |draft| create(draft, request))
            .await
    }

    async fn delete_network(&self, cx: &Context, id: &str) -> Result<()> {
        self.write(cx, Operation::DeleteNetwork, |draft| {
            let Ok((ordinal, network)) = draft.network(id) else {
                return Ok(());
            };
            if network.shared {
                return Err(Error::forbidden(format!(
                    "network {id} belongs to the cloud"
                )));
            }
            if draft.world.ips_on(ordinal).next().is_some() {
                return Err(Error::conflict(format!("nodes are on network {id}")));
            }
            let world = draft.world;
            for (subnet, record) in &world.tables.subnets {
                if record.network == ordinal {
                    draft.check_no_router(*subnet)?;
                    draft.push(Change::Subnet(*subnet, None));
                }
            }
            draft.push(Change::Network(ordinal, None));
            Ok(())
        })
        .await
    }

    async fn list_subnets(&self, cx: &Context, query: &ListQuery) -> Result<Page<Subnet>> {
        self.read(cx, Operation::ListSubnets, |view| {
            subnets::list(view, query)
        })
        .await
    }

    async fn get_subnet(&self, cx: &Context, id: &str) -> Result<Subnet> {
        self.read(cx, Operation::GetSubnet, |view| {
            let (ordinal, subnet) = view.subnet(id)?;
            view.show_subnet(ordinal, subnet)
        })
        .await
    }

    async fn create_subnet(&self, cx: &Context, request: &SubnetCreate) -> Result<Subnet> {
        self.write(cx, Operation::CreateSubnet, |draft| {
            subnets::create(draft, request)
        })
        .await
    }

    async fn delete_subnet(&self, cx: &Context, id: &str) -> Result<()> {
        self.write(cx, Operation::DeleteSubnet, |draft| {
            subnets::delete(draft, id)
        })
        .await
    }
}

fn create(draft: &mut Draft<'_>, request: &NetworkCreate) -> Result<Network> {
    let table = &draft.world.tables.networks;
    let before = draft.made_before(Kind::Network, table, request.mark.as_ref());
    if let Some((ordinal, network)) = before {
        return Ok(draft.show_network(ordinal, network));
    }
    check_name(&request.name)?;
    draft.check_room(&Usage {
        networks: 1,
        ..Usage::default()
    })?;
    let network = NetworkRecord {
        name: request.name.clone(),
        external: false,
        shared: false,
        mark: request.mark.clone(),
    };
    let ordinal = draft.new_ordinal();
    let mut shown = draft.show_network(ordinal, &network);
    draft.put(ordinal, network);
    // A range that is given with the network becomes its first subnet.
    if let Some(cidr) = &request.cidr {
        let subnet = SubnetRecord {
            network: ordinal,
            name: request.name.clone(),
            cidr: cidr.clone(),
            gateway: Some(subnets::range(cidr)?.nth(1)),
            dhcp: true,
            mark: request.mark.clone(),
        };
        let subnet_ordinal = draft.new_ordinal();
        shown.subnets.push(draft.id(Kind::Subnet, subnet_ordinal));
        draft.put(subnet_ordinal, subnet);
    }
    Ok(shown)
}

impl<'a> View<'a> {
    pub(crate) fn network(&self, id: &str) -> Result<(u64, &'a NetworkRecord)> {
        self.find(Kind::Network, &self.world.tables.networks, id)
    }

    fn show_network(&self, ordinal: u64, network: &NetworkRecord) -> Network {
        let subnets = self.world.tables.subnets.iter();
        Network {
            cloud: self.cloud(),
            id: self.id(Kind::Network, ordinal),
            name: network.name.clone(),
            external: network.external,
            shared: network.shared,
            subnets: subnets
                .filter(|(_, subnet)| subnet.network == ordinal)
                .map(|(subnet, _)| self.id(Kind::Subnet, *subnet))
                .collect(),
            mark: network.mark.clone(),
            extra: Extra::new(),
        }
    }
}
