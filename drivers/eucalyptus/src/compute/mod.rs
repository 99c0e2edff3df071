//! Nodes: instances.

mod changes;
pub(crate) mod console;
mod create;
pub(crate) mod instance;
pub(crate) mod lookups;
mod newborns;
mod power;
mod refused;
mod search;
pub(crate) mod wire;

use std::collections::HashMap;
use std::net::IpAddr;

use cloudfarm_contract::model::{Mark, Node, NodeState};
use cloudfarm_contract::{
    Context, Error, ErrorKind, MarkFilter, NodeQuery, Page, Result, Retry, SideEffect,
};

pub(crate) use self::newborns::Newborns;
use self::wire::{Instance, Instances};
use crate::driver::Ec2Driver;
use crate::errors::{gone_is_fine, unknown};
use crate::list::{self, PAGE_MAX};
use crate::network::addresses::Elastic;
use crate::query::Query;

/// Whether `id` may be an instance's. A call that tags takes the id of anything.
fn is_instance(id: &str) -> bool {
    is_id(id, &["i-"])
}

/// Whether `id` looks like what begins with one of `prefixes`.
pub(crate) fn is_id(id: &str, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| {
        id.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty() && rest.len() <= 64 && rest.bytes().all(|b| b.is_ascii_alphanumeric())
        })
    })
}

fn checked(id: &str) -> Result<&str> {
    if is_instance(id) {
        Ok(id)
    } else {
        Err(unknown("node", id))
    }
}

impl Ec2Driver {
    pub(crate) async fn nodes(&self, cx: &Context, query: &NodeQuery) -> Result<Page<Node>> {
        if let Some(MarkFilter::Is(mark)) = &query.mark {
            return self.marked(cx, query, mark).await;
        }
        let Some(call) = search::call(query) else {
            return Ok(Page::default());
        };
        let pages = self.pages(PAGE_MAX);
        let page = list::page::<Instances>(&self.session, cx, call, pages, &query.page).await?;
        let mut nodes = self.read_nodes(cx, page.items).await?;
        nodes.retain(|node| is_there(node) && query.matches(node));
        Ok(Page {
            items: nodes,
            next: page.next,
        })
    }

    /// The nodes of a job. A crash may have come between the creation and the tag, so the client
    /// token counts too.
    async fn marked(&self, cx: &Context, query: &NodeQuery, mark: &Mark) -> Result<Page<Node>> {
        let pages = self.pages(PAGE_MAX);
        let by_token = Query::read("DescribeInstances")
            .filter("client-token", [crate::marks::client_token(mark)]);
        let by_tag = Query::read("DescribeInstances").filter(
            format!("tag:{}", Mark::KEY),
            [search::escape(mark.as_str())],
        );
        let mut found = list::all::<Instances>(&self.session, cx, by_token, pages).await?;
        if found.is_empty() {
            found = list::all::<Instances>(&self.session, cx, by_tag, pages).await?;
        }
        let mut nodes = self.read_nodes(cx, found).await?;
        nodes.retain(|node| is_there(node) && query.matches(node));
        list::whole(nodes, |node| &node.id, &query.page)
    }

    pub(crate) async fn node(&self, cx: &Context, id: &str) -> Result<Node> {
        let Some(instance) = self.look_up(cx, checked(id)?).await? else {
            // What was made a moment ago need not be known everywhere yet.
            let now = self.session.now();
            return self
                .newborns
                .get(id, now)
                .ok_or_else(|| unknown("node", id));
        };
        let failed_at_birth = self.newborns.contains(id, self.session.now());
        let mut nodes = self.read_nodes(cx, vec![instance]).await?;
        let node = nodes.pop().ok_or_else(|| unknown("node", id))?;
        if node.native_state != *"terminated" {
            return Ok(node);
        }
        match node.extra.get("state_reason") {
            Some(reason) if failed_at_birth => Ok(instance::failed(&node, &reason, self.can())),
            _ => Err(unknown("node", id)),
        }
    }

    /// Reads instances, and their elastic addresses where they do not say themselves which they
    /// are.
    pub(crate) async fn read_nodes(
        &self,
        cx: &Context,
        instances: Vec<Instance>,
    ) -> Result<Vec<Node>> {
        let elastic = if instances.iter().any(Instance::hides_its_addresses) {
            self.elastic_addresses(cx).await?
        } else {
            HashMap::new()
        };
        let now = self.session.now();
        let read = instances
            .into_iter()
            .map(|instance| instance::node(self, instance, &elastic, now));
        let mut nodes: Vec<Node> = read.collect();
        self.name_networks(cx, &mut nodes).await;
        Ok(nodes)
    }

    async fn elastic_addresses(&self, cx: &Context) -> Result<HashMap<IpAddr, Elastic>> {
        let addresses = self.describe_addresses(cx, None).await?;
        let by_ip = addresses
            .into_iter()
            .filter_map(|elastic| Some((elastic.ip()?, elastic)));
        Ok(by_ip.collect())
    }

    pub(crate) async fn terminate(&self, cx: &Context, id: &str) -> Result<()> {
        let Ok(id) = checked(id) else { return Ok(()) };
        let call = Query::change("TerminateInstances").list("InstanceId", [id]);
        match self.session.act(cx, call).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if self.newborns.get(id, self.session.now()).is_some() {
                    return Err(self.not_yet(id, &error));
                }
                Ok(())
            }
            result => {
                gone_is_fine(result)?;
                self.newborns.forget(id);
                Ok(())
            }
        }
    }

    /// To take "not found" for "gone" would leave a node behind that comes to light later.
    fn not_yet(&self, id: &str, error: &Error) -> Error {
        Error::unavailable(format!(
            "node {id} was just made and is not known everywhere yet"
        ))
        .with_retry(Retry::Later)
        .with_side_effect(SideEffect::None)
        .with_provider(
            error.provider_status(),
            error.provider_code().cloned(),
            error.provider_request_id().cloned(),
        )
    }
}

fn is_there(node: &Node) -> bool {
    node.state != NodeState::Terminated
}
