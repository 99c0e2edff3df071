//! Who is told of ends of jobs and of leases.

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::Value;

use super::failure::Result;
use super::listing::{List, ListArgs};
use super::resource::Resource;
use super::session::Session;
use super::table::Column;
use super::text;
use crate::notify::{NotifierView, Trial};
use crate::settings::{EventKind, NotifierKind};

impl Resource for NotifierView {
    const NOUN: &'static str = "notifier";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("NAME", |notifier| notifier.name.to_string()),
        Column::new("KIND", |notifier| kind(notifier.kind).to_owned()),
        Column::new("HOST", |notifier| notifier.host.to_string()),
        Column::new("ON", |notifier| {
            text::list(notifier.on.iter().copied().map(event))
        }),
        Column::wide("SIGNED", |notifier| text::yes_no(notifier.signed)),
        Column::wide("CLOUDS", |notifier| text::list(&notifier.clouds)),
        Column::wide("ACTIONS", |notifier| text::list(&notifier.actions)),
        Column::new("WAITING", |notifier| notifier.waiting.to_string()),
        Column::wide("LOST", |notifier| notifier.lost.to_string()),
        Column::new("DELIVERED", |notifier| {
            text::time(notifier.delivered_at.as_ref())
        }),
        Column::new("ERROR", |notifier| text::optional(notifier.error.as_ref())),
    ];

    fn id(&self) -> String {
        self.name.to_string()
    }

    fn name(&self) -> String {
        self.name.to_string()
    }
}

impl Resource for Trial {
    const NOUN: &'static str = "notifier";

    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("NOTIFIER", |trial| trial.notifier.to_string()),
        Column::new("STATUS", |trial| trial.status.to_string()),
        Column::new("TOOK", |trial| format!("{} ms", trial.took_ms)),
    ];

    fn id(&self) -> String {
        self.notifier.to_string()
    }

    fn name(&self) -> String {
        self.notifier.to_string()
    }
}

const fn kind(kind: NotifierKind) -> &'static str {
    match kind {
        NotifierKind::Slack => "slack",
        NotifierKind::Webhook => "webhook",
    }
}

const fn event(event: EventKind) -> &'static str {
    match event {
        EventKind::JobFailed => "job.failed",
        EventKind::JobEnded => "job.ended",
        EventKind::LeaseNotice => "lease.notice",
        EventKind::LeaseEnded => "lease.ended",
    }
}

#[derive(Debug, Args)]
pub(crate) struct NotifiersArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List who is told of ends of jobs and of leases, and how that fares
    #[command(
        visible_alias = "ls",
        after_help = "Examples:
  cloudfarm notifiers list
  cloudfarm notifiers list -o wide"
    )]
    List(ListArgs),
    /// Tell a notifier something for trial
    #[command(after_help = "Examples:
  cloudfarm notifiers test ops")]
    Test {
        /// The name of the notifier
        notifier: String,
    },
}

pub(crate) async fn run(session: &Session, args: NotifiersArgs) -> Result<()> {
    match args.verb {
        Verb::List(list) => {
            List::at(&["notifiers"], Vec::new())
                .print::<NotifierView>(session, &list)
                .await
        }
        Verb::Test { notifier } => {
            let path = ["notifiers", notifier.as_str(), "test"];
            let query = Vec::new();
            let sent = session.client.send(Method::POST, &path, &query, None);
            let trial: Value = sent.await?;
            session.output.one::<Trial>(&trial)
        }
    }
}
