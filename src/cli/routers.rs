//! Routers.

use clap::{Args, Subcommand};
use cloudfarm_contract::model::Router;
use serde_json::{Map, Value, json};

use super::failure::Result;
use super::filters::CloudArg;
use super::resource::Resource;
use super::session::Session;
use super::table::Column;
use super::text;
use super::verbs::{Collection, DeleteVerb, ListVerb, ShowVerb, body, field};
use super::wait::WaitArgs;

impl Resource for Router {
    const NOUN: &'static str = "router";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::clouds("CLOUD", |router| router.cloud.to_string()),
        Column::new("NAME", |router| router.name.to_string()),
        Column::new("ID", |router| router.id.to_string()),
        Column::new("EXTERNAL NETWORK", |router| {
            text::optional(router.external_network.as_ref())
        }),
        Column::new("SUBNETS", |router| text::list(&router.subnets)),
        Column::wide("EXTERNAL IPS", |router| text::list(&router.external_ips)),
    ];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn name(&self) -> String {
        self.name.to_string()
    }
}

#[derive(Debug, Args)]
pub(crate) struct RoutersArgs {
    #[command(flatten)]
    cloud: CloudArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List routers
    #[command(
        visible_alias = "ls",
        after_help = "Examples:
  cloudfarm routers list -o wide"
    )]
    List(ListVerb),
    /// Show a router
    #[command(after_help = "Examples:
  cloudfarm routers show edge")]
    Show(ShowVerb),
    /// Create a router
    #[command(after_help = "Examples:
  cloudfarm routers create edge --external-network public --wait")]
    Create {
        /// The name of the router
        name: String,
        /// The network that it leads out to: its id or its name
        #[arg(long, value_name = "NETWORK")]
        external_network: Option<String>,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Give a router another name or gateway
    #[command(after_help = "Examples:
  cloudfarm routers update edge --name edge-2 --wait
  cloudfarm routers update edge --external-network public
  cloudfarm routers update edge --no-external-network")]
    Update {
        /// The router: its id or its name
        router: String,
        /// Its new name
        #[arg(long, required_unless_present_any = ["external_network", "no_external_network"])]
        name: Option<String>,
        /// The network that it shall lead out to: its id or its name
        #[arg(long, value_name = "NETWORK", conflicts_with = "no_external_network")]
        external_network: Option<String>,
        /// Let it lead out no more
        #[arg(long)]
        no_external_network: bool,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Attach a subnet to a router
    #[command(after_help = "Examples:
  cloudfarm routers attach edge --subnet backend-a --wait")]
    Attach(SubnetArgs),
    /// Detach a subnet from a router
    #[command(after_help = "Examples:
  cloudfarm routers detach edge --subnet backend-a --wait")]
    Detach(SubnetArgs),
    /// Delete routers
    #[command(
        visible_alias = "rm",
        after_help = "Examples:
  cloudfarm routers delete edge --yes"
    )]
    Delete(DeleteVerb),
}

#[derive(Debug, Args)]
struct SubnetArgs {
    /// The router: its id or its name
    router: String,
    /// The subnet: its id or its name
    #[arg(long)]
    subnet: String,
    #[command(flatten)]
    wait: WaitArgs,
}

pub(crate) async fn run(session: &Session, args: RoutersArgs) -> Result<()> {
    let routers = Collection {
        session,
        cloud: &args.cloud,
        kind: "routers",
    };
    match args.verb {
        Verb::List(list) => routers.list::<Router>(list).await,
        Verb::Show(show) => routers.show::<Router>(show).await,
        Verb::Create {
            name,
            external_network,
            wait,
        } => {
            let body = body([
                ("name", Some(name.as_str().into())),
                ("external_network", field(&external_network)),
            ]);
            routers.create::<Router>(&name, &body, &wait).await
        }
        Verb::Update {
            router,
            name,
            external_network,
            no_external_network,
            wait,
        } => {
            let mut body = Map::new();
            body.extend(name.map(|name| ("name".to_owned(), Value::from(name))));
            if no_external_network || external_network.is_some() {
                body.insert("external_network".to_owned(), json!(external_network));
            }
            routers
                .update::<Router>(&router, &Value::Object(body), &wait)
                .await
        }
        Verb::Attach(args) => on_subnet(routers, args, "attach", "attached").await,
        Verb::Detach(args) => on_subnet(routers, args, "detach", "detached").await,
        Verb::Delete(delete) => routers.delete::<Router>(delete).await,
    }
}

async fn on_subnet(
    routers: Collection<'_>,
    args: SubnetArgs,
    action: &str,
    done: &'static str,
) -> Result<()> {
    let body = json!({ "subnet": args.subnet });
    routers
        .act::<Router>(&args.router, action, &body, &args.wait, done)
        .await
}
