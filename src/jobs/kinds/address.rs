//! An address to be led to a node, or nowhere.

use cloudfarm_contract::layers::Layered;
use cloudfarm_contract::model::{Address, AddressAssociate};
use cloudfarm_contract::{Context, Driver, Extension, Judgement, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::modify::Modification;
use crate::farm::extension;

/// Where an address is led. The node stands there by its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum AddressChange {
    /// To a node.
    Associate(AddressAssociate),
    /// Nowhere.
    Disassociate,
}

impl Modification for AddressChange {
    type Of = Address;

    fn action(&self) -> &'static str {
        match self {
            Self::Associate(_) => "AssociateAddress",
            Self::Disassociate => "DisassociateAddress",
        }
    }

    fn params(&self) -> Value {
        match self {
            Self::Associate(AddressAssociate { node, fixed_ip }) => {
                json!({ "node": node, "fixed_ip": fixed_ip })
            }
            Self::Disassociate => json!({}),
        }
    }

    async fn ask(&self, driver: &Layered, cx: &Context, id: &str) -> Result<()> {
        let addresses = extension(driver, driver.addresses(), Extension::Addresses)?;
        match self {
            Self::Associate(to) => addresses.associate_address(cx, id, to).await,
            Self::Disassociate => addresses.disassociate_address(cx, id).await,
        }
    }

    fn judge(&self, seen: &Address) -> Judgement {
        let wanted = match self {
            Self::Associate(to) => Some(&to.node),
            Self::Disassociate => None,
        };
        if seen.node.as_ref() == wanted {
            Judgement::Done
        } else {
            Judgement::Continue
        }
    }
}
