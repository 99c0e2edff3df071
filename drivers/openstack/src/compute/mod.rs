//! Nova: nodes and all that is done to them.

mod actions;
mod boot;
mod changes;
pub(crate) mod console;
pub(crate) mod create;
mod flavors;
mod options;
mod ports;
mod power;
mod refused;
mod search;
mod server;
mod status;
mod volumes;

use std::fmt;
use std::iter::once;
use std::sync::Arc;

use cloudfarm_contract::model::{Node, NodeAction, NodeState};
use cloudfarm_contract::{
    Capabilities, Context, Error, ErrorKind, NodeQuery, Page, Result, SideEffect,
};
use cloudfarm_http::Response;
use jiff::Timestamp;
use serde_json::json;

use self::flavors::Flavors;
pub(crate) use self::flavors::Known;
pub use self::options::NodeOptions;
pub(crate) use self::server::{Server, ServerReply};
use crate::call::Call;
use crate::catalog::ServiceKind::Compute as COMPUTE;
use crate::errors::{gone_is_fine, not_found_if_malformed, with_states};
use crate::list::{self, Collection};
use crate::session::Session;

pub(crate) const SERVERS: Collection = Collection {
    service: COMPUTE,
    key: "servers",
};

/// The compute service of one cloud. The extensions of the contract that are Nova's are
/// implemented here.
#[derive(Clone)]
pub struct Compute {
    pub(crate) session: Arc<Session>,
    pub(crate) capabilities: Arc<Capabilities>,
    flavors: Arc<Flavors>,
}

impl Compute {
    /// The compute service that `session` leads to, of a cloud that can do `capabilities`.
    pub fn new(session: Arc<Session>, capabilities: Arc<Capabilities>) -> Self {
        Self {
            session,
            capabilities,
            flavors: Arc::default(),
        }
    }

    /// Makes the cheapest call that shows whether credentials and address are right.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with them.
    pub async fn check(&self, cx: &Context) -> Result<()> {
        let call = Call::get(&["servers"]).query("limit", "1");
        let response = self.session.ask(cx, COMPUTE, &call).await?;
        // A portal that answers every address with a page is no compute service.
        response.json::<serde_json::Value>().map(drop)
    }

    /// One page of the nodes. Nova takes longer to say what they are in newer versions, and what
    /// those say beyond the base version is shown of a node that is asked for by itself.
    ///
    /// # Errors
    ///
    /// As [`cloudfarm_contract::Driver::list_nodes`].
    pub async fn list_nodes(&self, cx: &Context, query: &NodeQuery) -> Result<Page<Node>> {
        let Some(call) = search::call(query) else {
            return Ok(Page::default());
        };
        let page = list::page::<Server>(&self.session, cx, SERVERS, &call, &query.page).await?;
        let known = self.flavors.of(&self.session, cx, page.items.iter()).await;
        let observed_at = self.session.clock().now();
        let mut servers = page.items;
        servers.retain_mut(|server| {
            self.complete(server, &known, observed_at);
            let node = server.node();
            node.state != NodeState::Terminated && query.matches(node)
        });
        Ok(Page {
            items: servers.into_iter().map(Server::into_node).collect(),
            next: page.next,
        })
    }

    /// One node.
    ///
    /// # Errors
    ///
    /// `not_found`, also for one that was destroyed.
    pub async fn get_node(&self, cx: &Context, id: &str) -> Result<Node> {
        let call = Call::get(&["servers", id]);
        let asked = self.session.ask(cx, COMPUTE, &call).await;
        let reply: ServerReply = asked.map_err(not_found_if_malformed)?.json()?;
        let server = reply.server;
        let known = self.flavors.of(&self.session, cx, once(&server)).await;
        let node = self.node(server, &known, self.session.clock().now());
        if node.state == NodeState::Terminated {
            return Err(Error::not_found(format!("node {id} was destroyed")));
        }
        Ok(node)
    }

    /// Gives a node another name.
    ///
    /// # Errors
    ///
    /// As [`cloudfarm_contract::Driver::rename_node`].
    pub async fn rename_node(&self, cx: &Context, id: &str, name: &str) -> Result<()> {
        let call = Call::put(&["servers", id], json!({"server": {"name": name}}));
        match self.session.ask(cx, COMPUTE, &call).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::Invalid => Err(error.with_field("name")),
            Err(error) => Err(error),
        }
    }

    /// Ends a node.
    ///
    /// # Errors
    ///
    /// As [`cloudfarm_contract::Driver::destroy_node`].
    pub async fn destroy_node(&self, cx: &Context, id: &str) -> Result<()> {
        // Nova lets go of the ports that it did not make, and then nobody knows whose they were.
        let ports = match self.ports_of(cx, id).await {
            Ok(ports) => ports,
            Err(error) => {
                log::warn!("node {id} is destroyed without a look at its ports: {error}");
                Vec::new()
            }
        };
        let call = Call::delete(&["servers", id]);
        gone_is_fine(self.session.ask(cx, COMPUTE, &call).await)?;
        self.remove_ports(cx, &ports).await;
        Ok(())
    }

    fn node(&self, mut server: Server, known: &Known, observed_at: Timestamp) -> Node {
        self.complete(&mut server, known, observed_at);
        server.into_node()
    }

    fn complete(&self, server: &mut Server, known: &Known, observed_at: Timestamp) {
        let cloud = self.session.cloud();
        server.complete(cloud, known, &self.capabilities, observed_at);
    }

    /// Says in which states an action that was refused is legal.
    fn refused(&self, error: Error, action: NodeAction) -> Error {
        with_states(error, self.capabilities.node_actions.states(action), action)
    }

    /// The id at the end of the address that a service gives for what it made.
    pub(crate) fn id_in_location(response: &Response) -> Option<&str> {
        let location = response.header("location")?;
        let id = location.trim_end_matches('/').rsplit('/').next()?;
        (!id.is_empty()).then_some(id)
    }
}

/// The error for a change that was made, but whose answer does not say of what.
pub(crate) fn made_without_id(what: &str) -> Error {
    Error::provider_error(format!(
        "the {what} was made, but the answer has no id of it"
    ))
    .with_side_effect(SideEffect::Done)
    .with_retry(cloudfarm_contract::Retry::Never)
}

impl fmt::Debug for Compute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compute")
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}
