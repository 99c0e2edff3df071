//! Volumes.

use clap::{Args, Subcommand};
use cloudfarm_contract::model::Volume;
use serde_json::json;

use super::failure::Result;
use super::filters::CloudArg;
use super::input::key_value;
use super::resource::Resource;
use super::session::Session;
use super::table::Column;
use super::text;
use super::verbs::{Collection, DeleteVerb, ListVerb, ShowVerb, body, field, metadata_field};
use super::wait::WaitArgs;

impl Resource for Volume {
    const NOUN: &'static str = "volume";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::clouds("CLOUD", |volume| volume.cloud.to_string()),
        Column::new("NAME", |volume| volume.name.to_string()),
        Column::new("ID", |volume| volume.id.to_string()),
        Column::new("STATE", |volume| volume.state.to_string()),
        Column::new("SIZE GB", |volume| volume.size_gb.to_string()),
        Column::new("NODE", |volume| {
            text::list(volume.attachments.iter().map(|attachment| &attachment.node))
        }),
        Column::wide("KIND", |volume| text::optional(volume.kind.as_ref())),
        Column::wide("LOCATION", |volume| {
            text::optional(volume.location.as_ref())
        }),
        Column::wide("BOOTABLE", |volume| text::yes_no(volume.bootable)),
        Column::wide("CREATED", |volume| text::time(volume.created_at.as_ref())),
        Column::alone("NATIVE STATE", |volume| volume.native_state.to_string()),
        Column::alone("DEVICES", |volume| {
            text::list(
                volume
                    .attachments
                    .iter()
                    .filter_map(|attachment| attachment.device.as_ref()),
            )
        }),
        Column::alone("SNAPSHOT", |volume| {
            text::optional(volume.snapshot.as_ref())
        }),
        Column::alone("IMAGE", |volume| text::optional(volume.image.as_ref())),
        Column::alone("METADATA", |volume| text::metadata(&volume.metadata)),
    ];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn name(&self) -> String {
        self.name.to_string()
    }
}

#[derive(Debug, Args)]
pub(crate) struct VolumesArgs {
    #[command(flatten)]
    cloud: CloudArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List volumes
    #[command(
        visible_alias = "ls",
        after_help = "Examples:
  cloudfarm volumes list --name 'data-*'
  cloudfarm volumes list --cloud lab -o wide"
    )]
    List(ListVerb),
    /// Show a volume
    #[command(after_help = "Examples:
  cloudfarm volumes show data-1")]
    Show(ShowVerb),
    /// Create a volume
    #[command(after_help = "Examples:
  cloudfarm volumes create data-1 --size 20 --wait
  cloudfarm volumes create data-2 --size 20 --snapshot monday --kind ssd")]
    Create(CreateArgs),
    /// Make a volume larger
    #[command(after_help = "Examples:
  cloudfarm volumes extend data-1 --size 40 --wait")]
    Extend {
        /// The volume: its id or its name
        volume: String,
        /// Its new size in gigabytes, in all
        #[arg(long, short = 's', value_name = "GB")]
        size: u64,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Attach a volume to a node
    #[command(after_help = "Examples:
  cloudfarm volumes attach data-1 --node web-1 --wait
  cloudfarm volumes attach data-1 --node web-1 --device /dev/vdb")]
    Attach {
        /// The volume: its id or its name
        volume: String,
        /// The node: its id or its name
        #[arg(long)]
        node: String,
        /// A wished device name
        #[arg(long)]
        device: Option<String>,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Detach a volume from a node
    #[command(after_help = "Examples:
  cloudfarm volumes detach data-1 --node web-1 --wait")]
    Detach {
        /// The volume: its id or its name
        volume: String,
        /// The node: its id or its name
        #[arg(long)]
        node: String,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Delete volumes, with what is on them
    #[command(
        visible_alias = "rm",
        after_help = "Examples:
  cloudfarm volumes delete data-1 data-2 --yes --wait"
    )]
    Delete(DeleteVerb),
}

#[derive(Debug, Args)]
struct CreateArgs {
    /// The name of the volume
    name: String,
    /// Its size in gigabytes
    #[arg(long, short = 's', value_name = "GB")]
    size: u64,
    /// The kind of storage
    #[arg(long)]
    kind: Option<String>,
    /// Where it shall be
    #[arg(long)]
    location: Option<String>,
    /// The snapshot to make it from
    #[arg(long, conflicts_with = "image")]
    snapshot: Option<String>,
    /// The image to make it from
    #[arg(long)]
    image: Option<String>,
    /// An item of metadata; may be repeated
    #[arg(long, short = 'm', value_name = "KEY=VALUE", value_parser = key_value)]
    metadata: Vec<(String, String)>,
    #[command(flatten)]
    wait: WaitArgs,
}

pub(crate) async fn run(session: &Session, args: VolumesArgs) -> Result<()> {
    let volumes = Collection {
        session,
        cloud: &args.cloud,
        kind: "volumes",
    };
    match args.verb {
        Verb::List(list) => volumes.list::<Volume>(list).await,
        Verb::Show(show) => volumes.show::<Volume>(show).await,
        Verb::Create(create) => {
            let body = body([
                ("name", Some(create.name.as_str().into())),
                ("size_gb", Some(create.size.into())),
                ("kind", field(&create.kind)),
                ("location", field(&create.location)),
                ("snapshot", field(&create.snapshot)),
                ("image", field(&create.image)),
                ("metadata", metadata_field(&create.metadata)),
            ]);
            volumes
                .create::<Volume>(&create.name, &body, &create.wait)
                .await
        }
        Verb::Extend { volume, size, wait } => {
            let body = json!({ "size_gb": size });
            volumes
                .act::<Volume>(&volume, "extend", &body, &wait, "extended")
                .await
        }
        Verb::Attach {
            volume,
            node,
            device,
            wait,
        } => {
            let body = body([("node", Some(node.into())), ("device", field(&device))]);
            volumes
                .act::<Volume>(&volume, "attach", &body, &wait, "attached")
                .await
        }
        Verb::Detach { volume, node, wait } => {
            let body = json!({ "node": node });
            volumes
                .act::<Volume>(&volume, "detach", &body, &wait, "detached")
                .await
        }
        Verb::Delete(delete) => volumes.delete::<Volume>(delete).await,
    }
}
