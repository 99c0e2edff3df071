//! Networks.

use clap::{Args, Subcommand};
use cloudfarm_contract::model::Network;

use super::failure::Result;
use super::filters::CloudArg;
use super::resource::Resource;
use super::session::Session;
use super::table::Column;
use super::text;
use super::verbs::{Collection, DeleteVerb, ListVerb, ShowVerb, body, field};
use super::wait::WaitArgs;

impl Resource for Network {
    const NOUN: &'static str = "network";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::clouds("CLOUD", |network| network.cloud.to_string()),
        Column::new("NAME", |network| network.name.to_string()),
        Column::new("ID", |network| network.id.to_string()),
        Column::new("EXTERNAL", |network| text::yes_no(network.external)),
        Column::new("SHARED", |network| text::yes_no(network.shared)),
        Column::wide("SUBNETS", |network| text::list(&network.subnets)),
    ];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn name(&self) -> String {
        self.name.to_string()
    }
}

#[derive(Debug, Args)]
pub(crate) struct NetworksArgs {
    #[command(flatten)]
    cloud: CloudArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List networks
    #[command(
        visible_alias = "ls",
        after_help = "Examples:
  cloudfarm networks list -o wide"
    )]
    List(ListVerb),
    /// Show a network
    #[command(after_help = "Examples:
  cloudfarm networks show backend")]
    Show(ShowVerb),
    /// Create a network
    #[command(after_help = "Examples:
  cloudfarm networks create backend --wait
  cloudfarm networks create backend --cidr 10.1.0.0/16")]
    Create {
        /// The name of the network
        name: String,
        /// Its range of addresses, on clouds where a network has one
        #[arg(long)]
        cidr: Option<String>,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Delete networks
    #[command(
        visible_alias = "rm",
        after_help = "Examples:
  cloudfarm networks delete backend --yes"
    )]
    Delete(DeleteVerb),
}

pub(crate) async fn run(session: &Session, args: NetworksArgs) -> Result<()> {
    let networks = Collection {
        session,
        cloud: &args.cloud,
        kind: "networks",
    };
    match args.verb {
        Verb::List(list) => networks.list::<Network>(list).await,
        Verb::Show(show) => networks.show::<Network>(show).await,
        Verb::Create { name, cidr, wait } => {
            let body = body([("name", Some(name.as_str().into())), ("cidr", field(&cidr))]);
            networks.create::<Network>(&name, &body, &wait).await
        }
        Verb::Delete(delete) => networks.delete::<Network>(delete).await,
    }
}
