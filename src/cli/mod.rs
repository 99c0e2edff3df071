//! The command line: a client of the HTTP API.

mod addresses;
mod app;
mod bulk;
mod change;
mod check;
mod client;
mod clouds;
mod completions;
mod confirm;
mod engines;
mod events;
mod exit;
mod failure;
mod farm_file;
mod filters;
mod follow;
mod images;
mod import;
mod input;
mod jobs;
mod key_pairs;
mod listing;
mod local;
mod locations;
mod networks;
mod node_snapshots;
mod nodes;
mod notifiers;
mod openapi;
mod orphans;
mod output;
mod provider_projects;
mod quotas;
mod reference;
mod resource;
mod routers;
mod schedules;
mod secrets;
mod security_groups;
mod serve;
mod session;
mod settings;
mod sizes;
mod subnets;
mod table;
mod targets;
mod text;
mod verbs;
mod volume_snapshots;
mod volumes;
mod wait;
mod watch;
mod worker;

use std::process::ExitCode;

use clap::Parser;

pub use app::command;
pub use reference::reference;

/// Carries out the command line of the process. What goes wrong is told on stderr.
pub fn main() -> ExitCode {
    let cli = app::Cli::parse();
    match app::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            for line in failure.lines(None) {
                eprintln!("{line}");
            }
            ExitCode::from(failure.exit().code())
        }
    }
}
