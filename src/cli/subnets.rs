//! Subnets.

use std::net::IpAddr;

use clap::{Args, Subcommand};
use cloudfarm_contract::model::Subnet;

use super::failure::Result;
use super::filters::CloudArg;
use super::resource::Resource;
use super::session::Session;
use super::table::Column;
use super::text;
use super::verbs::{Collection, DeleteVerb, ListVerb, ShowVerb, body, field};
use super::wait::WaitArgs;

impl Resource for Subnet {
    const NOUN: &'static str = "subnet";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::clouds("CLOUD", |subnet| subnet.cloud.to_string()),
        Column::new("NAME", |subnet| subnet.name.to_string()),
        Column::new("ID", |subnet| subnet.id.to_string()),
        Column::new("NETWORK", |subnet| subnet.network.to_string()),
        Column::new("CIDR", |subnet| subnet.cidr.to_string()),
        Column::wide("GATEWAY", |subnet| text::optional(subnet.gateway.as_ref())),
        Column::wide("DHCP", |subnet| {
            text::optional(subnet.dhcp.map(text::yes_no).as_ref())
        }),
        Column::wide("LOCATION", |subnet| {
            text::optional(subnet.location.as_ref())
        }),
    ];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn name(&self) -> String {
        self.name.to_string()
    }
}

#[derive(Debug, Args)]
pub(crate) struct SubnetsArgs {
    #[command(flatten)]
    cloud: CloudArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List subnets
    #[command(
        visible_alias = "ls",
        after_help = "Examples:
  cloudfarm subnets list -o wide"
    )]
    List(ListVerb),
    /// Show a subnet
    #[command(after_help = "Examples:
  cloudfarm subnets show backend-a")]
    Show(ShowVerb),
    /// Create a subnet on a network
    #[command(after_help = "Examples:
  cloudfarm subnets create backend-a --network backend --cidr 10.1.2.0/24 --wait
  cloudfarm subnets create backend-b --network backend --cidr 10.1.3.0/24 --dhcp false")]
    Create(CreateArgs),
    /// Delete subnets
    #[command(
        visible_alias = "rm",
        after_help = "Examples:
  cloudfarm subnets delete backend-a --yes"
    )]
    Delete(DeleteVerb),
}

#[derive(Debug, Args)]
struct CreateArgs {
    /// The name of the subnet
    name: String,
    /// The network: its id or its name
    #[arg(long)]
    network: String,
    /// Its range of addresses
    #[arg(long)]
    cidr: String,
    /// Its gateway
    #[arg(long, value_name = "IP")]
    gateway: Option<IpAddr>,
    /// Whether nodes are told their address by DHCP
    #[arg(long, value_name = "true|false")]
    dhcp: Option<bool>,
    /// Where it shall be, on clouds that tie a subnet to a location
    #[arg(long)]
    location: Option<String>,
    #[command(flatten)]
    wait: WaitArgs,
}

pub(crate) async fn run(session: &Session, args: SubnetsArgs) -> Result<()> {
    let subnets = Collection {
        session,
        cloud: &args.cloud,
        kind: "subnets",
    };
    match args.verb {
        Verb::List(list) => subnets.list::<Subnet>(list).await,
        Verb::Show(show) => subnets.show::<Subnet>(show).await,
        Verb::Create(create) => {
            let body = body([
                ("network", Some(create.network.into())),
                ("name", Some(create.name.as_str().into())),
                ("cidr", Some(create.cidr.into())),
                ("gateway", field(&create.gateway)),
                ("dhcp", field(&create.dhcp)),
                ("location", field(&create.location)),
            ]);
            subnets
                .create::<Subnet>(&create.name, &body, &create.wait)
                .await
        }
        Verb::Delete(delete) => subnets.delete::<Subnet>(delete).await,
    }
}
