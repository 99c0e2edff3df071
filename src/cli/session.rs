//! What every command has at hand: the server, the form of the output, the terminal.

use std::io::IsTerminal;

use super::app::GlobalArgs;
use super::client::Client;
use super::failure::Result;
use super::output::Output;

/// One run of the program.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) output: Output,
    pub(crate) verbose: bool,
}

impl Session {
    pub(crate) fn new(args: GlobalArgs) -> Result<Self> {
        let output = Output {
            format: args.output,
            quiet: args.quiet,
        };
        Ok(Self {
            client: Client::new(args.url, args.verbose)?,
            output,
            verbose: args.verbose,
        })
    }

    /// Whether somebody looks at what goes on.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.output.quiet && std::io::stderr().is_terminal()
    }
}
