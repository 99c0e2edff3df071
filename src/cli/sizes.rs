//! Sizes of nodes.

use clap::{Args, Subcommand};
use cloudfarm_contract::model::Size;

use super::failure::Result;
use super::filters::CloudArg;
use super::resource::Resource;
use super::session::Session;
use super::table::Column;
use super::text;
use super::verbs::{Collection, FarmListVerb, ShowVerb};

impl Resource for Size {
    const NOUN: &'static str = "size";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::clouds("CLOUD", |size| size.cloud.to_string()),
        Column::new("NAME", |size| size.name.to_string()),
        Column::new("ID", |size| size.id.to_string()),
        Column::new("VCPUS", |size| text::optional(size.vcpus.as_ref())),
        Column::new("RAM MB", |size| size.ram_mb.to_string()),
        Column::new("DISK GB", |size| size.disk_gb.to_string()),
        Column::wide("AVAILABLE", |size| text::yes_no(size.available)),
    ];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn name(&self) -> String {
        self.name.to_string()
    }
}

#[derive(Debug, Args)]
pub(crate) struct SizesArgs {
    #[command(flatten)]
    cloud: CloudArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List sizes
    #[command(
        visible_alias = "ls",
        after_help = "Examples:
  cloudfarm sizes list
  cloudfarm sizes list --all-clouds -o json"
    )]
    List(FarmListVerb),
    /// Show a size
    #[command(after_help = "Examples:
  cloudfarm sizes show small")]
    Show(ShowVerb),
}

pub(crate) async fn run(session: &Session, args: SizesArgs) -> Result<()> {
    let sizes = Collection {
        session,
        cloud: &args.cloud,
        kind: "sizes",
    };
    match args.verb {
        Verb::List(list) => sizes.list_over_clouds::<Size>(list).await,
        Verb::Show(show) => sizes.show::<Size>(show).await,
    }
}
