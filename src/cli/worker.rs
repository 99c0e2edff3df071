//! `worker`: carries out jobs beside servers that leave them to others.

use std::net::SocketAddr;

use clap::Args;

use super::exit::Exit;
use super::failure::{Failure, Result};
use super::local::SettingsArgs;
use super::output::Output;
use super::serve;
use crate::api::work;
use crate::logging;

pub(super) const EXAMPLES: &str = "Examples:
  CLOUDFARM__STORE__URL=postgresql://cloudfarm@db/cloudfarm cloudfarm worker
  cloudfarm worker --listen 127.0.0.1:9100
  cloudfarm worker --settings /etc/cloudfarm --farm /etc/cloudfarm/cloud_farm.toml";

#[derive(Debug, Args)]
pub(crate) struct WorkerArgs {
    /// Where to answer /healthz, /readyz and /metrics; port 0 takes a free one. Nowhere by default
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(crate) fn run(args: &WorkerArgs, output: Output) -> Result<()> {
    let mut options = serve::options(&args.settings)?;
    if args.listen.is_some() {
        options.settings.worker.listen = args.listen;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Failed, format!("cannot start: {error}")))?;
    let started = |address: Option<SocketAddr>| {
        let line = match address {
            Some(address) if output.quiet => format!("http://{address}"),
            Some(address) => {
                format!("cloudfarm carries out jobs, how that fares is at http://{address}/metrics")
            }
            None => "cloudfarm carries out jobs".to_owned(),
        };
        // Whether anybody reads it is no concern of a worker.
        let _ = output.line(&line);
    };
    let worked = runtime.block_on(work(options, started));
    logging::drain();
    worked.map_err(|error| Failure::new(Exit::of(error.kind()), error.message()))
}
