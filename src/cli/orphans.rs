//! What jobs left behind on clouds.

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::Value;

use super::change::{Change, Telling, carry_out};
use super::confirm::ConfirmArgs;
use super::failure::{Failure, Result};
use super::filters::CloudArg;
use super::listing::{List, ListArgs};
use super::resource::Resource;
use super::secrets::Handover;
use super::session::Session;
use super::table::Column;
use super::text;
use super::wait::WaitArgs;
use crate::orchestrator::{Orphan, OrphanReason};

impl Resource for Orphan {
    const NOUN: &'static str = "orphan";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::clouds("CLOUD", |orphan| orphan.cloud.to_string()),
        Column::new("ORPHAN", |orphan| format!("{}/{}", orphan.kind, orphan.id)),
        Column::new("NAME", |orphan| orphan.name.to_string()),
        Column::new("STATE", |orphan| {
            text::optional(orphan.native_state.as_ref())
        }),
        Column::new("REASON", |orphan| reason(orphan.reason).to_owned()),
        Column::new("JOB", |orphan| text::optional(orphan.job.as_ref())),
    ];

    fn id(&self) -> String {
        format!("{}/{}", self.kind, self.id)
    }

    fn name(&self) -> String {
        format!("{}/{}", self.kind, self.id)
    }
}

const fn reason(reason: OrphanReason) -> &'static str {
    match reason {
        OrphanReason::UnknownJob => "unknown job",
        OrphanReason::NotItsOwn => "not its own",
        OrphanReason::LeftBehind => "left behind",
    }
}

#[derive(Debug, Args)]
pub(crate) struct OrphansArgs {
    #[command(flatten)]
    cloud: CloudArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Args)]
struct Which {
    /// The orphans, as the list shows them: node/i-0815
    #[arg(required = true, value_name = "KIND/ID")]
    orphans: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List what bears a mark of cloudfarm and is nobody's
    #[command(
        visible_alias = "ls",
        after_help = "Examples:
  cloudfarm orphans list --cloud lab"
    )]
    List(ListArgs),
    /// Say that orphans are wanted
    #[command(after_help = "Examples:
  cloudfarm orphans adopt node/i-0815 --cloud lab")]
    Adopt(Which),
    /// Leave orphans where they are and do not list them any more
    #[command(after_help = "Examples:
  cloudfarm orphans forget volume/vol-1 --cloud lab")]
    Forget(Which),
    /// Destroy orphans, for good
    #[command(after_help = "Examples:
  cloudfarm orphans destroy node/i-0815 volume/vol-1 --cloud lab --wait")]
    Destroy {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        confirm: ConfirmArgs,
        #[command(flatten)]
        wait: WaitArgs,
    },
}

pub(crate) async fn run(session: &Session, args: OrphansArgs) -> Result<()> {
    let cloud = args.cloud.cloud.as_str();
    match args.verb {
        Verb::List(list) => {
            List::on_cloud(cloud, "orphans", Vec::new())
                .print::<Orphan>(session, &list)
                .await
        }
        Verb::Adopt(which) => excuse(session, cloud, &which, "adopt").await,
        Verb::Forget(which) => excuse(session, cloud, &which, "forget").await,
        Verb::Destroy {
            which,
            confirm,
            wait,
        } => {
            let named = which.read()?;
            confirm.confirm("destroy", &which.orphans)?;
            let changes = named.into_iter().map(|(name, kind, id)| {
                let path = ["clouds", cloud, "orphans", kind, id, "destroy"];
                Change::post(name, &path)
            });
            let (changes, telling) = (changes.collect(), Telling::gone("destroyed"));
            carry_out::<Orphan>(session, changes, &wait, telling, Handover::default()).await
        }
    }
}

async fn excuse(session: &Session, cloud: &str, which: &Which, verb: &str) -> Result<()> {
    let mut excused: Vec<Value> = Vec::new();
    for (_, kind, id) in which.read()? {
        let path = ["clouds", cloud, "orphans", kind, id, verb];
        let answer = session
            .client
            .send(Method::POST, &path, &Vec::new(), None)
            .await;
        excused.push(answer?);
    }
    let mut list = session.output.list::<Orphan>(false);
    list.page(&excused)?;
    list.end()
}

impl Which {
    /// Each as it was given, with its kind and its id.
    fn read(&self) -> Result<Vec<(&str, &str, &str)>> {
        self.orphans
            .iter()
            .map(|given| match given.split_once('/') {
                Some((kind, id)) if !kind.is_empty() && !id.is_empty() => {
                    Ok((given.as_str(), kind, id))
                }
                _ => Err(Failure::usage(format!("{given:?} is not an orphan"))
                    .hint("write it as `cloudfarm orphans list` shows it: node/i-0815")),
            })
            .collect()
    }
}
