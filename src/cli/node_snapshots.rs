//! Snapshots of nodes.

use clap::{Args, Subcommand};
use cloudfarm_contract::model::NodeSnapshot;
use serde_json::json;

use super::confirm::ConfirmArgs;
use super::failure::Result;
use super::filters::CloudArg;
use super::resource::Resource;
use super::session::Session;
use super::table::Column;
use super::text;
use super::verbs::{Collection, DeleteVerb, ListVerb, ShowVerb};
use super::wait::WaitArgs;

impl Resource for NodeSnapshot {
    const NOUN: &'static str = "node snapshot";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::clouds("CLOUD", |snapshot| snapshot.cloud.to_string()),
        Column::new("NAME", |snapshot| snapshot.name.to_string()),
        Column::new("ID", |snapshot| snapshot.id.to_string()),
        Column::new("STATE", |snapshot| snapshot.state.to_string()),
        Column::new("NODE", |snapshot| snapshot.node.to_string()),
        Column::new("CREATED", |snapshot| {
            text::time(snapshot.created_at.as_ref())
        }),
        Column::wide("NATIVE STATE", |snapshot| snapshot.native_state.to_string()),
    ];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn name(&self) -> String {
        self.name.to_string()
    }
}

#[derive(Debug, Args)]
pub(crate) struct NodeSnapshotsArgs {
    #[command(flatten)]
    cloud: CloudArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the snapshots of nodes
    #[command(
        visible_alias = "ls",
        after_help = "Examples:
  cloudfarm node-snapshots list"
    )]
    List(ListVerb),
    /// Show a snapshot
    #[command(after_help = "Examples:
  cloudfarm node-snapshots show before-upgrade")]
    Show(ShowVerb),
    /// Take a snapshot of a node
    #[command(after_help = "Examples:
  cloudfarm node-snapshots create before-upgrade --node web-1 --wait")]
    Create {
        /// The name of the snapshot
        name: String,
        /// The node: its id or its name
        #[arg(long)]
        node: String,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Put the node back to a snapshot; what it has written since is lost
    #[command(after_help = "Examples:
  cloudfarm node-snapshots restore before-upgrade --wait
  cloudfarm node-snapshots restore before-upgrade --yes")]
    Restore {
        /// The snapshot: its id or its name
        snapshot: String,
        #[command(flatten)]
        confirm: ConfirmArgs,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Delete snapshots
    #[command(
        visible_alias = "rm",
        after_help = "Examples:
  cloudfarm node-snapshots delete before-upgrade --yes"
    )]
    Delete(DeleteVerb),
}

pub(crate) async fn run(session: &Session, args: NodeSnapshotsArgs) -> Result<()> {
    let snapshots = Collection {
        session,
        cloud: &args.cloud,
        kind: "node-snapshots",
    };
    match args.verb {
        Verb::List(list) => snapshots.list::<NodeSnapshot>(list).await,
        Verb::Show(show) => snapshots.show::<NodeSnapshot>(show).await,
        Verb::Create { name, node, wait } => {
            let body = json!({ "node": node, "name": name });
            snapshots.create::<NodeSnapshot>(&name, &body, &wait).await
        }
        Verb::Restore {
            snapshot,
            confirm,
            wait,
        } => {
            let names = std::slice::from_ref(&snapshot);
            confirm.confirm("lose what was written since snapshot", names)?;
            snapshots
                .act::<NodeSnapshot>(&snapshot, "restore", &json!({}), &wait, "restored")
                .await
        }
        Verb::Delete(delete) => snapshots.delete::<NodeSnapshot>(delete).await,
    }
}
