//! `completions`.

use clap::Args;
use clap_complete::Shell;

use super::app::command;
use super::failure::Result;

pub(super) const EXAMPLES: &str = "Examples:
  cloudfarm completions bash > /etc/bash_completion.d/cloudfarm
  cloudfarm completions zsh > ~/.zfunc/_cloudfarm
  cloudfarm completions fish > ~/.config/fish/completions/cloudfarm.fish";

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// For this shell
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs) -> Result<()> {
    let mut out = super::output::stdout();
    clap_complete::generate(args.shell, &mut command(), "cloudfarm", &mut out);
    Ok(())
}
