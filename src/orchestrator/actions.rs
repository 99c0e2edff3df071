//! Many actions in one call: find what they are about, check each, begin all that can be begun.

use std::collections::BTreeMap;

use cloudfarm_contract::{Driver, Error, NodeQuery, Result, Text, is_glob};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::nodes::NewNode;
use super::plan::{Listed, Plan, Planned, matching};
use super::{Call, Orchestrator, resolve};
use crate::Problem;
use crate::farm::{Farm, fan_out};
use crate::jobs::kinds::Change;
use crate::jobs::{Begun, JobHandle, Jobs, Submission, Work};

/// How many nodes one call may be about.
pub const ACTION_ITEMS_MAX: usize = 1000;

/// From so many nodes of a cloud on, one list of all is cheaper than a look at each.
const LIST_FROM: usize = 4;

/// An action as a client asks for it.
#[derive(Debug)]
pub enum Wanted {
    /// A new node on a cloud.
    Create(Text, Box<NewNode>),
    /// The same change of many nodes.
    Change {
        /// Clouds by name or glob.
        clouds: Vec<Text>,
        /// Nodes by id, name or glob.
        nodes: Vec<Text>,
        /// The change.
        change: Change,
    },
}

/// What became of an action for one node.
#[derive(Debug)]
pub struct ActionItem {
    /// Which of the actions.
    pub index: usize,
    /// On which cloud, where one was found.
    pub cloud: Option<Text>,
    /// The id of the node, where it is there.
    pub id: Option<Text>,
    /// The name of the node, or what was asked for.
    pub name: Text,
    /// The job, or why there is none.
    pub result: std::result::Result<JobHandle, Box<Problem>>,
}

/// The same as it is kept for those who repeat the call.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StoredItem {
    index: usize,
    cloud: Option<Text>,
    id: Option<Text>,
    name: Text,
    job: Option<Uuid>,
    error: Option<Box<Problem>>,
}

impl Orchestrator {
    /// Begins each action for each node that it is about, in one step: either all jobs that can be
    /// begun are stored, or none. A call under a key that was used for it before gives what became
    /// of it then, unless nothing was begun.
    ///
    /// # Errors
    ///
    /// `invalid` for more than [`ACTION_ITEMS_MAX`] nodes, and for a time that has passed;
    /// `unavailable` if the jobs cannot be stored. Why one node cannot be acted on stands in its item.
    pub async fn act(&self, call: &Call, wanted: Vec<Wanted>) -> Result<Vec<ActionItem>> {
        if let Some(known) = self.known(call).await? {
            return Ok(known);
        }
        check_time(call.run_at())?;
        let farm = self.farm();
        let listed = self.list_for(call, &farm, &wanted).await;
        let mut plan = Plan::new(self, call, &farm, &listed);
        for (index, wanted) in wanted.into_iter().enumerate() {
            match wanted {
                Wanted::Create(cloud, node) => plan.create(index, cloud, *node).await,
                Wanted::Change {
                    clouds,
                    nodes,
                    change,
                } => plan.change(index, &clouds, &nodes, &change).await,
            }
            check_count(plan.items.len())?;
        }
        self.begin(call, plan.items).await
    }

    /// Lists the clouds of which many nodes, or globs, are asked for.
    async fn list_for(&self, call: &Call, farm: &Farm, wanted: &[Wanted]) -> Listed {
        let mut counts: BTreeMap<Text, usize> = BTreeMap::new();
        for wanted in wanted {
            let Wanted::Change { clouds, nodes, .. } = wanted else {
                continue;
            };
            let weight = match nodes.iter().any(|node| is_glob(node)) {
                true => LIST_FROM,
                false => nodes.len(),
            };
            for cloud in clouds.iter().flat_map(|cloud| matching(farm, cloud)) {
                *counts.entry(cloud).or_default() += weight;
            }
        }
        let many = counts.iter().filter(|(_, count)| **count >= LIST_FROM);
        let clouds = many.filter_map(|(name, _)| farm.get(name).cloned().ok());
        let answers = fan_out(
            clouds.collect(),
            call.cx(),
            self.settings.fan_out_timeout.get(),
            self.settings.fan_out_concurrency,
            async |driver, cx| {
                resolve::collect(async |page| {
                    let query = NodeQuery {
                        page,
                        ..NodeQuery::default()
                    };
                    driver.list_nodes(&cx, &query).await
                })
                .await
            },
        );
        let answers = answers.await.into_iter();
        answers
            .map(|answer| (answer.cloud, answer.result))
            .collect()
    }

    async fn begin(&self, call: &Call, planned: Vec<Planned>) -> Result<Vec<ActionItem>> {
        let mut works: Vec<(Box<dyn Work>, Submission)> = Vec::new();
        let mut items = Vec::with_capacity(planned.len());
        for item in planned {
            let error = match item.work {
                Ok(work) => {
                    let submission = Submission {
                        // The key is that of the whole call.
                        idempotency: None,
                        ..call.submission()
                    };
                    works.push((work, submission));
                    None
                }
                Err(error) => Some(Problem::new(&error, Some(call.cx().request_id().clone()))),
            };
            items.push(StoredItem {
                index: item.index,
                cloud: item.cloud,
                id: item.id,
                name: item.name,
                job: None,
                error: error.map(Box::new),
            });
        }
        let keep = |ids: &[Uuid]| {
            let mut ids = ids.iter().copied();
            for item in items.iter_mut().filter(|item| item.error.is_none()) {
                item.job = ids.next();
            }
            serde_json::to_string(&items)
                .map_err(|error| Error::internal("the call cannot be kept").with_internal(error))
        };
        // What did nothing is tried anew when it is repeated, as a single request would be.
        let once = call.idempotency().filter(|_| !works.is_empty());
        let begun = self.jobs.submit_call(&works, once, keep);
        let mut handles = match begun.await? {
            Begun::Known(kept) => return self.restore(&kept).await,
            Begun::New(handles) => handles.into_iter(),
        };
        let items = items.into_iter().map(|item| {
            let result = match item.error {
                Some(problem) => Err(problem),
                None => Ok(handles
                    .next()
                    .ok_or_else(|| Error::internal("a job was not stored"))?),
            };
            Ok(ActionItem {
                index: item.index,
                cloud: item.cloud,
                id: item.id,
                name: item.name,
                result,
            })
        });
        items.collect()
    }

    /// What became of the call when it was made before, if it was.
    async fn known(&self, call: &Call) -> Result<Option<Vec<ActionItem>>> {
        let Some(idempotency) = call.idempotency() else {
            return Ok(None);
        };
        match self.jobs.recall(idempotency).await? {
            Some(kept) => self.restore(&kept).await.map(Some),
            None => Ok(None),
        }
    }

    async fn restore(&self, kept: &str) -> Result<Vec<ActionItem>> {
        let items: Vec<StoredItem> = serde_json::from_str(kept)
            .map_err(|error| Error::internal("the call cannot be read").with_internal(error))?;
        let mut restored = Vec::with_capacity(items.len());
        for item in items {
            restored.push(item.restore(&self.jobs).await?);
        }
        Ok(restored)
    }

    /// Refuses actions that are impossible whatever nodes there will be.
    ///
    /// # Errors
    ///
    /// `not_found` for a cloud, an image or a size that is not there; `unsupported` for what a
    /// cloud cannot do; what the clouds fail with that are asked.
    pub(super) async fn check_actions(&self, call: &Call, wanted: Vec<Wanted>) -> Result<()> {
        let farm = self.farm();
        let listed = Listed::new();
        let mut plan = Plan::new(self, call, &farm, &listed);
        for wanted in wanted {
            match wanted {
                Wanted::Create(cloud, node) => drop(plan.plan_create(&cloud, *node).await?),
                Wanted::Change { clouds, change, .. } => {
                    plan.check_change(&clouds, &change).await?;
                }
            }
        }
        Ok(())
    }
}

impl StoredItem {
    async fn restore(self, jobs: &Jobs) -> Result<ActionItem> {
        let result = match (self.job, self.error) {
            (Some(job), _) => Ok(jobs.get(job).await?),
            (None, Some(problem)) => Err(problem),
            (None, None) => return Err(Error::internal("the call cannot be read")),
        };
        Ok(ActionItem {
            index: self.index,
            cloud: self.cloud,
            id: self.id,
            name: self.name,
            result,
        })
    }
}

impl From<&ActionItem> for StoredItem {
    fn from(item: &ActionItem) -> Self {
        Self {
            index: item.index,
            cloud: item.cloud.clone(),
            id: item.id.clone(),
            name: item.name.clone(),
            job: item.result.as_ref().ok().map(JobHandle::id),
            error: item.result.as_ref().err().cloned(),
        }
    }
}

/// When to begin, which must be yet to come.
fn check_time(run_at: Option<Timestamp>) -> Result<()> {
    match run_at {
        Some(at) if at <= Timestamp::now() => Err(Error::invalid(format!("{at} has passed"))
            .with_field("run_at")
            .with_hint("leave run_at out to begin at once")),
        _ => Ok(()),
    }
}

fn check_count(count: usize) -> Result<()> {
    if count <= ACTION_ITEMS_MAX {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "the actions are about more than {ACTION_ITEMS_MAX} nodes"
    ))
    .with_field("actions")
    .with_hint("make several calls of it"))
}
