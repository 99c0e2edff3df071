//! Many actions in one call: find what they are about, check each, begin all that can be begun.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use cloudfarm_contract::layers::{Layered, check_node_create};
use cloudfarm_contract::model::Node;
use cloudfarm_contract::{
    Driver, Error, ErrorKind, NodeQuery, Result, Text, is_glob, name_matches,
};

use super::nodes::{self, NewNode, NodeParts};
use super::{Call, Orchestrator, leases, resolve};
use crate::farm::{Farm, fan_out};
use crate::jobs::kinds::{Change, Create, NodeChange};
use crate::jobs::{JobHandle, Submission, Work};
use crate::leases::Leased;

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
    pub result: Result<JobHandle>,
}

/// What an action comes to for one node.
struct Planned {
    index: usize,
    cloud: Option<Text>,
    id: Option<Text>,
    name: Text,
    work: Result<Box<dyn Work>>,
}

/// The nodes of a cloud that was asked for all of them.
type Listed = BTreeMap<Text, Result<Vec<Node>>>;

impl Orchestrator {
    /// Begins each action for each node that it is about, in one step: either all jobs that can be
    /// begun are stored, or none.
    ///
    /// # Errors
    ///
    /// `invalid` for more than [`ACTION_ITEMS_MAX`] nodes; `unavailable` if the jobs cannot be
    /// stored. Why one node cannot be acted on stands in its item.
    pub async fn act(&self, call: &Call, wanted: Vec<Wanted>) -> Result<Vec<ActionItem>> {
        let farm = self.farm();
        let listed = self.list_for(call, &farm, &wanted).await;
        let mut plan = Plan {
            orchestrator: self,
            call,
            farm: &farm,
            listed: &listed,
            items: Vec::new(),
            taken: HashMap::new(),
            parts: None,
            protected: HashMap::new(),
        };
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
            let refused = match item.work {
                Ok(work) => {
                    works.push((work, call.submission()));
                    None
                }
                Err(error) => Some(error),
            };
            items.push((item.index, item.cloud, item.id, item.name, refused));
        }
        let mut handles = self.jobs.submit_all(&works).await?.into_iter();
        let items = items.into_iter().map(|(index, cloud, id, name, refused)| {
            let result = match refused {
                Some(error) => Err(error),
                None => handles
                    .next()
                    .ok_or_else(|| Error::internal("a job was not stored")),
            };
            ActionItem {
                index,
                cloud,
                id,
                name,
                result,
            }
        });
        Ok(items.collect())
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

/// The names of the clouds that a name or glob takes in; a name that no cloud has stays.
fn matching(farm: &Farm, pattern: &Text) -> Vec<Text> {
    if !is_glob(pattern) {
        return vec![pattern.clone()];
    }
    let names = farm.clouds().map(|cloud| cloud.name().clone());
    names.filter(|name| name_matches(pattern, name)).collect()
}

/// What the actions come to.
struct Plan<'a> {
    orchestrator: &'a Orchestrator,
    call: &'a Call,
    farm: &'a Farm,
    listed: &'a Listed,
    items: Vec<Planned>,
    /// Which action a node is in already.
    taken: HashMap<(Text, Text), usize>,
    /// What the last new node is made of, and for which cloud and look-ups that holds.
    parts: Option<((Text, String), NodeParts)>,
    /// The nodes of a cloud that may not be destroyed.
    protected: HashMap<Text, HashSet<String>>,
}

impl Plan<'_> {
    async fn create(&mut self, index: usize, cloud: Text, node: NewNode) {
        let name = node.name.clone();
        let work = self.plan_create(&cloud, node).await;
        self.items.push(Planned {
            index,
            cloud: Some(cloud),
            id: None,
            name,
            work,
        });
    }

    async fn plan_create(&mut self, cloud: &Text, node: NewNode) -> Result<Box<dyn Work>> {
        nodes::check_new(&node)?;
        self.orchestrator.check_terms(&node.terms)?;
        let terms = node.terms.clone();
        let driver = self.farm.get(cloud)?.driver()?;
        let key = (cloud.clone(), node.look_ups());
        // Many nodes are made of the same parts.
        let parts = match &self.parts {
            Some((known, parts)) if *known == key => parts.clone(),
            _ => {
                let parts = nodes::find_parts(driver, self.call, &node).await?;
                self.parts.insert((key, parts)).1.clone()
            }
        };
        let request = nodes::assemble(node, parts);
        check_node_create(driver.capabilities(), &request)
            .map_err(|error| error.with_cloud(cloud.clone()))?;
        let work = Create {
            cloud: cloud.clone(),
            request,
        };
        Ok(if terms.is_empty() {
            Box::new(work)
        } else {
            Box::new(Leased { work, terms })
        })
    }

    fn driver(&self, cloud: &str) -> Result<&Arc<Layered>> {
        self.farm.get(cloud)?.driver()
    }

    async fn change(&mut self, index: usize, clouds: &[Text], nodes: &[Text], change: &Change) {
        let mut names: Vec<Text> = Vec::new();
        for pattern in clouds {
            let found = matching(self.farm, pattern);
            if found.is_empty() {
                let error = Error::not_found(format!("no cloud matches {pattern:?}"));
                self.refuse(index, None, pattern, error);
            }
            names.extend(found);
        }
        names.sort();
        names.dedup();
        let mut changes = HashMap::new();
        for wanted in nodes {
            let mut found_any = false;
            for cloud in &names {
                match self.find(cloud, wanted).await {
                    Ok(found) => {
                        found_any = true;
                        for node in found {
                            let work = self.plan_change(index, &node, change, &mut changes).await;
                            self.add(index, node, work);
                        }
                    }
                    Err(error) if error.kind() == ErrorKind::NotFound && names.len() > 1 => {}
                    Err(error) => {
                        found_any = true;
                        self.refuse(index, Some(cloud), wanted, error);
                    }
                }
            }
            if !found_any && !names.is_empty() {
                let error = Error::not_found(format!("no node matches {wanted:?}"));
                self.refuse(index, None, wanted, error);
            }
        }
    }

    /// The nodes of a cloud that an id, a name or a glob means.
    async fn find(&self, cloud: &Text, wanted: &Text) -> Result<Vec<Node>> {
        let Some(listed) = self.listed.get(cloud) else {
            let driver = self.driver(cloud)?;
            let found = resolve::find::<Node>(driver, self.call.cx(), wanted);
            return Ok(vec![found.await?]);
        };
        let listed = listed.as_ref().map_err(Clone::clone)?;
        let found: Vec<Node> = if is_glob(wanted) {
            let like = listed
                .iter()
                .filter(|node| name_matches(wanted, &node.name));
            like.cloned().collect()
        } else if let Some(node) = listed.iter().find(|node| node.id == *wanted) {
            vec![node.clone()]
        } else {
            let named: Vec<&Node> = listed.iter().filter(|node| node.name == *wanted).collect();
            let one = resolve::one("node", wanted, named, |node| {
                (node.id.clone(), node.name.clone())
            });
            vec![
                one.map_err(|error| error.with_cloud(cloud.clone()))?
                    .clone(),
            ]
        };
        if found.is_empty() {
            return Err(
                Error::not_found(format!("no node matches {wanted:?}")).with_cloud(cloud.clone())
            );
        }
        Ok(found)
    }

    /// The job of one node. What a change names is looked up once for each cloud.
    async fn plan_change(
        &mut self,
        index: usize,
        node: &Node,
        change: &Change,
        changes: &mut HashMap<Text, Result<Change>>,
    ) -> Result<Box<dyn Work>> {
        let is_protected = matches!(change, Change::Destroy) && self.is_protected(node).await?;
        let driver = self.driver(&node.cloud)?;
        let taken = self.taken.get(&(node.cloud.clone(), node.id.clone()));
        if taken.is_some_and(|other| *other != index) {
            return Err(Error::conflict(format!(
                "node {:?} is in another action of this call already",
                node.name.as_str()
            ))
            .with_cloud(node.cloud.clone())
            .with_hint("make a second call once the first change is done"));
        }
        nodes::check_actions(driver, node, change)?;
        if is_protected {
            return Err(leases::is_protected(node));
        }
        if !changes.contains_key(&node.cloud) {
            let resolved = nodes::resolve_change(driver, self.call, change.clone()).await;
            changes.insert(node.cloud.clone(), resolved);
        }
        let change = match changes.get(&node.cloud) {
            Some(resolved) => resolved.clone()?,
            None => change.clone(),
        };
        Ok(Box::new(NodeChange {
            cloud: node.cloud.clone(),
            node: node.id.clone(),
            change,
        }))
    }

    /// Whether a node may not be destroyed; it is asked once for each cloud which may not.
    async fn is_protected(&mut self, node: &Node) -> Result<bool> {
        if !self.protected.contains_key(&node.cloud) {
            let store = self.orchestrator.jobs.store();
            let protected = store.protected_nodes(&node.cloud).await?;
            let protected = protected.into_iter().collect();
            self.protected.insert(node.cloud.clone(), protected);
        }
        let known = self.protected.get(&node.cloud);
        Ok(known.is_some_and(|protected| protected.contains(node.id.as_str())))
    }

    /// Adds what a node comes to, once for each action.
    fn add(&mut self, index: usize, node: Node, work: Result<Box<dyn Work>>) {
        let key = (node.cloud.clone(), node.id.clone());
        if self.taken.get(&key) == Some(&index) {
            return;
        }
        self.taken.entry(key).or_insert(index);
        self.items.push(Planned {
            index,
            cloud: Some(node.cloud),
            id: Some(node.id),
            name: node.name,
            work,
        });
    }

    fn refuse(&mut self, index: usize, cloud: Option<&Text>, wanted: &Text, error: Error) {
        self.items.push(Planned {
            index,
            cloud: cloud.cloned(),
            id: None,
            name: wanted.clone(),
            work: Err(error),
        });
    }
}
