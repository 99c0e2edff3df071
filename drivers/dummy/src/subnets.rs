//! Subnets.

use cloudfarm_contract::model::{Extra, IpVersion, Subnet, SubnetCreate};
use cloudfarm_contract::{Error, ListQuery, Page, Result};

use crate::cidr::Cidr;
use crate::ids::Kind;
use crate::nodes::check_name;
use crate::records::SubnetRecord;
use crate::view::{Draft, View};
use crate::world::Change;

pub(crate) fn list(view: &View<'_>, query: &ListQuery) -> Result<Page<Subnet>> {
    let table = &view.world.tables.subnets;
    view.table_page(Kind::Subnet, &query.page, table, |ordinal, subnet| {
        let wanted = query.matches(&subnet.name);
        wanted
            .then(|| view.show_subnet(ordinal, subnet).ok())
            .flatten()
    })
}

/// Reads the range of a subnet, which has room for a gateway and a node.
pub(crate) fn range(cidr: &str) -> Result<Cidr> {
    let range = Cidr::parse(cidr, "cidr")?;
    if range.last() < 3 {
        return Err(
            Error::invalid(format!("{cidr} has no room for a gateway and a node"))
                .with_field("cidr"),
        );
    }
    Ok(range)
}

pub(crate) fn create(draft: &mut Draft<'_>, request: &SubnetCreate) -> Result<Subnet> {
    let table = &draft.world.tables.subnets;
    let before = draft.made_before(Kind::Subnet, table, request.mark.as_ref());
    if let Some((ordinal, subnet)) = before {
        return draft.show_subnet(ordinal, subnet);
    }
    check_name(&request.name)?;
    let (network, record) = draft
        .network(&request.network)
        .map_err(|error| error.with_field("network"))?;
    if record.shared {
        let message = format!("network {} belongs to the cloud", request.network);
        return Err(Error::forbidden(message));
    }
    if request.location.is_some() {
        let message = "subnets of this cloud are in every location, so none can be chosen";
        return Err(Error::invalid(message).with_field("location"));
    }
    let range = range(&request.cidr)?;
    for subnet in table.values().filter(|subnet| subnet.network == network) {
        if Cidr::parse(&subnet.cidr, "cidr")?.overlaps(&range) {
            return Err(Error::conflict(format!(
                "{} overlaps subnet {} with {}",
                request.cidr, subnet.name, subnet.cidr
            ))
            .with_field("cidr"));
        }
    }
    if let Some(gateway) = request.gateway
        && !range.contains(gateway)
    {
        let message = format!("gateway {gateway} is not in {}", request.cidr);
        return Err(Error::invalid(message).with_field("gateway"));
    }
    let subnet = SubnetRecord {
        network,
        name: request.name.clone(),
        cidr: request.cidr.clone(),
        gateway: request.gateway.or(Some(range.nth(1))),
        dhcp: request.dhcp.unwrap_or(true),
        mark: request.mark.clone(),
    };
    let ordinal = draft.new_ordinal();
    let shown = draft.show_subnet(ordinal, &subnet)?;
    draft.put(ordinal, subnet);
    Ok(shown)
}

pub(crate) fn delete(draft: &mut Draft<'_>, id: &str) -> Result<()> {
    let Ok((ordinal, subnet)) = draft.subnet(id) else {
        return Ok(());
    };
    let network = draft.world.tables.networks.get(&subnet.network);
    if network.is_some_and(|network| network.shared) {
        return Err(Error::forbidden(format!(
            "subnet {id} belongs to the cloud"
        )));
    }
    let range = Cidr::parse(&subnet.cidr, "cidr")?;
    let mut ips = draft.world.ips_on(subnet.network);
    if ips.any(|ip| range.contains(ip)) {
        return Err(Error::conflict(format!("nodes are on subnet {id}")));
    }
    drop(ips);
    draft.check_no_router(ordinal)?;
    draft.push(Change::Subnet(ordinal, None));
    Ok(())
}

impl<'a> View<'a> {
    pub(crate) fn subnet(&self, id: &str) -> Result<(u64, &'a SubnetRecord)> {
        self.find(Kind::Subnet, &self.world.tables.subnets, id)
    }

    pub(crate) fn show_subnet(&self, ordinal: u64, subnet: &SubnetRecord) -> Result<Subnet> {
        let range = Cidr::parse(&subnet.cidr, "cidr")?;
        Ok(Subnet {
            cloud: self.cloud(),
            id: self.id(Kind::Subnet, ordinal),
            name: subnet.name.clone(),
            network: self.id(Kind::Network, subnet.network),
            cidr: subnet.cidr.clone(),
            version: if range.is_v4() {
                IpVersion::V4
            } else {
                IpVersion::V6
            },
            gateway: subnet.gateway,
            dhcp: Some(subnet.dhcp),
            location: None,
            mark: subnet.mark.clone(),
            extra: Extra::new(),
        })
    }
}
