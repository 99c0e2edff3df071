//! A server as Nova writes it.

mod addresses;
mod fields;

use cloudfarm_contract::model::{Node, SizeRef};
use cloudfarm_contract::{Capabilities, Text};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use self::fields::Fields;
use super::flavors::Known;
use super::status;
use crate::list::Listed;

#[derive(Debug, Deserialize)]
pub(crate) struct ServerReply {
    pub(crate) server: Server,
}

/// A server. It is a node at once, for lists of thousands are read: one that lacks what Nova does not
/// say of it, which is its cloud, all of its size, what is legal now, and when that was.
#[derive(Debug)]
pub(crate) struct Server(Node);

impl<'de> Deserialize<'de> for Server {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Fields::deserialize(reader).map(|fields| Self(fields.into_node()))
    }
}

impl Listed for Server {
    fn marker(&self) -> &str {
        &self.0.id
    }
}

impl Server {
    /// What Nova says of its flavor.
    pub(super) fn size(&self) -> Option<&SizeRef> {
        self.0.size.as_ref()
    }

    /// As far as Nova tells it, or all of it where it was completed.
    pub(super) fn node(&self) -> &Node {
        &self.0
    }

    /// Adds what Nova does not say. A node is large, so it stays where it is.
    pub(crate) fn complete(
        &mut self,
        cloud: &Text,
        known: &Known,
        capabilities: &Capabilities,
        observed_at: Timestamp,
    ) {
        let Self(node) = self;
        node.cloud = cloud.clone();
        if let Some(size) = &mut node.size {
            known.complete(size);
        }
        node.actions = status::actions(capabilities, node.state, node.busy, &node.native_state);
        node.observed_at = observed_at;
    }

    pub(crate) fn into_node(self) -> Node {
        self.0
    }
}
