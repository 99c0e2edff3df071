//! What destroys is asked for twice.

use std::io::{self, BufRead, IsTerminal};

use clap::Args;
use console::Term;

use super::failure::{Failure, Result};
use super::text::printable;

/// More names than this make a question that nobody reads.
const NAMED: usize = 5;

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct ConfirmArgs {
    /// Do not ask back
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,
}

impl ConfirmArgs {
    /// Asks whether to go on. Without a terminal to ask on it takes `--yes`.
    pub(crate) fn confirm(self, what: &str, names: &[String]) -> Result<()> {
        if self.yes {
            return Ok(());
        }
        let question = format!("{what} {}", enumerate(names));
        let terminal = Term::stderr();
        if !io::stdin().is_terminal() || !terminal.is_term() {
            return Err(
                Failure::usage(format!("{question}: not done without --yes"))
                    .hint("there is no terminal to ask on; add --yes if you are sure"),
            );
        }
        terminal.write_str(&format!("{}? [y/N] ", printable(&question)))?;
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer)?;
        if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
            return Ok(());
        }
        Err(Failure::new(super::exit::Exit::Failed, "nothing was done"))
    }
}

fn enumerate(names: &[String]) -> String {
    if names.len() <= NAMED {
        return names.join(", ");
    }
    let more = names.len() - NAMED;
    format!("{} and {more} more", names[..NAMED].join(", "))
}

#[cfg(test)]
mod tests {
    use super::enumerate;

    #[test]
    fn a_question_stays_short() {
        let names: Vec<String> = (1..=7).map(|number| format!("web-{number}")).collect();
        assert_eq!(enumerate(&names[..2]), "web-1, web-2");
        assert_eq!(
            enumerate(&names),
            "web-1, web-2, web-3, web-4, web-5 and 2 more"
        );
    }
}
