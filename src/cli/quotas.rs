//! How much of everything there may be on a cloud, and is.

use clap::{Args, Subcommand};
use cloudfarm_contract::model::Quota;

use super::failure::Result;
use super::filters::CloudArg;
use super::listing::{List, ListArgs};
use super::resource::Resource;
use super::session::Session;
use super::table::Column;
use super::text;

impl Resource for Quota {
    const NOUN: &'static str = "quota";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("NAME", |quota| quota.name.to_string()),
        Column::new("USED", |quota| text::optional(quota.used.as_ref())),
        Column::new("LIMIT", |quota| {
            quota
                .limit
                .map_or_else(|| "none".to_owned(), |limit| limit.to_string())
        }),
    ];

    fn id(&self) -> String {
        self.name.to_string()
    }

    fn name(&self) -> String {
        self.name.to_string()
    }
}

#[derive(Debug, Args)]
pub(crate) struct QuotasArgs {
    #[command(flatten)]
    cloud: CloudArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the quotas of a cloud
    #[command(
        visible_alias = "ls",
        after_help = "Examples:
  cloudfarm quotas list --cloud lab"
    )]
    List(ListArgs),
}

pub(crate) async fn run(session: &Session, args: QuotasArgs) -> Result<()> {
    let Verb::List(list) = args.verb;
    List::on_cloud(&args.cloud.cloud, "quotas", Vec::new())
        .print::<Quota>(session, &list)
        .await
}
