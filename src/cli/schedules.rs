//! Schedules: what the server begins again and again.

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::Value;

use super::change::{Change, Telling, carry_out};
use super::confirm::ConfirmArgs;
use super::failure::{Failure, Result};
use super::input::text_or_file;
use super::listing::{List, ListArgs};
use super::resource::Resource;
use super::secrets::Handover;
use super::session::Session;
use super::table::Column;
use super::text;
use super::verbs::{body, field};
use super::wait::WaitArgs;
use crate::orchestrator::Schedule;

impl Resource for Schedule {
    const NOUN: &'static str = "schedule";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("NAME", |schedule| schedule.name.to_string()),
        Column::new("CRON", |schedule| schedule.cron.to_string()),
        Column::new("TIME ZONE", |schedule| schedule.time_zone.to_string()),
        Column::new("ACTION", |schedule| {
            let name = schedule.action["action"].as_str();
            text::optional(name.as_ref())
        }),
        Column::new("NEXT RUN", |schedule| {
            text::time(schedule.next_run.as_ref())
        }),
        Column::new("LAST RUN", |schedule| {
            text::time(schedule.last_run.as_ref())
        }),
        Column::wide("ENABLED", |schedule| text::yes_no(schedule.enabled)),
        Column::wide("LAST JOB", |schedule| {
            text::optional(schedule.last_job.as_ref())
        }),
        Column::wide("ID", |schedule| schedule.id.to_string()),
        Column::alone("WHAT", |schedule| schedule.action.to_string()),
        Column::alone("PROJECT", |schedule| schedule.project.to_string()),
        Column::alone("CREATED", |schedule| text::time(Some(&schedule.created_at))),
        Column::alone("UPDATED", |schedule| text::time(Some(&schedule.updated_at))),
    ];

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn name(&self) -> String {
        self.name.to_string()
    }
}

#[derive(Debug, Args)]
pub(crate) struct SchedulesArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the schedules, by name
    #[command(
        visible_alias = "ls",
        after_help = "Examples:
  cloudfarm schedules list
  cloudfarm schedules list -o wide"
    )]
    List(ListArgs),
    /// Show a schedule, when it is due next and the job of its last run
    #[command(after_help = "Examples:
  cloudfarm schedules show nightly-stop")]
    Show {
        /// The schedule: its id or its name
        schedule: String,
    },
    /// Make a schedule
    #[command(after_help = CREATE_EXAMPLES)]
    Create {
        /// What to call it
        name: String,
        /// When it is due: minute, hour, day, month, weekday; or @daily and the like
        #[arg(long, value_name = "EXPRESSION")]
        cron: String,
        #[command(flatten)]
        what: What,
        /// The action, as POST /api/v1/actions takes it: JSON, @file, or - for stdin
        #[arg(long, value_name = "JSON")]
        action: String,
        /// Make it, and do not begin it until it is enabled
        #[arg(long)]
        disabled: bool,
    },
    /// Change a schedule; what is not given stays as it was
    #[command(after_help = "Examples:
  cloudfarm schedules update nightly-stop --cron '30 21 * * 1-5'
  cloudfarm schedules update nightly-stop --disable")]
    Update {
        /// The schedule: its id or its name
        schedule: String,
        /// Another name
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Other times
        #[arg(long, value_name = "EXPRESSION")]
        cron: Option<String>,
        #[command(flatten)]
        what: What,
        /// Another action: JSON, @file, or - for stdin
        #[arg(long, value_name = "JSON")]
        action: Option<String>,
        /// Begin it at its times again
        #[arg(long, conflicts_with = "disable")]
        enable: bool,
        /// Do not begin it any more
        #[arg(long)]
        disable: bool,
    },
    /// Delete schedules; what they began goes on
    #[command(
        visible_alias = "rm",
        after_help = "Examples:
  cloudfarm schedules delete nightly-stop --yes"
    )]
    Delete {
        /// The schedules: ids or names
        #[arg(required = true, value_name = "SCHEDULE")]
        schedules: Vec<String>,
        #[command(flatten)]
        confirm: ConfirmArgs,
    },
    /// Begin a schedule now, beside its times
    #[command(after_help = "Examples:
  cloudfarm schedules run nightly-stop --wait")]
    Run {
        /// The schedule: its id or its name
        schedule: String,
        #[command(flatten)]
        wait: WaitArgs,
    },
}

#[derive(Debug, Args)]
struct What {
    /// The clocks that the times are of, as Europe/Berlin; a new schedule is in UTC
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
}

const CREATE_EXAMPLES: &str = "Examples:
  cloudfarm schedules create nightly-stop --cron '0 22 * * 1-5' --time-zone Europe/Berlin \\
    --action '{\"action\": \"StopNodes\", \"cloud\": \"lab\", \"nodes\": [\"web-*\"]}'
  cloudfarm schedules create monday --cron '0 6 * * MON' --action @start.json --disabled";

pub(crate) async fn run(session: &Session, args: SchedulesArgs) -> Result<()> {
    match args.verb {
        Verb::List(list) => {
            List::at(&["schedules"], Vec::new())
                .print::<Schedule>(session, &list)
                .await
        }
        Verb::Show { schedule } => {
            let path = ["schedules", schedule.as_str()];
            let found: Value = session.client.get(&path, &Vec::new()).await?;
            session.output.one::<Schedule>(&found)
        }
        Verb::Create {
            name,
            cron,
            what,
            action,
            disabled,
        } => {
            let body = body([
                ("name", Some(name.into())),
                ("cron", Some(cron.into())),
                ("time_zone", field(&what.time_zone)),
                ("action", Some(read(&action)?)),
                ("enabled", disabled.then_some(false.into())),
            ]);
            send(session, Method::POST, &["schedules"], &body).await
        }
        Verb::Update {
            schedule,
            name,
            cron,
            what,
            action,
            enable,
            disable,
        } => {
            let action = action.as_deref().map(read).transpose()?;
            let body = body([
                ("name", field(&name)),
                ("cron", field(&cron)),
                ("time_zone", field(&what.time_zone)),
                ("action", action),
                ("enabled", (enable || disable).then_some(enable.into())),
            ]);
            send(session, Method::PATCH, &["schedules", &schedule], &body).await
        }
        Verb::Delete { schedules, confirm } => delete(session, &schedules, &confirm).await,
        Verb::Run { schedule, wait } => {
            let change = Change::post(&schedule, &["schedules", &schedule, "run"]);
            let telling = Telling::gone("begun");
            let changes = vec![change];
            carry_out::<Schedule>(session, changes, &wait, telling, Handover::default()).await
        }
    }
}

async fn send(session: &Session, method: Method, path: &[&str], body: &Value) -> Result<()> {
    let query = Vec::new();
    let answer = session.client.send(method, path, &query, Some(body)).await;
    let schedule: Value = answer?;
    session.output.one::<Schedule>(&schedule)
}

async fn delete(session: &Session, schedules: &[String], confirm: &ConfirmArgs) -> Result<()> {
    confirm.confirm("delete schedule", schedules)?;
    for schedule in schedules {
        let path = ["schedules", schedule.as_str()];
        let query = Vec::new();
        let answer = session.client.send(Method::DELETE, &path, &query, None);
        let _gone: Value = answer.await?;
    }
    Ok(())
}

fn read(action: &str) -> Result<Value> {
    serde_json::from_str(&text_or_file(action)?).map_err(|error| {
        Failure::usage(format!("the action is not JSON: {error}")).hint(
            "write it as {\"action\": \"StopNodes\", \"cloud\": \"lab\", \"nodes\": [\"web-*\"]}",
        )
    })
}
