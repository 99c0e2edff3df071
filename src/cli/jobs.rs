//! Jobs: the work that the server does for its clients.

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::Value;
use tokio::time::Instant;

use super::client::Query;
use super::exit::Exit;
use super::failure::{Failure, Result};
use super::follow;
use super::listing::{List, ListArgs};
use super::resource::Resource;
use super::session::Session;
use super::table::Column;
use super::text;
use super::wait::Progress;
use crate::jobs::{Job, JobState};
use crate::settings::Span;

impl Resource for Job {
    const NOUN: &'static str = "job";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("ID", |job| job.id.to_string()),
        Column::new("ACTION", |job| job.action.to_string()),
        Column::new("STATE", |job| job.state.as_str().to_owned()),
        Column::new("CLOUD", |job| text::optional(job.cloud.as_ref())),
        Column::new("RESOURCE", resource),
        Column::new("CREATED", |job| text::time(Some(&job.created_at))),
        Column::wide("TRIES", |job| format!("{}/{}", job.tries, job.try_max)),
        Column::wide("UPDATED", |job| text::time(Some(&job.updated_at))),
        Column::wide("ERROR", |job| {
            text::optional(job.error.as_ref().map(|error| &error.detail))
        }),
        Column::alone("RUN AT", |job| text::time(Some(&job.run_at))),
        Column::alone("STEPS", |job| {
            text::lines(job.steps.iter().map(|step| {
                let at = text::time(Some(&step.at));
                format!("{at} {}: {}", step.step, step.message)
            }))
        }),
        Column::alone("PARAMS", |job| job.params.to_string()),
        Column::alone("RESULT", |job| text::optional(job.result.as_ref())),
        Column::alone("PROJECT", |job| job.project.to_string()),
        Column::alone("REQUEST ID", |job| job.request_id.to_string()),
    ];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn name(&self) -> String {
        self.id.to_string()
    }
}

fn resource(job: &Job) -> String {
    job.resource.as_ref().map_or_else(
        || text::NOTHING.to_owned(),
        |resource| match &resource.id {
            Some(id) => format!("{}/{id}", resource.kind),
            None => resource.kind.to_string(),
        },
    )
}

#[derive(Debug, Args)]
pub(crate) struct JobsArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the jobs, newest first
    #[command(visible_alias = "ls", after_help = LIST_EXAMPLES)]
    List {
        /// Only those in this state: pending, running, finished, error or cancelled
        #[arg(long, value_name = "STATE")]
        state: Option<String>,
        /// Only those on this cloud
        #[arg(long, short = 'c', value_name = "CLOUD")]
        cloud: Option<String>,
        /// Only those about the thing of this id
        #[arg(long, value_name = "ID")]
        resource: Option<String>,
        /// Only those that do this, as CreateNode
        #[arg(long, value_name = "ACTION")]
        action: Option<String>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show a job with its steps and its result
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// The id of the job
        job: String,
    },
    /// Follow a job live to its end; the exit code tells what came of it
    #[command(after_help = WATCH_EXAMPLES)]
    Watch {
        /// The id of the job
        job: String,
        /// How long to wait at most; the job goes on
        #[arg(long, value_name = "DURATION", default_value = "10m")]
        timeout: Span,
    },
    /// Call a job off; what it made is undone
    #[command(after_help = CANCEL_EXAMPLES)]
    Cancel {
        /// The id of the job
        job: String,
    },
    /// Begin a job again that failed or was called off
    #[command(after_help = RETRY_EXAMPLES)]
    Retry {
        /// The id of the job
        job: String,
    },
}

const LIST_EXAMPLES: &str = "Examples:
  cloudfarm jobs list
  cloudfarm jobs list --state error -o wide
  cloudfarm jobs list --cloud lab --action CreateNode --watch";

const SHOW_EXAMPLES: &str = "Examples:
  cloudfarm jobs show 0197b1e4-6a4c-7bd2-9d57-3c1de0a3c7a1
  cloudfarm jobs show 0197b1e4-6a4c-7bd2-9d57-3c1de0a3c7a1 -o json";

const WATCH_EXAMPLES: &str = "Examples:
  cloudfarm jobs watch 0197b1e4-6a4c-7bd2-9d57-3c1de0a3c7a1
  cloudfarm jobs watch 0197b1e4-6a4c-7bd2-9d57-3c1de0a3c7a1 --timeout 1h --verbose";

const CANCEL_EXAMPLES: &str = "Examples:
  cloudfarm jobs cancel 0197b1e4-6a4c-7bd2-9d57-3c1de0a3c7a1";

const RETRY_EXAMPLES: &str = "Examples:
  cloudfarm jobs retry 0197b1e4-6a4c-7bd2-9d57-3c1de0a3c7a1";

pub(crate) async fn run(session: &Session, args: JobsArgs) -> Result<()> {
    match args.verb {
        Verb::List {
            state,
            cloud,
            resource,
            action,
            list,
        } => {
            let filters = [
                ("state", state),
                ("cloud", cloud),
                ("resource", resource),
                ("action", action),
            ];
            let query: Query = filters
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)))
                .collect();
            List::at(&["jobs"], query)
                .print::<Job>(session, &list)
                .await
        }
        Verb::Show { job } => {
            let job: Value = session.client.get(&["jobs", &job], &Vec::new()).await?;
            session.output.one::<Job>(&job)
        }
        Verb::Cancel { job } => change(session, &job, "cancel").await,
        Verb::Retry { job } => change(session, &job, "retry").await,
        Verb::Watch { job, timeout } => watch(session, &job, timeout).await,
    }
}

async fn change(session: &Session, job: &str, verb: &str) -> Result<()> {
    let path = ["jobs", job, verb];
    let query = Query::new();
    let job: Value = session
        .client
        .send(Method::POST, &path, &query, None)
        .await?;
    session.output.one::<Job>(&job)
}

async fn watch(session: &Session, id: &str, timeout: Span) -> Result<()> {
    let deadline = Instant::now() + timeout.get();
    let mut job: Job = session.client.get(&["jobs", id], &Vec::new()).await?;
    let progress = Progress::new(session);
    let bar = progress.bar(&job.action);
    let followed = follow::follow(session, &mut job, &bar, deadline).await;
    progress.clear()?;
    followed?;
    session.output.one::<Job>(&job_value(&job)?)?;
    match job.state {
        JobState::Error | JobState::Cancelled => Err(Failure::of_job(&job)),
        _ => Ok(()),
    }
}

/// The job as the server gave it.
pub(super) fn job_value(job: &Job) -> Result<Value> {
    serde_json::to_value(job)
        .map_err(|error| Failure::new(Exit::Failed, format!("the job cannot be written: {error}")))
}
