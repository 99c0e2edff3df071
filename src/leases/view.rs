//! Leases, and nodes with them, as clients see them.

use cloudfarm_contract::model::Node;
use cloudfarm_contract::{Page, Text};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::store::LeaseRow;

/// Until when a node may be there, whose it is, and whether it may be destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Lease {
    /// How far it is.
    pub state: LeaseState,
    /// When it ends and the node is destroyed; `null` for never.
    pub expires_at: Option<Timestamp>,
    /// Whether the node may not be destroyed.
    pub protected: bool,
    /// Whose the node is; `null` for nobody's.
    pub assigned_to: Option<Text>,
    /// For what it was assigned.
    pub purpose: Option<Text>,
    /// Since when it is theirs.
    pub assigned_at: Option<Timestamp>,
    /// The job that destroys the node; `null` until its lease has ended.
    pub job: Option<Uuid>,
}

/// How far a lease is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeaseState {
    /// It goes on.
    Active,
    /// Its end is near, and was told.
    Noticed,
    /// It has ended, and the node stays because it is protected.
    Kept,
    /// It has ended, and the node is being destroyed.
    Ending,
}

impl LeaseState {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Noticed => "noticed",
            Self::Kept => "kept",
            Self::Ending => "ending",
        }
    }
}

impl Lease {
    /// The lease of a row, as it is at `now`, in milliseconds since 1970.
    pub fn at(row: LeaseRow, now: i64) -> Self {
        let has_ended = row.expires_at.is_some_and(|end| end <= now);
        let state = if row.ending {
            LeaseState::Ending
        } else if row.protected && has_ended {
            LeaseState::Kept
        } else if row.noticed {
            LeaseState::Noticed
        } else {
            LeaseState::Active
        };
        Self {
            state,
            expires_at: row.expires_at.and_then(time),
            protected: row.protected,
            assigned_to: row.assigned_to.map(Text::from),
            purpose: row.purpose.map(Text::from),
            assigned_at: row.assigned_at.and_then(time),
            job: row.job,
        }
    }
}

fn time(millis: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(millis).ok()
}

/// The lease of a node that nobody has looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeaseView {
    /// The cloud.
    pub cloud: Text,
    /// The provider's id of the node.
    pub node: Text,
    /// The name that the node had when the lease last changed.
    pub name: Text,
    /// The lease.
    pub lease: Lease,
}

impl LeaseView {
    /// The lease of a row, as it is at `now`, in milliseconds since 1970.
    pub fn at(row: LeaseRow, now: i64) -> Self {
        Self {
            cloud: Text::from(row.cloud.as_str()),
            node: Text::from(row.node.as_str()),
            name: Text::from(row.name.as_str()),
            lease: Lease::at(row, now),
        }
    }
}

/// A node as its cloud shows it, with its lease.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
pub struct NodeView {
    /// The node.
    #[serde(flatten)]
    pub node: Node,
    /// Its lease; absent where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Box<Lease>>,
}

impl From<Node> for NodeView {
    fn from(node: Node) -> Self {
        Self { node, lease: None }
    }
}

/// A page of nodes.
#[derive(Debug)]
pub enum NodePage {
    /// As the driver gave it, for none of its nodes has a lease, and to move them takes time.
    Plain(Page<Node>),
    /// With the leases of those that have one.
    Leased(Page<NodeView>),
}

impl NodePage {
    /// The nodes, each with room for a lease.
    pub fn into_views(self) -> Page<NodeView> {
        match self {
            Self::Plain(Page { items, next }) => Page {
                items: items.into_iter().map(NodeView::from).collect(),
                next,
            },
            Self::Leased(page) => page,
        }
    }
}

/// What is written of a node with a lease.
#[derive(Serialize)]
struct Both<'a> {
    #[serde(flatten)]
    node: &'a Node,
    lease: &'a Lease,
}

/// Most nodes have no lease, and are written without the detour that a flattened field takes.
impl Serialize for NodeView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let node = &self.node;
        match &self.lease {
            None => node.serialize(serializer),
            Some(lease) => Both { node, lease }.serialize(serializer),
        }
    }
}
