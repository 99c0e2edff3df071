//! The projects of a provider that a cloud's credential may act on.

use clap::{Args, Subcommand};
use cloudfarm_contract::model::ProviderProject;

use super::failure::Result;
use super::filters::CloudArg;
use super::listing::{List, ListArgs};
use super::resource::Resource;
use super::session::Session;
use super::table::Column;
use super::text;

impl Resource for ProviderProject {
    const NOUN: &'static str = "project";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("NAME", |project| project.name.to_string()),
        Column::new("ID", |project| project.id.to_string()),
        Column::new("DOMAIN", |project| text::optional(project.domain.as_ref())),
        Column::new("CURRENT", |project| text::yes_no(project.current)),
        Column::wide("ENABLED", |project| text::yes_no(project.enabled)),
    ];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn name(&self) -> String {
        self.name.to_string()
    }
}

#[derive(Debug, Args)]
pub(crate) struct ProviderProjectsArgs {
    #[command(flatten)]
    cloud: CloudArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the projects that the cloud's credential may act on
    #[command(
        visible_alias = "ls",
        after_help = "Examples:
  cloudfarm provider-projects list --cloud lab"
    )]
    List(ListArgs),
}

pub(crate) async fn run(session: &Session, args: ProviderProjectsArgs) -> Result<()> {
    let Verb::List(list) = args.verb;
    List::on_cloud(&args.cloud.cloud, "provider-projects", Vec::new())
        .print::<ProviderProject>(session, &list)
        .await
}
