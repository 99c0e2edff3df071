//! Addresses: plan and begin to allocate, associate, disassociate.

use std::net::IpAddr;

use cloudfarm_contract::model::{
    Address, AddressAllocate, AddressAssociate, AddressKind, Node, NodeAction,
};
use cloudfarm_contract::{Driver, Error, Extension, Result};

use super::{Call, Orchestrator};
use crate::farm::extension;
use crate::jobs::JobHandle;
use crate::jobs::kinds::AddressChange;

impl Orchestrator {
    /// Begins to allocate an address. Its network stands in the request by id or name.
    ///
    /// # Errors
    ///
    /// `invalid`, naming the field; `conflict` for an ambiguous name; `unsupported`.
    pub async fn allocate_address(
        &self,
        call: &Call,
        cloud: &str,
        mut request: AddressAllocate,
    ) -> Result<JobHandle> {
        let on = self.on(call, cloud)?;
        extension(&on.driver, on.driver.addresses(), Extension::Addresses)?;
        request.network = on.network_for("network", request.network).await?;
        on.create(request).await
    }

    /// Begins to lead an address elsewhere. The node stands in the change by id or name.
    ///
    /// # Errors
    ///
    /// `not_found`; `invalid`, naming the field; `conflict` for an ambiguous name, and in a state
    /// of the node that does not allow it; `unsupported`.
    pub async fn change_address(
        &self,
        call: &Call,
        cloud: &str,
        address: &str,
        mut change: AddressChange,
    ) -> Result<JobHandle> {
        let on = self.on(call, cloud)?;
        let address: Address = on.find(address).await?;
        if let AddressChange::Associate(AddressAssociate { node, fixed_ip }) = &mut change {
            let found: Node = on.find_for("node", node).await?;
            if let Some(ip) = *fixed_ip {
                check_fixed_ip(&found, ip)?;
            }
            on.check_action(&found, NodeAction::AssociateAddress)?;
            *node = found.id;
        }
        on.modify(address.id, change).await
    }
}

fn check_fixed_ip(node: &Node, ip: IpAddr) -> Result<()> {
    let fixed = node
        .addresses
        .iter()
        .filter(|address| address.kind == AddressKind::Fixed);
    let fixed: Vec<String> = fixed.map(|address| address.ip.to_string()).collect();
    if fixed.contains(&ip.to_string()) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "node {:?} does not have the fixed address {ip}",
        node.name.as_str()
    ))
    .with_field("fixed_ip")
    .with_hint(format!("it has: {}", fixed.join(", "))))
}
