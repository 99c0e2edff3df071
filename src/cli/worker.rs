//! `worker`: carries out jobs beside servers that leave them to others.

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
  cloudfarm worker --settings /etc/cloudfarm --farm /etc/cloudfarm/cloud_farm.toml";

#[derive(Debug, Args)]
pub(crate) struct WorkerArgs {
    #[command(flatten)]
    settings: SettingsArgs,
}

pub(crate) fn run(args: &WorkerArgs, output: Output) -> Result<()> {
    let options = serve::options(&args.settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Failed, format!("cannot start: {error}")))?;
    let started = || {
        // Whether anybody reads it is no concern of a worker.
        let _ = output.line("cloudfarm carries out jobs");
    };
    let worked = runtime.block_on(work(options, started));
    logging::drain();
    worked.map_err(|error| Failure::new(Exit::of(error.kind()), error.message()))
}
