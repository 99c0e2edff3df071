//! Until when nodes may be there, and whose they are.

use clap::{Args, Subcommand};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use super::actions::Plain;
use super::orders::labels;
use crate::cli::change::{Change, Telling, carry_out};
use crate::cli::confirm::ConfirmArgs;
use crate::cli::failure::Result;
use crate::cli::filters::CloudArg;
use crate::cli::secrets::Handover;
use crate::cli::session::Session;
use crate::cli::targets::{NodeTargets, Target};
use crate::leases::NodeView;
use crate::settings::Span;

/// When a lease ends.
#[derive(Debug, Clone, Args)]
pub(super) struct EndArgs {
    /// Destroy it after this time, as 8h or 30m
    #[arg(long, value_name = "SPAN", conflicts_with = "expires_at")]
    expires_in: Option<Span>,
    /// Destroy it at this time, as 2030-01-31T18:00:00Z
    #[arg(long, value_name = "TIME")]
    expires_at: Option<Timestamp>,
}

impl EndArgs {
    /// The end, if one was given.
    pub(super) fn read(&self) -> Option<Timestamp> {
        let after = |span: Span| Timestamp::now().saturating_add(span.get()).ok();
        self.expires_at.or_else(|| self.expires_in.and_then(after))
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum LeaseVerb {
    /// Give the leases of nodes another end, or none
    #[command(after_help = "Examples:
  cloudfarm nodes extend web-1 --expires-in 8h
  cloudfarm nodes extend 'test-*' --expires-at 2030-01-31T18:00:00Z
  cloudfarm nodes extend web-1 --never")]
    #[command(group = clap::ArgGroup::new("end").required(true)
        .args(["expires_in", "expires_at", "never"]))]
    Extend {
        #[command(flatten)]
        targets: NodeTargets,
        #[command(flatten)]
        end: EndArgs,
        /// Let it be there for ever
        #[arg(long, conflicts_with_all = ["expires_in", "expires_at"])]
        never: bool,
    },
    /// Do not let nodes be destroyed
    #[command(after_help = "Examples:
  cloudfarm nodes protect db-1")]
    Protect(NodeTargets),
    /// Let nodes be destroyed again
    #[command(after_help = "Examples:
  cloudfarm nodes unprotect db-1")]
    Unprotect(NodeTargets),
    /// Give a node to a user
    #[command(after_help = "Examples:
  cloudfarm nodes assign desktop-7 --user alice --purpose 'course 7' --expires-in 4h")]
    Assign {
        /// The node: its id or its name
        node: String,
        /// The user
        #[arg(long, short = 'u')]
        user: String,
        /// For what
        #[arg(long)]
        purpose: Option<String>,
        #[command(flatten)]
        end: EndArgs,
    },
    /// Take nodes back from their users
    #[command(after_help = "Examples:
  cloudfarm nodes release desktop-7
  cloudfarm nodes release 'desktop-*' --destroy --yes --wait")]
    Release {
        #[command(flatten)]
        plain: Plain,
        /// Destroy them, for good and with their disks
        #[arg(long)]
        destroy: bool,
        #[command(flatten)]
        confirm: ConfirmArgs,
    },
}

impl LeaseVerb {
    pub(super) async fn run(self, session: &Session, cloud: &CloudArg) -> Result<()> {
        match self {
            Self::Extend { targets, end, .. } => {
                let body = json!({ "expires_at": end.read() });
                let targets = targets.resolve(session, cloud).await?;
                ask(session, &targets, Method::PATCH, "lease", &body).await
            }
            Self::Protect(targets) => protect(session, cloud, &targets, true).await,
            Self::Unprotect(targets) => protect(session, cloud, &targets, false).await,
            Self::Assign {
                node,
                user,
                purpose,
                end,
            } => {
                let body = json!({ "user": user, "purpose": purpose, "expires_at": end.read() });
                let target = Target {
                    cloud: cloud.cloud.clone(),
                    label: node.clone(),
                    node,
                };
                ask(session, &[target], Method::POST, "assign", &body).await
            }
            Self::Release {
                plain,
                destroy,
                confirm,
            } => {
                let targets = plain.targets.resolve(session, cloud).await?;
                if !destroy {
                    return ask(session, &targets, Method::POST, "release", &json!({})).await;
                }
                confirm.confirm("destroy", &labels(&targets))?;
                let mut changes = Vec::with_capacity(targets.len());
                for Target { cloud, node, label } in &targets {
                    let path = ["clouds", cloud, "nodes", node, "release"];
                    changes.push(Change::post(label, &path).with(&json!({ "destroy": true }))?);
                }
                let telling = Telling::gone("destroyed");
                let handover = Handover::default();
                carry_out::<NodeView>(session, changes, &plain.wait, telling, handover).await
            }
        }
    }
}

async fn protect(
    session: &Session,
    cloud: &CloudArg,
    targets: &NodeTargets,
    protected: bool,
) -> Result<()> {
    let targets = targets.resolve(session, cloud).await?;
    let body = json!({ "protected": protected });
    ask(session, &targets, Method::PATCH, "lease", &body).await
}

/// Asks the same of each node and shows those that were changed, also if it ends at one that
/// cannot be.
async fn ask(
    session: &Session,
    targets: &[Target],
    method: Method,
    verb: &str,
    body: &Value,
) -> Result<()> {
    let mut changed: Vec<Value> = Vec::with_capacity(targets.len());
    let mut failure = None;
    for Target { cloud, node, .. } in targets {
        let path = ["clouds", cloud, "nodes", node, verb];
        let query = Vec::new();
        let sent = session
            .client
            .send(method.clone(), &path, &query, Some(body));
        match sent.await {
            Ok(node) => changed.push(node),
            Err(refused) => {
                failure = Some(refused);
                break;
            }
        }
    }
    match changed.as_slice() {
        [] => {}
        [one] if targets.len() == 1 => session.output.one::<NodeView>(one)?,
        several => {
            let mut list = session.output.list::<NodeView>(false);
            list.page(several)?;
            list.end()?;
        }
    }
    failure.map_or(Ok(()), Err)
}
