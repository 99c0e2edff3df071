//! Routers.

use std::net::IpAddr;

use cloudfarm_contract::extensions::Routers;
use cloudfarm_contract::model::{Extra, Router, RouterCreate, RouterGateway, RouterUpdate};
use cloudfarm_contract::{Context, Error, ListQuery, Operation, Page, Result, async_trait};

use crate::addresses::leading_out;
use crate::cidr::Cidr;
use crate::driver::DummyDriver;
use crate::ids::Kind;
use crate::nodes::check_name;
use crate::records::RouterRecord;
use crate::view::{Draft, View};
use crate::world::Change;

#[async_trait]
impl Routers for DummyDriver {
    async fn list_routers(&self, cx: &Context, query: &ListQuery) -> Result<Page<Router>> {
        self.read(cx, Operation::ListRouters, |view| {
            let table = &view.world.tables.routers;
            view.table_page(Kind::Router, &query.page, table, |ordinal, router| {
                let wanted = query.matches(&router.name);
                wanted.then(|| view.show_router(ordinal, router))
            })
        })
        .await
    }

    async fn get_router(&self, cx: &Context, id: &str) -> Result<Router> {
        self.read(cx, Operation::GetRouter, |view| {
            let (ordinal, router) = view.router(id)?;
            Ok(view.show_router(ordinal, router))
        })
        .await
    }

    async fn create_router(&self, cx: &Context, request: &RouterCreate) -> Result<Router> {
        self.write(cx, Operation::CreateRouter, |draft| create(draft, request))
            .await
    }

    async fn update_router(&self, cx: &Context, id: &str, update: &RouterUpdate) -> Result<()> {
        self.write(cx, Operation::UpdateRouter, |draft| {
            let (ordinal, record) = draft.router(id)?;
            let mut record = record.clone();
            if let Some(name) = &update.name {
                check_name(name)?;
                record.name = name.clone();
            }
            match &update.gateway {
                None => {}
                Some(RouterGateway::Off) => record.external = None,
                Some(RouterGateway::Network(network)) => {
                    let (network, _) = leading_out(draft, "external_network", network)?;
                    if record.external.is_none_or(|(now, _)| now != network) {
                        record.external = Some(gateway(draft, ordinal, network)?);
                    }
                }
            }
            draft.put(ordinal, record);
            Ok(())
        })
        .await
    }

    async fn delete_router(&self, cx: &Context, id: &str) -> Result<()> {
        self.write(cx, Operation::DeleteRouter, |draft| {
            let Ok((ordinal, router)) = draft.router(id) else {
                return Ok(());
            };
            if !router.subnets.is_empty() {
                let message = format!("subnets are attached to router {id}");
                return Err(Error::conflict(message).with_hint("detach them first"));
            }
            draft.push(Change::Router(ordinal, None));
            Ok(())
        })
        .await
    }

    async fn attach_router_subnet(&self, cx: &Context, id: &str, subnet: &str) -> Result<()> {
        self.write(cx, Operation::AttachRouterSubnet, |draft| {
            attach(draft, id, subnet)
        })
        .await
    }

    async fn detach_router_subnet(&self, cx: &Context, id: &str, subnet: &str) -> Result<()> {
        self.write(cx, Operation::DetachRouterSubnet, |draft| {
            let (ordinal, record) = draft.router(id)?;
            let subnet = draft.world.ids.ordinal(Kind::Subnet, subnet);
            let mut record = record.clone();
            let before = record.subnets.len();
            record.subnets.retain(|attached| Some(*attached) != subnet);
            if record.subnets.len() < before {
                draft.put(ordinal, record);
            }
            Ok(())
        })
        .await
    }
}

fn create(draft: &mut Draft<'_>, request: &RouterCreate) -> Result<Router> {
    let table = &draft.world.tables.routers;
    let before = draft.made_before(Kind::Router, table, request.mark.as_ref());
    if let Some((ordinal, router)) = before {
        return Ok(draft.show_router(ordinal, router));
    }
    check_name(&request.name)?;
    let network = match &request.external_network {
        Some(network) => Some(leading_out(draft, "external_network", network)?.0),
        None => None,
    };
    let ordinal = draft.new_ordinal();
    let external = match network {
        Some(network) => Some(gateway(draft, ordinal, network)?),
        None => None,
    };
    let router = RouterRecord {
        name: request.name.clone(),
        external,
        subnets: Vec::new(),
        mark: request.mark.clone(),
    };
    let shown = draft.show_router(ordinal, &router);
    draft.put(ordinal, router);
    Ok(shown)
}

/// An address of a router's own on the network that it leads out to.
fn gateway(draft: &Draft<'_>, router: u64, network: u64) -> Result<(u64, IpAddr)> {
    Ok((network, draft.free_ip_on(network, router)?))
}

fn attach(draft: &mut Draft<'_>, id: &str, subnet: &str) -> Result<()> {
    let (ordinal, record) = draft.router(id)?;
    let (wanted, subnet_record) = draft
        .subnet(subnet)
        .map_err(|error| error.with_field("subnet"))?;
    if record.subnets.contains(&wanted) {
        return Ok(());
    }
    if subnet_record.gateway.is_none() {
        let message = format!("subnet {subnet} has no gateway that the router could be");
        return Err(Error::invalid(message).with_field("subnet"));
    }
    let world = draft.world;
    let mut routers = world.tables.routers.iter();
    if let Some((other, _)) = routers.find(|(_, router)| router.subnets.contains(&wanted)) {
        let other = draft.id(Kind::Router, *other);
        let message = format!("subnet {subnet} is attached to router {other}");
        return Err(Error::conflict(message));
    }
    let range = Cidr::parse(&subnet_record.cidr, "cidr")?;
    for attached in &record.subnets {
        let Some(there) = world.tables.subnets.get(attached) else {
            continue;
        };
        if Cidr::parse(&there.cidr, "cidr")?.overlaps(&range) {
            return Err(Error::conflict(format!(
                "{} overlaps subnet {} with {}, which is attached to router {id}",
                subnet_record.cidr, there.name, there.cidr
            )));
        }
    }
    let mut record = record.clone();
    record.subnets.push(wanted);
    draft.put(ordinal, record);
    Ok(())
}

impl<'a> View<'a> {
    fn router(&self, id: &str) -> Result<(u64, &'a RouterRecord)> {
        self.find(Kind::Router, &self.world.tables.routers, id)
    }

    /// Refuses to take away a subnet that a router is on.
    pub(crate) fn check_no_router(&self, subnet: u64) -> Result<()> {
        let mut routers = self.world.tables.routers.iter();
        match routers.find(|(_, router)| router.subnets.contains(&subnet)) {
            None => Ok(()),
            Some((router, _)) => Err(Error::conflict(format!(
                "subnet {} is attached to router {}",
                self.id(Kind::Subnet, subnet),
                self.id(Kind::Router, *router)
            ))
            .with_hint("detach it first")),
        }
    }

    fn show_router(&self, ordinal: u64, router: &RouterRecord) -> Router {
        Router {
            cloud: self.cloud(),
            id: self.id(Kind::Router, ordinal),
            name: router.name.clone(),
            external_network: router
                .external
                .map(|(network, _)| self.id(Kind::Network, network)),
            external_ips: router.external.iter().map(|(_, ip)| *ip).collect(),
            subnets: router
                .subnets
                .iter()
                .map(|subnet| self.id(Kind::Subnet, *subnet))
                .collect(),
            mark: router.mark.clone(),
            extra: Extra::new(),
        }
    }
}
