//! Where nodes can be.

use clap::{Args, Subcommand};
use cloudfarm_contract::model::Location;

use super::failure::Result;
use super::filters::CloudArg;
use super::resource::Resource;
use super::session::Session;
use super::table::Column;
use super::text;
use super::verbs::{Collection, FarmListVerb, ShowVerb};

impl Resource for Location {
    const NOUN: &'static str = "location";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::clouds("CLOUD", |location| location.cloud.to_string()),
        Column::new("NAME", |location| location.name.to_string()),
        Column::new("ID", |location| location.id.to_string()),
        Column::new("AVAILABLE", |location| text::yes_no(location.available)),
    ];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn name(&self) -> String {
        self.name.to_string()
    }
}

#[derive(Debug, Args)]
pub(crate) struct LocationsArgs {
    #[command(flatten)]
    cloud: CloudArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List locations
    #[command(
        visible_alias = "ls",
        after_help = "Examples:
  cloudfarm locations list --cloud lab
  cloudfarm locations list --all-clouds"
    )]
    List(FarmListVerb),
    /// Show a location
    #[command(after_help = "Examples:
  cloudfarm locations show zone-a")]
    Show(ShowVerb),
}

pub(crate) async fn run(session: &Session, args: LocationsArgs) -> Result<()> {
    let locations = Collection {
        session,
        cloud: &args.cloud,
        kind: "locations",
    };
    match args.verb {
        Verb::List(list) => locations.list_over_clouds::<Location>(list).await,
        Verb::Show(show) => locations.show::<Location>(show).await,
    }
}
