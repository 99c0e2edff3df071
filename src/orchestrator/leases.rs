//! Leases of nodes: show, give another end, protect, assign, release.

use std::collections::HashMap;
use std::slice;
use std::time::Duration;

use cloudfarm_contract::model::Node;
use cloudfarm_contract::{Error, Page, Result, Text};
use jiff::Timestamp;
use tokio::time::timeout;

use super::{Call, Orchestrator, resolve, validate};
use crate::jobs::JobHandle;
use crate::jobs::kinds::Change;
use crate::leases::{Lease, LeaseTerms, LeaseView, NodePage, NodeView, check_end};
use crate::store::{LeaseFilter, LeaseRow};

/// How long a look at a cloud waits for what only the store knows.
const PATIENCE: Duration = Duration::from_secs(1);

/// Which leases nodes must have to be listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeaseWish {
    /// They are assigned to this user; to nobody, if it is empty.
    pub assigned_to: Option<Text>,
    /// They end before this time.
    pub expires_before: Option<Timestamp>,
}

/// What is to change in a lease; what is missing stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeaseChange {
    /// Another end, or none.
    pub expires_at: Option<Option<Timestamp>>,
    /// Whether the node may not be destroyed.
    pub protected: Option<bool>,
}

/// To whom a node is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The user.
    pub user: Text,
    /// For what.
    pub purpose: Option<Text>,
    /// Until when; `None` leaves the end as it is.
    pub expires_at: Option<Timestamp>,
}

impl LeaseWish {
    /// Whether nothing is wished.
    fn is_any(&self) -> bool {
        *self == Self::default()
    }

    fn takes(&self, lease: Option<&Lease>) -> bool {
        let user = lease.and_then(|lease| lease.assigned_to.as_deref());
        let end = lease.and_then(|lease| lease.expires_at);
        let is_theirs = |wanted: &Text| user.unwrap_or_default() == wanted.as_str();
        self.assigned_to.as_ref().is_none_or(is_theirs)
            && self
                .expires_before
                .is_none_or(|time| end.is_some_and(|end| end < time))
    }
}

impl Orchestrator {
    /// Leases, in the order of clouds and nodes, and whether there are more.
    ///
    /// # Errors
    ///
    /// `unavailable` if the store is.
    pub async fn list_leases(
        &self,
        filter: &LeaseFilter,
        limit: usize,
    ) -> Result<(Vec<LeaseView>, bool)> {
        let store = self.jobs.store();
        let wanted = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let mut rows = store.list_leases(filter, wanted).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let now = store.now();
        let views = rows.into_iter().map(|row| LeaseView::at(row, now));
        Ok((views.collect(), more))
    }

    /// Changes the lease of a node.
    ///
    /// # Errors
    ///
    /// `invalid` for an end that is not in the future; `not_found`; `conflict` if the node is
    /// being destroyed, or would be at once for want of its protection.
    pub async fn change_lease(
        &self,
        call: &Call,
        cloud: &str,
        node: &str,
        change: LeaseChange,
    ) -> Result<NodeView> {
        if let Some(Some(end)) = change.expires_at {
            self.check_end(end)?;
        }
        let now = self.jobs.store().now();
        self.edit_lease(call, cloud, node, |lease| {
            refuse_if_ending(lease)?;
            if let Some(end) = change.expires_at {
                lease.set_end(end.map(Timestamp::as_millisecond));
                lease.end_is_assigned = false;
                lease.end_before = None;
            }
            lease.protected = change.protected.unwrap_or(lease.protected);
            refuse_if_over(lease, now)
        })
        .await
    }

    /// Gives a node to a user.
    ///
    /// # Errors
    ///
    /// `invalid`, naming the field; `not_found`; `conflict` if it is somebody else's, or is being
    /// destroyed.
    pub async fn assign_node(
        &self,
        call: &Call,
        cloud: &str,
        node: &str,
        to: Assignment,
    ) -> Result<NodeView> {
        validate::name("user", &to.user)?;
        validate::optional("purpose", to.purpose.as_deref())?;
        if let Some(end) = to.expires_at {
            self.check_end(end)?;
        }
        let now = self.jobs.store().now();
        self.edit_lease(call, cloud, node, |lease| {
            refuse_if_ending(lease)?;
            if lease
                .assigned_to
                .as_deref()
                .is_some_and(|user| to.user != user)
            {
                return Err(is_taken(lease));
            }
            if lease.assigned_to.is_none() {
                lease.assigned_at = Some(now);
            }
            lease.assigned_to = Some(to.user.to_string());
            lease.purpose = to
                .purpose
                .map(|purpose| purpose.to_string())
                .or(lease.purpose.take());
            if let Some(end) = to.expires_at {
                if !lease.end_is_assigned {
                    lease.end_before = lease.expires_at;
                    lease.end_is_assigned = true;
                }
                lease.set_end(Some(end.as_millisecond()));
            }
            refuse_if_over(lease, now)
        })
        .await
    }

    /// Takes a node back from its user. An end that came with the assignment goes with it.
    ///
    /// # Errors
    ///
    /// `not_found`; `conflict` if it is being destroyed.
    pub async fn release_node(&self, call: &Call, cloud: &str, node: &str) -> Result<NodeView> {
        self.edit_lease(call, cloud, node, |lease| {
            refuse_if_ending(lease)?;
            lease.assigned_to = None;
            lease.purpose = None;
            lease.assigned_at = None;
            if lease.end_is_assigned {
                lease.set_end(lease.end_before);
                lease.end_is_assigned = false;
                lease.end_before = None;
            }
            Ok(())
        })
        .await
    }

    /// Takes a node back from its user and begins to destroy it.
    ///
    /// # Errors
    ///
    /// As [`Orchestrator::change_node`].
    pub async fn release_and_destroy(
        &self,
        call: &Call,
        cloud: &str,
        node: &str,
    ) -> Result<JobHandle> {
        // The lease goes with the node; until then the node is not another's to take.
        self.change_node(call, cloud, node, Change::Destroy, |_| Ok(()))
            .await
    }

    async fn edit_lease(
        &self,
        call: &Call,
        cloud: &str,
        node: &str,
        change: impl FnOnce(&mut LeaseRow) -> Result<()>,
    ) -> Result<NodeView> {
        let farm = self.farm();
        let cloud = farm.get(cloud)?;
        let node: Node = resolve::find(cloud.driver()?, call.cx(), node).await?;
        let store = self.jobs.store();
        let key = (cloud.name().as_str(), node.id.as_str(), node.name.as_str());
        let lease = store.change_lease(key, change).await;
        let lease = lease.map_err(|error| error.with_cloud(cloud.name().clone()))?;
        let lease = lease.map(|row| Box::new(Lease::at(row, store.now())));
        Ok(NodeView { node, lease })
    }

    /// A page of nodes with their leases, without those that have other leases than are wished.
    pub(super) async fn with_leases(
        &self,
        cloud: &str,
        page: Page<Node>,
        wish: &LeaseWish,
    ) -> Result<NodePage> {
        let has_none = page.items.is_empty() || self.jobs.store().knows_no_leases();
        if has_none && wish.is_any() {
            return Ok(NodePage::Plain(page));
        }
        let Page { mut items, next } = NodePage::Plain(page).into_views();
        let looked_up = match has_none {
            true => Ok(()),
            false => Box::pin(self.look_up_leases(cloud, &mut items)).await,
        };
        match looked_up {
            Err(error) if !wish.is_any() => return Err(error),
            // What a cloud has is told even while the store is away.
            Err(error) => log::warn!("nodes of cloud {cloud} are shown without leases: {error:?}"),
            Ok(()) => items.retain(|view| wish.takes(view.lease.as_deref())),
        }
        Ok(NodePage::Leased(Page { items, next }))
    }

    /// Adds the lease to a node, or leaves it out while the store is away.
    pub(super) async fn add_lease_if_known(&self, cloud: &str, view: &mut NodeView) {
        if let Err(error) = self.add_lease(cloud, view).await {
            log::warn!("a node of cloud {cloud} is shown without its lease: {error:?}");
        }
    }

    /// A node with its lease.
    pub(super) async fn with_lease(&self, cloud: &str, node: Node) -> Result<NodeView> {
        let mut view = NodeView::from(node);
        self.add_lease(cloud, &mut view).await?;
        Ok(view)
    }

    async fn add_lease(&self, cloud: &str, view: &mut NodeView) -> Result<()> {
        if self.jobs.store().knows_no_leases() {
            return Ok(());
        }
        // Boxed: every look at a node would carry the room for the store's work.
        Box::pin(self.look_up_leases(cloud, slice::from_mut(view))).await
    }

    async fn look_up_leases(&self, cloud: &str, nodes: &mut [NodeView]) -> Result<()> {
        let store = self.jobs.store();
        let ids: Vec<&str> = nodes.iter().map(|view| view.node.id.as_str()).collect();
        let rows = timeout(PATIENCE, store.leases_of(cloud, &ids)).await;
        let rows = rows.map_err(|_| Error::unavailable("the store does not answer"))??;
        if rows.is_empty() {
            store.look_for_leases().await?;
            return Ok(());
        }
        let named = rows.into_iter().map(|row| (row.node.clone(), row));
        let mut rows: HashMap<String, LeaseRow> = named.collect();
        let now = store.now();
        for view in nodes {
            let row = rows.remove(view.node.id.as_str());
            view.lease = row.map(|row| Box::new(Lease::at(row, now)));
        }
        Ok(())
    }

    /// Refuses a lease that a new node cannot have.
    pub(super) fn check_terms(&self, terms: &LeaseTerms) -> Result<()> {
        terms.expires_at.map_or(Ok(()), |end| self.check_end(end))
    }

    fn check_end(&self, end: Timestamp) -> Result<()> {
        let now = self.jobs.store().now();
        check_end("expires_at", end, now, self.leases.longest.get())
    }

    /// Refuses to destroy the node of this id if it is protected.
    pub(super) async fn check_unprotected(&self, cloud: &str, id: &str, name: &str) -> Result<()> {
        let leases = self.jobs.store().leases_of(cloud, &[id]).await?;
        if leases.iter().any(|lease| lease.protected) {
            return Err(protected(cloud, name));
        }
        Ok(())
    }
}

/// Refuses to destroy a node that is protected.
pub(super) fn check_protection(view: &NodeView) -> Result<()> {
    match &view.lease {
        Some(lease) if lease.protected => Err(is_protected(&view.node)),
        _ => Ok(()),
    }
}

/// The error of a node that may not be destroyed.
pub(super) fn is_protected(node: &Node) -> Error {
    protected(&node.cloud, &node.name)
}

fn protected(cloud: &str, name: &str) -> Error {
    Error::conflict(format!(
        "node {name:?} is protected and may not be destroyed"
    ))
    .with_cloud(Text::from(cloud))
    .with_hint("take the protection off first: `cloudfarm nodes unprotect`")
}

/// Refuses to change the lease of a node that is on its way out. If destroying it was given up, the
/// lease can be changed and ends anew.
fn refuse_if_ending(lease: &mut LeaseRow) -> Result<()> {
    if !lease.is_being_destroyed() {
        if lease.ending {
            lease.set_end(lease.expires_at);
        }
        return Ok(());
    }
    Err(Error::conflict(format!(
        "the lease of node {:?} has ended, and it is being destroyed",
        lease.name
    )))
}

/// Refuses a change after which the node would be destroyed at once.
fn refuse_if_over(lease: &LeaseRow, now: i64) -> Result<()> {
    let end = match lease.expires_at {
        Some(end) if end <= now && !lease.protected => end,
        _ => return Ok(()),
    };
    let end = Timestamp::from_millisecond(end).unwrap_or_default();
    Err(Error::conflict(format!(
        "the lease of node {:?} ended at {end}: it would be destroyed at once",
        lease.name
    ))
    .with_hint("give it another expires_at with the same request, or destroy it"))
}

fn is_taken(lease: &LeaseRow) -> Error {
    let user = lease.assigned_to.as_deref().unwrap_or_default();
    let end = lease
        .expires_at
        .and_then(|end| Timestamp::from_millisecond(end).ok());
    let until = end.map_or_else(String::new, |end| format!(" until {end}"));
    Error::conflict(format!(
        "node {:?} is assigned to {user:?}{until}",
        lease.name
    ))
    .with_hint("it can be assigned once it is released")
}
