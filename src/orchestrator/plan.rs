//! What actions come to: which nodes they are about, and the work for each.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use cloudfarm_contract::layers::{Layered, check_node_create};
use cloudfarm_contract::model::Node;
use cloudfarm_contract::{Driver, Error, ErrorKind, Result, Text, is_glob, name_matches};

use super::nodes::{self, NewNode, NodeParts};
use super::{Call, Orchestrator, leases, resolve};
use crate::farm::Farm;
use crate::jobs::Work;
use crate::jobs::kinds::{Change, Create, NodeChange};
use crate::leases::Leased;

/// What an action comes to for one node.
pub(super) struct Planned {
    pub(super) index: usize,
    pub(super) cloud: Option<Text>,
    pub(super) id: Option<Text>,
    pub(super) name: Text,
    pub(super) work: Result<Box<dyn Work>>,
}

/// The nodes of a cloud that was asked for all of them.
pub(super) type Listed = BTreeMap<Text, Result<Vec<Node>>>;

/// The names of the clouds that a name or glob takes in; a name that no cloud has stays.
pub(super) fn matching(farm: &Farm, pattern: &Text) -> Vec<Text> {
    if !is_glob(pattern) {
        return vec![pattern.clone()];
    }
    let names = farm.clouds().map(|cloud| cloud.name().clone());
    names.filter(|name| name_matches(pattern, name)).collect()
}

/// What the actions come to.
pub(super) struct Plan<'a> {
    orchestrator: &'a Orchestrator,
    call: &'a Call,
    farm: &'a Farm,
    listed: &'a Listed,
    pub(super) items: Vec<Planned>,
    /// Which action a node is in already.
    taken: HashMap<(Text, Text), usize>,
    /// What the last new node is made of, and for which cloud and look-ups that holds.
    parts: Option<((Text, String), NodeParts)>,
    /// The nodes of a cloud that may not be destroyed.
    protected: HashMap<Text, HashSet<String>>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        orchestrator: &'a Orchestrator,
        call: &'a Call,
        farm: &'a Farm,
        listed: &'a Listed,
    ) -> Self {
        Self {
            orchestrator,
            call,
            farm,
            listed,
            items: Vec::new(),
            taken: HashMap::new(),
            parts: None,
            protected: HashMap::new(),
        }
    }

    pub(super) async fn create(&mut self, index: usize, cloud: Text, node: NewNode) {
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

    pub(super) async fn plan_create(
        &mut self,
        cloud: &Text,
        node: NewNode,
    ) -> Result<Box<dyn Work>> {
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

    /// Refuses a change that is impossible whatever the nodes are like.
    pub(super) async fn check_change(&self, clouds: &[Text], change: &Change) -> Result<()> {
        for pattern in clouds {
            let found = matching(self.farm, pattern);
            if found.is_empty() {
                return Err(Error::not_found(format!("no cloud matches {pattern:?}")));
            }
            for cloud in found.iter().filter(|_| !is_glob(pattern)) {
                let driver = self.driver(cloud)?;
                nodes::check_capable(driver, change)?;
                nodes::resolve_change(driver, self.call, change.clone()).await?;
            }
        }
        Ok(())
    }

    fn driver(&self, cloud: &str) -> Result<&Arc<Layered>> {
        self.farm.get(cloud)?.driver()
    }

    pub(super) async fn change(
        &mut self,
        index: usize,
        clouds: &[Text],
        nodes: &[Text],
        change: &Change,
    ) {
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
        // What is legal at another time is found out then.
        match self.call.run_at() {
            Some(_) => nodes::check_capable(driver, change)?,
            None => nodes::check_actions(driver, node, change)?,
        }
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
