//! Orphans: what bears a mark of ours on a cloud and is nobody's.

use std::collections::{HashMap, HashSet};

use cloudfarm_contract::model::{
    Address, Image, Network, Node, NodeSnapshot, Router, SecurityGroup, Subnet, Volume,
    VolumeSnapshot,
};
use cloudfarm_contract::{
    Driver, Error, ErrorKind, ListQuery, MarkFilter, NodeQuery, Result, Text,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::resources::OnCloud;
use super::{Call, Orchestrator, resolve};
use crate::farm::{Deletable, Resource};
use crate::jobs::kinds::{Change, Delete, NodeChange};
use crate::jobs::{JobHandle, ResourceRef};
use crate::store::{Accounted, Maker};

/// What bears a mark of ours and is nobody's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Orphan {
    /// The cloud it is on.
    pub cloud: Text,
    /// `node`, `volume` ...
    pub kind: Text,
    /// The provider's id.
    pub id: Text,
    /// The name.
    pub name: Text,
    /// The provider's own word for its state; `null` where it has none.
    pub native_state: Option<Text>,
    /// The job whose mark it bears; `null` if the mark names none.
    pub job: Option<Uuid>,
    /// Why it is nobody's.
    pub reason: OrphanReason,
}

/// Why something is nobody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrphanReason {
    /// The job is not known here: another cloudfarm made it, or the store was lost.
    UnknownJob,
    /// The job has ended and does not know that it made this.
    NotItsOwn,
    /// The job failed and could not undo it.
    LeftBehind,
}

/// What can be said of an orphan without touching it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excuse {
    /// It is wanted, and ours from now on.
    Adopt,
    /// It is not ours to care for.
    Forget,
}

/// A thing with a mark.
struct Marked {
    orphan: Orphan,
    /// The nodes that it hangs on.
    on: Vec<Text>,
}

impl Orchestrator {
    /// What bears a mark of ours on a cloud, and is nobody's.
    ///
    /// # Errors
    ///
    /// `not_found` for an unknown cloud; what the cloud fails with; `unavailable` if the store is.
    pub async fn orphans(&self, call: &Call, cloud: &str) -> Result<Vec<Orphan>> {
        let on = self.on(call, cloud)?;
        let marked = all_marked(&on).await?;
        let store = self.jobs.store();
        // Read after the cloud: what was made meanwhile is known by now.
        let jobs: HashSet<Uuid> = marked.iter().filter_map(|of| of.orphan.job).collect();
        let makers = store.makers(&Vec::from_iter(jobs)).await?;
        let makers: HashMap<Uuid, Maker> = makers.into_iter().map(|of| (of.id, of)).collect();
        let accounted = store.accounted(&on.cloud).await?;
        let is_accounted = |orphan: &Orphan| {
            let is_it = |of: &Accounted| orphan.kind == *of.kind && orphan.id == *of.id;
            accounted.iter().any(is_it)
        };
        let mut orphans = Vec::new();
        for Marked { mut orphan, on } in marked {
            let maker = orphan.job.and_then(|job| makers.get(&job));
            let Some(reason) = reason(&orphan, &on, maker) else {
                continue;
            };
            orphan.reason = reason;
            if !is_accounted(&orphan) {
                orphans.push(orphan);
            }
        }
        Ok(orphans)
    }

    /// Says that an orphan is wanted, or is not to be shown any more.
    ///
    /// # Errors
    ///
    /// `not_found` if there is no such orphan; as [`Orchestrator::orphans`].
    pub async fn excuse_orphan(
        &self,
        call: &Call,
        cloud: &str,
        (kind, id): (&str, &str),
        excuse: Excuse,
    ) -> Result<Orphan> {
        let orphan = self.orphan(call, cloud, kind, id).await?;
        let how = match excuse {
            Excuse::Adopt => "adopted",
            Excuse::Forget => "forgotten",
        };
        let thing = Accounted {
            kind: orphan.kind.to_string(),
            id: orphan.id.to_string(),
            how: how.to_owned(),
        };
        self.jobs.store().account_for(&orphan.cloud, &thing).await?;
        Ok(orphan)
    }

    /// Begins to delete an orphan.
    ///
    /// # Errors
    ///
    /// `not_found` if there is no such orphan; as [`Orchestrator::orphans`].
    pub async fn destroy_orphan(
        &self,
        call: &Call,
        cloud: &str,
        (kind, id): (&str, &str),
    ) -> Result<JobHandle> {
        let orphan = self.orphan(call, cloud, kind, id).await?;
        let on = self.on(call, cloud)?;
        match orphan.kind.as_str() {
            Node::KIND => {
                self.check_unprotected(&orphan.cloud, &orphan.id, &orphan.name)
                    .await?;
                let work = NodeChange {
                    cloud: orphan.cloud,
                    node: orphan.id,
                    change: Change::Destroy,
                };
                on.submit(work).await
            }
            Volume::KIND => delete::<Volume>(on, orphan).await,
            VolumeSnapshot::KIND => delete::<VolumeSnapshot>(on, orphan).await,
            NodeSnapshot::KIND => delete::<NodeSnapshot>(on, orphan).await,
            Image::KIND => delete::<Image>(on, orphan).await,
            Network::KIND => delete::<Network>(on, orphan).await,
            Subnet::KIND => delete::<Subnet>(on, orphan).await,
            Router::KIND => delete::<Router>(on, orphan).await,
            SecurityGroup::KIND => delete::<SecurityGroup>(on, orphan).await,
            Address::KIND => delete::<Address>(on, orphan).await,
            other => Err(Error::internal(format!("a {other} cannot be deleted"))),
        }
    }

    async fn orphan(&self, call: &Call, cloud: &str, kind: &str, id: &str) -> Result<Orphan> {
        let orphans = self.orphans(call, cloud).await?;
        let mut orphans = orphans.into_iter();
        orphans
            .find(|orphan| orphan.kind == *kind && orphan.id == *id)
            .ok_or_else(|| {
                Error::not_found(format!("there is no orphan {kind} {id:?}"))
                    .with_cloud(Text::from(cloud))
                    .with_hint("what is somebody's, or was excused, is no orphan")
            })
    }
}

async fn delete<R: Deletable>(on: OnCloud<'_>, orphan: Orphan) -> Result<JobHandle> {
    on.check(R::check_delete)?;
    on.submit(Delete::<R>::new(orphan.cloud, orphan.id)).await
}

/// Why a thing is nobody's; `None` if it is somebody's, or may yet be.
fn reason(orphan: &Orphan, on: &[Text], maker: Option<&Maker>) -> Option<OrphanReason> {
    let Some(maker) = maker else {
        return Some(OrphanReason::UnknownJob);
    };
    if !maker.state.has_ended() {
        return None;
    }
    let made: Vec<ResourceRef> = serde_json::from_str(&maker.made).unwrap_or_default();
    let is_made = made.iter().any(|made| {
        let id = made.id.as_ref();
        let is_it = made.kind == orphan.kind && id == Some(&orphan.id);
        // A boot disk bears the mark of the node that it was made with.
        is_it || (made.kind == *Node::KIND && id.is_some_and(|id| on.contains(id)))
    });
    match (is_made, maker.state) {
        (true, crate::store::RowState::Finished) => None,
        (true, _) => Some(OrphanReason::LeftBehind),
        (false, _) => Some(OrphanReason::NotItsOwn),
    }
}

/// All that bears a mark, of every kind that the cloud has.
async fn all_marked(on: &OnCloud<'_>) -> Result<Vec<Marked>> {
    let mut marked = Vec::new();
    let nodes = resolve::collect(async |page| {
        let query = NodeQuery {
            page,
            mark: Some(MarkFilter::Any),
            ..NodeQuery::default()
        };
        on.driver.list_nodes(on.call.cx(), &query).await
    });
    let nodes = nodes.await?;
    marked.extend(
        nodes
            .iter()
            .filter_map(|node| found(&on.cloud, node, Vec::new())),
    );
    let volumes = list::<Volume>(on).await?;
    marked.extend(volumes.iter().filter_map(|volume| {
        let nodes = volume.attachments.iter().map(|at| at.node.clone());
        found(&on.cloud, volume, nodes.collect())
    }));
    add::<VolumeSnapshot>(on, &mut marked).await?;
    add::<NodeSnapshot>(on, &mut marked).await?;
    if on.driver.node_images().is_some() {
        add::<Image>(on, &mut marked).await?;
    }
    add::<Network>(on, &mut marked).await?;
    add::<Subnet>(on, &mut marked).await?;
    add::<Router>(on, &mut marked).await?;
    add::<SecurityGroup>(on, &mut marked).await?;
    add::<Address>(on, &mut marked).await?;
    Ok(marked)
}

async fn add<R: Resource>(on: &OnCloud<'_>, marked: &mut Vec<Marked>) -> Result<()> {
    let listed = list::<R>(on).await?;
    marked.extend(
        listed
            .iter()
            .filter_map(|thing| found(&on.cloud, thing, Vec::new())),
    );
    Ok(())
}

/// All things of a kind; none where the cloud does not have them.
async fn list<R: Resource>(on: &OnCloud<'_>) -> Result<Vec<R>> {
    let listed = resolve::collect(async |page| {
        let query = ListQuery { page, name: None };
        R::list(&on.driver, on.call.cx(), &query).await
    });
    match listed.await {
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(Vec::new()),
        listed => listed,
    }
}

fn found<R: Resource>(cloud: &Text, thing: &R, on: Vec<Text>) -> Option<Marked> {
    let mark = thing.mark()?.as_str();
    // What comes after the id tells apart what a job made before and after it undid something.
    let job = mark.split('.').next().and_then(|id| id.parse().ok());
    let orphan = Orphan {
        cloud: cloud.clone(),
        kind: Text::from_static(R::KIND),
        id: thing.id().clone(),
        name: thing.name(),
        native_state: thing.native_state(),
        job,
        reason: OrphanReason::UnknownJob,
    };
    Some(Marked { orphan, on })
}
