//! Images.

use clap::{Args, Subcommand};
use cloudfarm_contract::model::Image;

use super::failure::Result;
use super::filters::CloudArg;
use super::input::key_value;
use super::resource::Resource;
use super::session::Session;
use super::table::Column;
use super::text;
use super::verbs::{Collection, DeleteVerb, FarmListVerb, ShowVerb, body, field, metadata_field};
use super::wait::WaitArgs;

impl Resource for Image {
    const NOUN: &'static str = "image";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::clouds("CLOUD", |image| image.cloud.to_string()),
        Column::new("NAME", |image| image.name.to_string()),
        Column::new("ID", |image| image.id.to_string()),
        Column::new("VERSION", |image| text::optional(image.version.as_ref())),
        Column::new("STATE", |image| image.state.to_string()),
        Column::new("OS", |image| text::optional(image.os.as_ref())),
        Column::new("CREATED", |image| text::time(image.created_at.as_ref())),
        Column::wide("ARCHITECTURE", |image| {
            text::optional(image.architecture.as_ref())
        }),
        Column::wide("BYTES", |image| text::optional(image.size_bytes.as_ref())),
        Column::wide("MIN RAM MB", |image| {
            text::optional(image.min_ram_mb.as_ref())
        }),
        Column::wide("MIN DISK GB", |image| {
            text::optional(image.min_disk_gb.as_ref())
        }),
        Column::wide("PUBLIC", |image| text::yes_no(image.public)),
        Column::wide("OWNER", |image| text::optional(image.owner.as_ref())),
        Column::alone("NATIVE STATE", |image| image.native_state.to_string()),
        Column::alone("METADATA", |image| text::metadata(&image.metadata)),
    ];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn name(&self) -> String {
        self.name.to_string()
    }
}

#[derive(Debug, Args)]
pub(crate) struct ImagesArgs {
    #[command(flatten)]
    cloud: CloudArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List images
    #[command(
        visible_alias = "ls",
        after_help = "Examples:
  cloudfarm images list --name 'ubuntu-*'
  cloudfarm images list --all-clouds -o wide"
    )]
    List(FarmListVerb),
    /// Show an image
    #[command(after_help = "Examples:
  cloudfarm images show alpine-3.22")]
    Show(ShowVerb),
    /// Make an image from a node
    #[command(after_help = "Examples:
  cloudfarm images create golden-web --node web-1 --wait
  cloudfarm images create golden-web --node web-1 --version 2 --metadata role=web")]
    Create {
        /// The name of the image
        name: String,
        /// The node to make it from: its id or its name
        #[arg(long)]
        node: String,
        /// The version, where the cloud keeps one
        #[arg(long)]
        version: Option<String>,
        /// An item of metadata; may be repeated
        #[arg(long, short = 'm', value_name = "KEY=VALUE", value_parser = key_value)]
        metadata: Vec<(String, String)>,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Delete images
    #[command(
        visible_alias = "rm",
        after_help = "Examples:
  cloudfarm images delete golden-web --yes"
    )]
    Delete(DeleteVerb),
}

pub(crate) async fn run(session: &Session, args: ImagesArgs) -> Result<()> {
    let images = Collection {
        session,
        cloud: &args.cloud,
        kind: "images",
    };
    match args.verb {
        Verb::List(list) => images.list_over_clouds::<Image>(list).await,
        Verb::Show(show) => images.show::<Image>(show).await,
        Verb::Create {
            name,
            node,
            version,
            metadata,
            wait,
        } => {
            let body = body([
                ("node", Some(node.into())),
                ("name", Some(name.as_str().into())),
                ("version", field(&version)),
                ("metadata", metadata_field(&metadata)),
            ]);
            images.create::<Image>(&name, &body, &wait).await
        }
        Verb::Delete(delete) => images.delete::<Image>(delete).await,
    }
}
