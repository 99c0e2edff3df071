//! Which nodes a command acts on: ids, names and globs become one target each.

use std::collections::BTreeSet;

use clap::Args;
use cloudfarm_contract::{escape_glob, is_glob};
use serde_json::Value;

use super::exit::Exit;
use super::failure::{Failure, Result};
use super::filters::{AllCloudsArg, CloudArg, Scope};
use super::listing::List;
use super::session::Session;

#[derive(Debug, Clone, Args)]
pub(crate) struct NodeTargets {
    /// Nodes: ids, names, or globs as 'web-*', which take in every match
    #[arg(required = true, value_name = "NODE")]
    pub(crate) nodes: Vec<String>,
    #[command(flatten)]
    pub(crate) all: AllCloudsArg,
}

/// One node to act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) cloud: String,
    /// Its id, or the name that the server makes an id of.
    pub(crate) node: String,
    /// What people call it.
    pub(crate) label: String,
}

impl NodeTargets {
    /// Every node that is meant, once.
    pub(crate) async fn resolve(&self, session: &Session, cloud: &CloudArg) -> Result<Vec<Target>> {
        let scope = Scope::of(cloud, self.all);
        let mut targets = Vec::new();
        for node in &self.nodes {
            match &scope {
                Scope::One(cloud) if !is_glob(node) => targets.push(Target {
                    cloud: cloud.clone(),
                    node: node.clone(),
                    label: node.clone(),
                }),
                _ => targets.extend(matching(session, &scope, node).await?),
            }
        }
        let mut seen = BTreeSet::new();
        targets.retain(|target| seen.insert((target.cloud.clone(), target.node.clone())));
        Ok(targets)
    }
}

/// The nodes of this name, or of names like this. A cloud that does not answer stops the command:
/// its nodes would be left out without anybody noticing.
async fn matching(session: &Session, scope: &Scope, wanted: &str) -> Result<Vec<Target>> {
    let glob = if is_glob(wanted) {
        wanted.to_owned()
    } else {
        escape_glob(wanted).as_str().to_owned()
    };
    let list = List::over(scope, "nodes", vec![("name", glob)]);
    let (nodes, clouds) = list.fetch(&session.client, None).await?;
    clouds.verdict()?;
    if nodes.is_empty() {
        return Err(
            Failure::new(Exit::NotFound, format!("no node matches {wanted:?}"))
                .hint("`cloudfarm nodes list --all-clouds` shows the nodes there are"),
        );
    }
    let labelled = matches!(scope, Scope::Farm(_));
    nodes.iter().map(|node| target(node, labelled)).collect()
}

fn target(node: &Value, with_cloud: bool) -> Result<Target> {
    let text = |key: &str| {
        node[key].as_str().map(str::to_owned).ok_or_else(|| {
            Failure::new(
                Exit::Failed,
                format!("the server listed a node without {key}"),
            )
        })
    };
    let (cloud, name) = (text("cloud")?, text("name")?);
    let label = if with_cloud {
        format!("{cloud}/{name}")
    } else {
        name
    };
    Ok(Target {
        node: text("id")?,
        cloud,
        label,
    })
}
