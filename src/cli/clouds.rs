//! Clouds: which there are, and how they fare.

use clap::{Args, Subcommand};
use cloudfarm_contract::Extension;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::Value;

use super::exit::Exit;
use super::failure::{Failure, Result};
use super::import::{self, ImportArgs};
use super::listing::{List, ListArgs};
use super::output::Output;
use super::resource::{self, Resource};
use super::session::Session;
use super::table::Column;
use super::text;
use crate::api::{CheckReport, CloudView};

impl Resource for CloudView {
    const NOUN: &'static str = "cloud";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("NAME", |cloud| cloud.name.to_string()),
        Column::new("ENGINE", |cloud| cloud.engine.to_string()),
        Column::new("STATUS", |cloud| cloud.status.as_str().to_owned()),
        Column::new("ENDPOINT", |cloud| text::optional(cloud.endpoint.as_ref())),
        Column::new("REGION", |cloud| text::optional(cloud.region.as_ref())),
        Column::wide("IDENTITY", |cloud| text::optional(cloud.identity.as_ref())),
        Column::wide("API VERSION", |cloud| {
            text::optional(cloud.api_version.as_ref())
        }),
        Column::wide("ERROR", error),
        Column::alone("CAPABILITIES", capabilities),
        Column::alone("LAST ERROR", |cloud| {
            let layers = cloud.layers.as_ref();
            text::optional(layers.and_then(|layers| layers.breaker.last_error.as_ref()))
        }),
        Column::alone("RATE PER SECOND", |cloud| {
            let layers = cloud.layers.as_ref();
            text::optional(layers.and_then(|layers| layers.rate_limit.per_second.as_ref()))
        }),
    ];

    fn id(&self) -> String {
        self.name.to_string()
    }

    fn name(&self) -> String {
        self.name.to_string()
    }
}

fn error(cloud: &CloudView) -> String {
    text::optional(cloud.error.as_ref().map(|error| &error.detail))
}

fn capabilities(cloud: &CloudView) -> String {
    let Some(capabilities) = &cloud.capabilities else {
        return text::NOTHING.to_owned();
    };
    let has = |extension: &&Extension| capabilities.extensions.has(**extension);
    text::lines(
        Extension::ALL
            .iter()
            .filter(has)
            .map(|extension| extension.as_str()),
    )
}

impl Resource for CheckReport {
    const NOUN: &'static str = "cloud";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("CLOUD", |report| report.cloud.to_string()),
        Column::new("STATUS", |report| {
            if report.ok { "ok" } else { "failed" }.to_owned()
        }),
        Column::new("TOOK", |report| format!("{} ms", report.took_ms)),
        Column::new("ERROR", |report| {
            text::optional(report.error.as_ref().map(|error| &error.detail))
        }),
        Column::wide("HINT", |report| {
            text::optional(report.error.as_ref().and_then(|error| error.hint.as_ref()))
        }),
    ];

    fn id(&self) -> String {
        self.cloud.to_string()
    }

    fn name(&self) -> String {
        self.cloud.to_string()
    }
}

#[derive(Debug, Args)]
pub(crate) struct CloudsArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the clouds of the farm
    #[command(
        visible_alias = "ls",
        after_help = "Examples:
  cloudfarm clouds list
  cloudfarm clouds list -o wide
  cloudfarm clouds list --watch"
    )]
    List(ListArgs),
    /// Show a cloud: what it can do, and how it fares
    #[command(after_help = "Examples:
  cloudfarm clouds show lab
  cloudfarm clouds show lab -o json")]
    Show {
        /// Its name
        cloud: String,
    },
    /// Ask clouds whether they take the farm's credentials
    #[command(after_help = "Examples:
  cloudfarm clouds check
  cloudfarm clouds check lab -o wide")]
    Check {
        /// Their names; every cloud where none is given
        clouds: Vec<String>,
    },
    /// Add clouds to the farm file from credentials that are here already
    #[command(after_help = import::EXAMPLES)]
    Import(Box<ImportArgs>),
}

pub(crate) async fn run(session: &Session, args: CloudsArgs) -> Result<()> {
    let list = List::at(&["clouds"], Vec::new());
    match args.verb {
        Verb::List(args) => list.print::<CloudView>(session, &args).await,
        Verb::Show { cloud } => {
            let cloud: Value = session.client.get(&["clouds", &cloud], &Vec::new()).await?;
            session.output.one::<CloudView>(&cloud)
        }
        Verb::Check { clouds } if clouds.is_empty() => {
            let (clouds, _) = list.fetch(&session.client, None).await?;
            let names = clouds
                .iter()
                .map(|cloud| Ok(resource::read::<CloudView>(cloud)?.id()))
                .collect::<Result<Vec<String>>>()?;
            check(session, &names).await
        }
        Verb::Check { clouds } => check(session, &clouds).await,
        Verb::Import(args) => import::run(*args, session.output).await,
    }
}

async fn check(session: &Session, clouds: &[String]) -> Result<()> {
    let ask = |cloud: &String| {
        let path = ["clouds".to_owned(), cloud.clone(), "check".to_owned()];
        async move {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            session
                .client
                .send::<Value>(Method::POST, &path, &Vec::new(), None)
                .await
        }
    };
    let reports = join_all(clouds.iter().map(ask)).await;
    print_reports(
        session.output,
        &reports.into_iter().collect::<Result<Vec<_>>>()?,
    )
}

/// Writes what the checks showed; the exit code tells whether all is well.
pub(super) fn print_reports(output: Output, reports: &[Value]) -> Result<()> {
    let mut list = output.list::<CheckReport>(false);
    list.page(reports)?;
    list.end()?;
    let mut failed = Vec::new();
    for report in reports {
        let report: CheckReport = resource::read(report)?;
        failed.extend(report.error.map(|error| Exit::of(error.kind)));
    }
    let Some(first) = failed.first() else {
        return Ok(());
    };
    let alike = failed.len() == reports.len() && failed.iter().all(|exit| exit == first);
    Err(Failure::said(if alike { *first } else { Exit::Partial }))
}
