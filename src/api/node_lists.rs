//! Which nodes a list shall have.

use cloudfarm_contract::model::{Metadata, NodeState};
use cloudfarm_contract::{Error, NodeQuery, Result, Text};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;

use super::list::Paging;
use super::state::AppState;
use crate::orchestrator::LeaseWish;

/// Which nodes.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct NodeListParams {
    /// Nodes on the page at most.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// A glob that the name must match, as `web-*`.
    name: Option<Text>,
    /// States, separated by commas, one of which the node must be in.
    state: Option<String>,
    /// Items that the metadata must hold, as `role=web,stage=test`.
    metadata: Option<String>,
    /// The user that the node must be assigned to; empty for nodes that nobody has.
    assigned_to: Option<Text>,
    /// A time before which the lease of the node must end.
    expires_before: Option<Timestamp>,
}

/// Which nodes of which clouds.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FarmNodeListParams {
    /// Nodes of each cloud on the page at most.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// A glob that the name must match, as `web-*`.
    name: Option<Text>,
    /// States, separated by commas, one of which the node must be in.
    state: Option<String>,
    /// Items that the metadata must hold, as `role=web,stage=test`.
    metadata: Option<String>,
    /// The user that the node must be assigned to; empty for nodes that nobody has.
    assigned_to: Option<Text>,
    /// A time before which the lease of the node must end.
    expires_before: Option<Timestamp>,
    /// The clouds to ask, separated by commas; all where it is missing.
    cloud: Option<String>,
}

/// A list of nodes as it was asked for; where it goes on is in `paging`.
pub(super) struct NodeList {
    pub(super) query: NodeQuery,
    pub(super) wish: LeaseWish,
    pub(super) paging: Paging,
}

impl FarmNodeListParams {
    /// Which nodes, and of which clouds.
    pub(super) fn split(self) -> (NodeListParams, Option<String>) {
        let nodes = NodeListParams {
            limit: self.limit,
            cursor: self.cursor,
            name: self.name,
            state: self.state,
            metadata: self.metadata,
            assigned_to: self.assigned_to,
            expires_before: self.expires_before,
        };
        (nodes, self.cloud)
    }
}

impl NodeListParams {
    /// The list of these clouds.
    ///
    /// # Errors
    ///
    /// `invalid`, naming the parameter.
    pub(super) fn read(self, state: &AppState, clouds: Option<&str>) -> Result<NodeList> {
        let query = node_query(self.name, self.state.as_deref(), self.metadata.as_deref())?;
        let wish = LeaseWish {
            assigned_to: self.assigned_to,
            expires_before: self.expires_before,
        };
        let scope = scope(&query, &wish, clouds);
        let paging = Paging::new(state, self.limit, self.cursor.as_deref(), scope)?;
        Ok(NodeList {
            query,
            wish,
            paging,
        })
    }
}

fn node_query(
    name: Option<Text>,
    states: Option<&str>,
    metadata: Option<&str>,
) -> Result<NodeQuery> {
    let states = match states {
        None => Vec::new(),
        Some(names) => names
            .split(',')
            .map(|state| state.trim().parse::<NodeState>())
            .collect::<Result<_>>()
            .map_err(|error| error.with_field("state"))?,
    };
    let mut items = Metadata::new();
    for item in metadata.into_iter().flat_map(|items| items.split(',')) {
        let Some((key, value)) = item.split_once('=') else {
            return Err(
                Error::invalid(format!("{item:?} is not an item of metadata"))
                    .with_field("metadata")
                    .with_hint("write it as key=value, several separated by commas"),
            );
        };
        items.insert(key.trim().into(), value.trim().into());
    }
    Ok(NodeQuery {
        page: Default::default(),
        name,
        states,
        metadata: items,
        mark: None,
    })
}

/// The list that a cursor belongs to: its path and filters.
fn scope(query: &NodeQuery, wish: &LeaseWish, clouds: Option<&str>) -> String {
    format!(
        "nodes?name={}&state={:?}&metadata={:?}&lease={:?}&cloud={}",
        query.name.as_deref().unwrap_or_default(),
        query.states,
        query.metadata,
        wish,
        clouds.unwrap_or_default()
    )
}
