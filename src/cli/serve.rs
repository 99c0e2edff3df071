//! `serve`: the one command that is the server.

use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;
use cloudfarm_contract::Error;

use super::exit::Exit;
use super::failure::{Failure, Result};
use super::local::SettingsArgs;
use super::output::Output;
use crate::api::{ServeOptions, serve};
use crate::settings::{FarmSettings, Loaded};
use crate::{farm, logging};

pub(super) const EXAMPLES: &str = "Examples:
  cloudfarm serve
  cloudfarm serve --listen 0.0.0.0:8080 --farm /etc/cloudfarm/cloud_farm.toml
  CLOUD_FARM=clouds.yaml cloudfarm serve --listen 127.0.0.1:0
  CLOUDFARM__STORE__URL=postgresql://cloudfarm@db/cloudfarm cloudfarm serve --no-worker";

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Leave the jobs to other processes, as `cloudfarm worker`
    #[arg(long)]
    no_worker: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(crate) fn run(args: &ServeArgs, output: Output) -> Result<()> {
    let mut options = options(&args.settings)?;
    if let Some(listen) = args.listen {
        options.settings.server.listen = listen;
    }
    options.works = !args.no_worker;
    let served =
        actix_web::rt::System::new().block_on(serve(options, |address| announce(address, output)));
    logging::drain();
    served.map_err(|error| Failure::new(Exit::of(error.kind()), error.message()))
}

/// What the settings say, and how they are read again at a reload. From here on there is a log.
pub(super) fn options(settings: &SettingsArgs) -> Result<ServeOptions> {
    let Loaded {
        settings,
        farm,
        problems,
        sources,
        ..
    } = settings.load()?;
    logging::init(&settings.log);
    for problem in problems.iter() {
        log::warn!("{problem}");
    }
    let layers = settings.layers.clone();
    let read_farm = move || {
        let loaded = FarmSettings::load(&sources, &layers, &farm::engine)
            .map_err(|problems| Error::invalid(problems.to_string()))?;
        for problem in loaded.problems.iter() {
            log::warn!("{problem}");
        }
        Ok(loaded.farm)
    };
    Ok(ServeOptions {
        settings,
        farm,
        read_farm: Arc::new(read_farm),
        works: true,
    })
}

/// Tells on stdout that requests are taken, for whoever waits for it.
fn announce(address: SocketAddr, output: Output) {
    let line = if output.quiet {
        format!("http://{address}")
    } else {
        format!(
            "cloudfarm serves on http://{address}, its documentation is at http://{address}/docs"
        )
    };
    // Whether anybody reads it is no concern of a server.
    let _ = output.line(&line);
}
