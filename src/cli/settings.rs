//! `settings`: what the settings come to.

use clap::{Args, Subcommand};

use super::failure::Result;
use super::local::SettingsArgs;
use super::output::Output;

#[derive(Debug, Args)]
pub(crate) struct SettingsCommand {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show the settings as they are in effect, and where each came from; secrets are masked
    #[command(after_help = "Examples:
  cloudfarm settings show
  cloudfarm settings show --farm clouds.yaml -o json")]
    Show(SettingsArgs),
}

pub(crate) fn run(args: &SettingsCommand, output: Output) -> Result<()> {
    let Verb::Show(settings) = &args.verb;
    let loaded = settings.load()?;
    if output.is_document() {
        return output.document(&loaded.shown.to_json());
    }
    output.line(loaded.shown.to_toml().trim_end())
}
