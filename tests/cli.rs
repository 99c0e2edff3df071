//! The command line, as a person or a script uses it: the real binary against a real server.
#![expect(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

#[path = "cli/completions.rs"]
mod completions;
#[path = "cli/errors.rs"]
mod errors;
#[path = "cli/help.rs"]
mod help;
#[path = "cli/lists.rs"]
mod lists;
#[path = "cli/nodes.rs"]
mod nodes;
#[path = "cli/program.rs"]
mod program;
#[path = "cli/resources.rs"]
mod resources;
#[path = "cli/secrets.rs"]
mod secrets;
#[path = "cli/server.rs"]
mod server;
#[path = "cli/terminal.rs"]
mod terminal;
#[path = "cli/watch.rs"]
mod watch;

mod common;
