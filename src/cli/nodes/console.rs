//! The console of a node.

use std::io::{IsTerminal, Write};

use clap::Args;
use cloudfarm_contract::extensions::ConsoleOutput;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cli::client::unreadable;
use crate::cli::failure::Result;
use crate::cli::filters::CloudArg;
use crate::cli::output::stdout;
use crate::cli::session::Session;
use crate::cli::text::printable_lines;

pub(super) const LOG_EXAMPLES: &str = "Examples:
  cloudfarm nodes console web-1
  cloudfarm nodes console web-1 --lines 50 -o json";

pub(super) const REMOTE_EXAMPLES: &str = "Examples:
  cloudfarm nodes remote-console web-1
  cloudfarm nodes remote-console web-1 --kind novnc";

#[derive(Debug, Args)]
pub(super) struct LogArgs {
    /// The node: its id or its name
    node: String,
    /// Only the last so many lines
    #[arg(long, value_name = "N")]
    lines: Option<u32>,
}

impl LogArgs {
    pub(super) async fn run(self, session: &Session, cloud: &CloudArg) -> Result<()> {
        let path = ["clouds", &cloud.cloud, "nodes", &self.node, "console"];
        let query = self.lines.map(|lines| ("lines", lines.to_string()));
        let query = query.into_iter().collect();
        let answer: Value = session.client.get(&path, &query).await?;
        if session.output.is_document() {
            return session.output.document(&answer);
        }
        let log = ConsoleOutput::deserialize(&answer).map_err(|error| unreadable(&error))?;
        let mut out = stdout();
        // The guest wrote it, so on a terminal it may not act on the terminal.
        if std::io::stdout().is_terminal() {
            out.write_all(printable_lines(&log.output).as_bytes())?;
        } else {
            out.write_all(log.output.as_bytes())?;
        }
        if !log.output.is_empty() && !log.output.ends_with('\n') {
            writeln!(out)?;
        }
        Ok(out.flush()?)
    }
}

#[derive(Debug, Args)]
pub(super) struct RemoteArgs {
    /// The node: its id or its name
    node: String,
    /// novnc, spice, serial ...; the cloud chooses where it is left out
    #[arg(long)]
    kind: Option<String>,
}

impl RemoteArgs {
    pub(super) async fn run(self, session: &Session, cloud: &CloudArg) -> Result<()> {
        let path = [
            "clouds",
            &cloud.cloud,
            "nodes",
            &self.node,
            "remote-console",
        ];
        let body = self
            .kind
            .map_or_else(|| json!({}), |kind| json!({ "kind": kind }));
        let answer: Value = session
            .client
            .send(Method::POST, &path, &Vec::new(), Some(&body))
            .await?;
        if session.output.is_document() {
            return session.output.document(&answer);
        }
        session
            .output
            .line(answer["url"].as_str().unwrap_or_default())
    }
}
