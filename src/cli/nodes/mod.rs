//! Nodes.

mod actions;
mod columns;
mod console;
mod create;
mod leases;
mod orders;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::failure::Result;
use super::filters::{AllCloudsArg, CloudArg, NodeFilter, Scope};
use super::listing::{List, ListArgs};
use super::session::Session;
use crate::leases::NodeView;

#[derive(Debug, Args)]
pub(crate) struct NodesArgs {
    #[command(flatten)]
    cloud: CloudArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List nodes
    #[command(visible_alias = "ls", after_help = LIST_EXAMPLES)]
    List {
        #[command(flatten)]
        filter: NodeFilter,
        #[command(flatten)]
        all: AllCloudsArg,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show a node
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// The node: its id or its name
        node: String,
    },
    /// Create nodes
    #[command(after_help = create::EXAMPLES)]
    Create(Box<create::CreateArgs>),
    #[command(flatten)]
    Action(actions::Action),
    #[command(flatten)]
    Lease(leases::LeaseVerb),
    /// Print what a node wrote to its console
    #[command(after_help = console::LOG_EXAMPLES)]
    Console(console::LogArgs),
    /// Open a console for the browser, and print its address
    #[command(after_help = console::REMOTE_EXAMPLES)]
    RemoteConsole(console::RemoteArgs),
}

const LIST_EXAMPLES: &str = "Examples:
  cloudfarm nodes list
  cloudfarm nodes list --cloud lab --state running,stopped -o wide
  cloudfarm nodes list --all-clouds --name 'web-*' -o json
  cloudfarm nodes list --metadata role=web --watch
  cloudfarm nodes list --all-clouds --assigned-to alice -o wide";

const SHOW_EXAMPLES: &str = "Examples:
  cloudfarm nodes show web-1
  cloudfarm nodes show web-1 --cloud lab -o yaml";

pub(crate) async fn run(session: &Session, args: NodesArgs) -> Result<()> {
    let NodesArgs { cloud, verb } = args;
    match verb {
        Verb::List { filter, all, list } => {
            List::over(&Scope::of(&cloud, all), "nodes", filter.query()?)
                .print::<NodeView>(session, &list)
                .await
        }
        Verb::Show { node } => {
            let path = ["clouds", &cloud.cloud, "nodes", &node];
            let node: Value = session.client.get(&path, &Vec::new()).await?;
            session.output.one::<NodeView>(&node)
        }
        Verb::Create(create) => create.run(session, &cloud).await,
        Verb::Action(action) => action.run(session, &cloud).await,
        Verb::Lease(verb) => verb.run(session, &cloud).await,
        Verb::Console(log) => log.run(session, &cloud).await,
        Verb::RemoteConsole(remote) => remote.run(session, &cloud).await,
    }
}
