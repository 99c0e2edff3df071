//! Addresses with a life of their own.

use cloudfarm_contract::extensions::Addresses;
use cloudfarm_contract::model::{
    Address, AddressAllocate, AddressAssociate, Extra, IpVersion, NodeAction,
};
use cloudfarm_contract::{Context, Error, ListQuery, Operation, Page, Result, async_trait};

use crate::driver::DummyDriver;
use crate::generated::PUBLIC;
use crate::ids::Kind;
use crate::records::{AddressRecord, NetworkRecord, NodeRecord};
use crate::usage::Usage;
use crate::view::{Draft, View};
use crate::world::Change;

#[async_trait]
impl Addresses for DummyDriver {
    async fn list_addresses(&self, cx: &Context, query: &ListQuery) -> Result<Page<Address>> {
        self.read(cx, Operation::ListAddresses, |view| {
            let table = &view.world.tables.addresses;
            view.table_page(Kind::Address, &query.page, table, |ordinal, address| {
                let wanted = query.name.is_none() || query.matches(&address.ip.to_string());
                wanted.then(|| view.show_address(ordinal, address))
            })
        })
        .await
    }

    async fn get_address(&self, cx: &Context, id: &str) -> Result<Address> {
        self.read(cx, Operation::GetAddress, |view| {
            let (ordinal, address) = view.address(id)?;
            Ok(view.show_address(ordinal, address))
        })
        .await
    }

    async fn allocate_address(&self, cx: &Context, request: &AddressAllocate) -> Result<Address> {
        let operation = Operation::AllocateAddress;
        self.write(cx, operation, |draft| allocate(draft, request))
            .await
    }

    async fn associate_address(&self, cx: &Context, id: &str, to: &AddressAssociate) -> Result<()> {
        let operation = Operation::AssociateAddress;
        self.write_node(cx, operation, &to.node, |draft, node, record| {
            let (ordinal, address) = draft.address(id)?;
            associate(draft, (ordinal, address.clone()), (node, record), to)
        })
        .await
    }

    async fn disassociate_address(&self, cx: &Context, id: &str) -> Result<()> {
        self.write(cx, Operation::DisassociateAddress, |draft| {
            let (ordinal, address) = draft.address(id)?;
            let mut address = address.clone();
            if take_off(draft, ordinal, &address) {
                address.leads_to = None;
                draft.put(ordinal, address);
            }
            Ok(())
        })
        .await
    }

    async fn release_address(&self, cx: &Context, id: &str) -> Result<()> {
        self.write(cx, Operation::ReleaseAddress, |draft| {
            if let Ok((ordinal, address)) = draft.address(id) {
                take_off(draft, ordinal, address);
                draft.push(Change::Address(ordinal, None));
            }
            Ok(())
        })
        .await
    }
}

fn allocate(draft: &mut Draft<'_>, request: &AddressAllocate) -> Result<Address> {
    let world = draft.world;
    let before = draft.made_before(
        Kind::Address,
        &world.tables.addresses,
        request.mark.as_ref(),
    );
    if let Some((ordinal, address)) = before {
        return Ok(draft.show_address(ordinal, address));
    }
    let network = match &request.network {
        None => PUBLIC,
        Some(id) => leading_out(draft, "network", id)?.0,
    };
    draft.check_room(&Usage {
        addresses: 1,
        ..Usage::default()
    })?;
    let ordinal = draft.new_ordinal();
    let ip = draft.free_ip_on(network, ordinal)?;
    let address = AddressRecord {
        ip,
        network,
        leads_to: None,
        mark: request.mark.clone(),
    };
    let shown = draft.show_address(ordinal, &address);
    draft.put(ordinal, address);
    Ok(shown)
}

/// The network of this id, which a field of a request names, if it leads out.
pub(crate) fn leading_out<'a>(
    view: &View<'a>,
    field: &'static str,
    id: &str,
) -> Result<(u64, &'a NetworkRecord)> {
    let (network, record) = view.network(id).map_err(|error| error.with_field(field))?;
    if record.external {
        return Ok((network, record));
    }
    let public = view.id(Kind::Network, PUBLIC);
    Err(Error::invalid(format!("network {id} does not lead out"))
        .with_field(field)
        .with_hint(format!("the network that leads out is {public}")))
}

fn associate(
    draft: &mut Draft<'_>,
    (ordinal, mut address): (u64, AddressRecord),
    (node, mut record): (u64, NodeRecord),
    to: &AddressAssociate,
) -> Result<()> {
    let mut fixed = record.ports.iter().map(|port| port.ip);
    let fixed = match to.fixed_ip {
        None => fixed.find(|ip| ip.is_ipv4() == address.ip.is_ipv4()),
        Some(wish) => Some(fixed.find(|ip| *ip == wish).ok_or_else(|| {
            Error::invalid(format!("node {} does not have the address {wish}", to.node))
                .with_field("fixed_ip")
        })?),
    };
    let Some(fixed) = fixed else {
        let message = format!("node {} has no address that it could lead to", to.node);
        return Err(Error::conflict(message));
    };
    if address.leads_to == Some((node, fixed)) {
        return Ok(());
    }
    draft.check_action(node, &record, NodeAction::AssociateAddress)?;
    if address.leads_to.is_some_and(|(other, _)| other != node) {
        take_off(draft, ordinal, &address);
    }
    address.leads_to = Some((node, fixed));
    draft.put(ordinal, address);
    if !record.floating.contains(&ordinal) {
        record.floating.push(ordinal);
        draft.put(node, record);
    }
    Ok(())
}

/// Takes an address off the node that it leads to, if it leads anywhere.
fn take_off(draft: &mut Draft<'_>, ordinal: u64, address: &AddressRecord) -> bool {
    let Some((node, _)) = address.leads_to else {
        return false;
    };
    let id = draft.id(Kind::Node, node);
    if let Ok((node, mut record)) = draft.node_record(&id) {
        record.floating.retain(|number| *number != ordinal);
        draft.put(node, record);
    }
    true
}

impl<'a> View<'a> {
    fn address(&self, id: &str) -> Result<(u64, &'a AddressRecord)> {
        self.find(Kind::Address, &self.world.tables.addresses, id)
    }

    fn show_address(&self, ordinal: u64, address: &AddressRecord) -> Address {
        Address {
            cloud: self.cloud(),
            id: self.id(Kind::Address, ordinal),
            ip: address.ip,
            version: IpVersion::of(address.ip),
            network: Some(self.id(Kind::Network, address.network)),
            node: address.leads_to.map(|(node, _)| self.id(Kind::Node, node)),
            fixed_ip: address.leads_to.map(|(_, ip)| ip),
            mark: address.mark.clone(),
            extra: Extra::new(),
        }
    }
}
