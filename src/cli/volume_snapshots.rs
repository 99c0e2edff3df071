//! Snapshots of volumes.

use clap::{Args, Subcommand};
use cloudfarm_contract::model::VolumeSnapshot;

use super::failure::Result;
use super::filters::CloudArg;
use super::input::key_value;
use super::resource::Resource;
use super::session::Session;
use super::table::Column;
use super::text;
use super::verbs::{Collection, DeleteVerb, ListVerb, ShowVerb, body, metadata_field};
use super::wait::WaitArgs;

impl Resource for VolumeSnapshot {
    const NOUN: &'static str = "volume snapshot";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::clouds("CLOUD", |snapshot| snapshot.cloud.to_string()),
        Column::new("NAME", |snapshot| snapshot.name.to_string()),
        Column::new("ID", |snapshot| snapshot.id.to_string()),
        Column::new("STATE", |snapshot| snapshot.state.to_string()),
        Column::new("VOLUME", |snapshot| {
            text::optional(snapshot.volume.as_ref())
        }),
        Column::new("SIZE GB", |snapshot| snapshot.size_gb.to_string()),
        Column::new("CREATED", |snapshot| {
            text::time(snapshot.created_at.as_ref())
        }),
        Column::wide("NATIVE STATE", |snapshot| snapshot.native_state.to_string()),
        Column::alone("METADATA", |snapshot| text::metadata(&snapshot.metadata)),
    ];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn name(&self) -> String {
        self.name.to_string()
    }
}

#[derive(Debug, Args)]
pub(crate) struct VolumeSnapshotsArgs {
    #[command(flatten)]
    cloud: CloudArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the snapshots of volumes
    #[command(
        visible_alias = "ls",
        after_help = "Examples:
  cloudfarm volume-snapshots list"
    )]
    List(ListVerb),
    /// Show a snapshot
    #[command(after_help = "Examples:
  cloudfarm volume-snapshots show monday")]
    Show(ShowVerb),
    /// Take a snapshot of a volume
    #[command(after_help = "Examples:
  cloudfarm volume-snapshots create monday --volume data-1 --wait
  cloudfarm volume-snapshots create monday --volume data-1 --force")]
    Create {
        /// The name of the snapshot
        name: String,
        /// The volume: its id or its name
        #[arg(long)]
        volume: String,
        /// Take it although the volume is in use
        #[arg(long)]
        force: bool,
        /// An item of metadata; may be repeated
        #[arg(long, short = 'm', value_name = "KEY=VALUE", value_parser = key_value)]
        metadata: Vec<(String, String)>,
        #[command(flatten)]
        wait: WaitArgs,
    },
    /// Delete snapshots
    #[command(
        visible_alias = "rm",
        after_help = "Examples:
  cloudfarm volume-snapshots delete monday --yes"
    )]
    Delete(DeleteVerb),
}

pub(crate) async fn run(session: &Session, args: VolumeSnapshotsArgs) -> Result<()> {
    let snapshots = Collection {
        session,
        cloud: &args.cloud,
        kind: "volume-snapshots",
    };
    match args.verb {
        Verb::List(list) => snapshots.list::<VolumeSnapshot>(list).await,
        Verb::Show(show) => snapshots.show::<VolumeSnapshot>(show).await,
        Verb::Create {
            name,
            volume,
            force,
            metadata,
            wait,
        } => {
            let body = body([
                ("volume", Some(volume.into())),
                ("name", Some(name.as_str().into())),
                ("force", force.then_some(true.into())),
                ("metadata", metadata_field(&metadata)),
            ]);
            snapshots
                .create::<VolumeSnapshot>(&name, &body, &wait)
                .await
        }
        Verb::Delete(delete) => snapshots.delete::<VolumeSnapshot>(delete).await,
    }
}
