//! Addresses with a life of their own: floating and elastic IPs.

use std::net::IpAddr;

use clap::{Args, Subcommand};
use cloudfarm_contract::model::Address;
use serde_json::json;

use super::failure::Result;
use super::filters::CloudArg;
use super::resource::Resource;
use super::session::Session;
use super::table::Column;
use super::text;
use super::verbs::{Collection, DeleteVerb, ListVerb, ShowVerb, body, field};
use super::wait::WaitArgs;

impl Resource for Address {
    const NOUN: &'static str = "address";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::clouds("CLOUD", |address| address.cloud.to_string()),
        Column::new("IP", |address| address.ip.to_string()),
        Column::new("ID", |address| address.id.to_string()),
        Column::new("NODE", |address| text::optional(address.node.as_ref())),
        Column::new("FIXED IP", |address| {
            text::optional(address.fixed_ip.as_ref())
        }),
        Column::wide("NETWORK", |address| {
            text::optional(address.network.as_ref())
        }),
        Column::wide("VERSION", |address| u8::from(address.version).to_string()),
    ];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn name(&self) -> String {
        self.ip.to_string()
    }
}

#[derive(Debug, Args)]
pub(crate) struct AddressesArgs {
    #[command(flatten)]
    cloud: CloudArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List addresses
    #[command(
        visible_alias = "ls",
        after_help = "Examples:
  cloudfarm addresses list"
    )]
    List(ListVerb),
    /// Show an address
    #[command(after_help = "Examples:
  cloudfarm addresses show 203.0.113.7")]
    Show(ShowVerb),
    /// Allocate an address
    #[command(after_help = "Examples:
  cloudfarm addresses create --wait
  cloudfarm addresses create --network public --wait")]
    Create {
        /// The external network to take it from, where there are several
        #[arg(long)]
        network: Option<String>,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Let an address lead to a node
    #[command(after_help = "Examples:
  cloudfarm addresses associate 203.0.113.7 --node web-1 --wait
  cloudfarm addresses associate 203.0.113.7 --node web-1 --fixed-ip 10.0.0.5")]
    Associate {
        /// The address: its id or its IP
        address: String,
        /// The node: its id or its name
        #[arg(long)]
        node: String,
        /// Which of the node's fixed addresses
        #[arg(long, value_name = "IP")]
        fixed_ip: Option<IpAddr>,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Let an address lead nowhere
    #[command(after_help = "Examples:
  cloudfarm addresses disassociate 203.0.113.7 --wait")]
    Disassociate {
        /// The address: its id or its IP
        address: String,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Release addresses; somebody else may get them
    #[command(
        visible_alias = "rm",
        after_help = "Examples:
  cloudfarm addresses delete 203.0.113.7 --yes"
    )]
    Delete(DeleteVerb),
}

pub(crate) async fn run(session: &Session, args: AddressesArgs) -> Result<()> {
    let addresses = Collection {
        session,
        cloud: &args.cloud,
        kind: "addresses",
    };
    match args.verb {
        Verb::List(list) => addresses.list::<Address>(list).await,
        Verb::Show(show) => addresses.show::<Address>(show).await,
        Verb::Create { network, wait } => {
            let body = body([("network", field(&network))]);
            addresses.create::<Address>("address", &body, &wait).await
        }
        Verb::Associate {
            address,
            node,
            fixed_ip,
            wait,
        } => {
            let body = body([("node", Some(node.into())), ("fixed_ip", field(&fixed_ip))]);
            addresses
                .act::<Address>(&address, "associate", &body, &wait, "associated")
                .await
        }
        Verb::Disassociate { address, wait } => {
            addresses
                .act::<Address>(&address, "disassociate", &json!({}), &wait, "disassociated")
                .await
        }
        Verb::Delete(delete) => addresses.delete::<Address>(delete).await,
    }
}
