//! Machines: the core of the driver.

mod actions;
mod audit;
mod create;
mod lists;
mod machine;
mod metadata;
mod options;
mod snapshots;
mod status;

use std::sync::Arc;

use cloudfarm_contract::model::{Node, NodeAction, NodeState};
use cloudfarm_contract::{Capabilities, Context, Error, Result, Text};

use crate::call::Call;
use crate::catalogue::{Catalogue, Names};
use crate::errors::{gone_is_fine, not_found_if_malformed, with_states};
use crate::network::Net;
use crate::params::Params;
use crate::session::Session;

pub(crate) use audit::end_of_reboot;
pub(crate) use machine::{GROUP_TAG, Machine, plain_text};
pub(crate) use snapshots::WireSnapshot;

/// The machines of an account.
#[derive(Debug, Clone)]
pub(crate) struct Machines {
    pub(super) session: Arc<Session>,
    pub(super) capabilities: Arc<Capabilities>,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) net: Net,
    pub(super) settle: std::time::Duration,
}

impl Machines {
    pub(crate) fn new(
        session: Arc<Session>,
        capabilities: Arc<Capabilities>,
        catalogue: Arc<Catalogue>,
        net: Net,
        params: &Params,
    ) -> Self {
        Self {
            session,
            capabilities,
            catalogue,
            net,
            settle: params.settle_timeout.duration(),
        }
    }

    pub(crate) async fn get_node(&self, cx: &Context, id: &str) -> Result<Node> {
        let machine = self.get_machine(cx, id).await?;
        let names = self.catalogue.names(cx, machine.network_ids()).await;
        let node = self.node(machine, &names);
        if node.state == NodeState::Terminated {
            return Err(Error::not_found(format!("node {id} was destroyed")));
        }
        Ok(node)
    }

    pub(super) async fn get_machine(&self, cx: &Context, id: &str) -> Result<Machine> {
        let response = self.session.ask(cx, &Call::get(&["machines", id])).await;
        response.map_err(not_found_if_malformed)?.json()
    }

    pub(crate) async fn destroy_node(&self, cx: &Context, id: &str) -> Result<()> {
        let call = Call::delete(&["machines", id]);
        gone_is_fine(self.session.ask(cx, &call).await).map_err(protected)
    }

    pub(super) fn node(&self, machine: Machine, names: &Names) -> Node {
        machine.into_node(
            self.session.cloud(),
            &self.capabilities,
            names,
            self.session.clock().now(),
        )
    }

    /// Says in which states an action that was refused is legal.
    pub(super) fn refused(&self, error: Error, action: NodeAction) -> Error {
        with_states(error, self.capabilities.node_actions.states(action), action)
    }

    /// The packages and networks by name, for machines on these networks.
    pub(super) async fn names_for(&self, cx: &Context, machines: &[Machine]) -> Arc<Names> {
        let networks: Vec<&Text> = machines.iter().flat_map(Machine::network_ids).collect();
        self.catalogue.names(cx, networks.into_iter()).await
    }
}

fn protected(error: Error) -> Error {
    if error.message().to_ascii_lowercase().contains("protect") {
        return error.with_hint("it is protected against deletion: take the protection off first");
    }
    error
}
