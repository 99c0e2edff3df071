//! The reference of the command line, generated from the tree of commands.

use std::fmt::Write;

use clap::{Arg, Command};

use super::app;
use super::exit;

/// Every command with its options, and the exit codes, as Markdown.
pub fn reference() -> String {
    let mut root = app::command();
    root.build();
    let mut text = String::new();
    let _ = writeln!(text, "## Exit codes\n\n{}", exit::markdown());
    let _ = writeln!(text, "## Global options\n");
    let global = |arg: &&Arg| arg.is_global_set() && arg.get_id() != "cloud";
    options(&mut text, root.get_arguments().filter(global));
    for noun in commands(&root) {
        section(&mut text, noun, 2);
    }
    text
}

fn commands(parent: &Command) -> impl Iterator<Item = &Command> {
    let mut commands: Vec<&Command> = parent
        .get_subcommands()
        .filter(|command| command.get_name() != "help" && !command.is_hide_set())
        .collect();
    commands.sort_by_key(|command| command.get_display_order());
    commands.into_iter()
}

fn section(text: &mut String, command: &Command, level: usize) {
    let name = command.get_bin_name().unwrap_or_default();
    let _ = writeln!(text, "{} `{name}`\n", "#".repeat(level));
    if let Some(about) = command.get_long_about().or(command.get_about()) {
        let about = about.to_string();
        let end = if about.ends_with('.') { "" } else { "." };
        let _ = writeln!(text, "{about}{end}\n");
    }
    let aliases: Vec<String> = command
        .get_visible_aliases()
        .map(|alias| format!("`{alias}`"))
        .collect();
    if !aliases.is_empty() {
        let _ = writeln!(text, "Also: {}.\n", aliases.join(", "));
    }
    let inner: Vec<&Command> = commands(command).collect();
    if inner.is_empty() {
        let usage = command.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ");
        let _ = writeln!(text, "```console\n{usage}\n```\n");
        let own = |arg: &&Arg| !is_common(arg);
        options(text, command.get_arguments().filter(own));
    }
    if let Some(examples) = command.get_after_help() {
        example(text, &examples.to_string());
    }
    for command in inner {
        section(text, command, level + 1);
    }
}

/// What every command has stands in the reference once.
fn is_common(arg: &Arg) -> bool {
    matches!(
        arg.get_id().as_str(),
        "help" | "version" | "url" | "output" | "quiet" | "verbose"
    )
}

fn options<'a>(text: &mut String, args: impl Iterator<Item = &'a Arg>) {
    let args: Vec<&Arg> = args.filter(|arg| !arg.is_hide_set()).collect();
    if args.is_empty() {
        return;
    }
    text.push_str("| option | meaning |\n|---|---|\n");
    for arg in args {
        let _ = writeln!(text, "| {} | {} |", name(arg), meaning(arg));
    }
    text.push('\n');
}

fn name(arg: &Arg) -> String {
    let values: Vec<&str> = arg
        .get_value_names()
        .filter(|_| arg.get_action().takes_values())
        .into_iter()
        .flatten()
        .map(|name| name.as_str())
        .collect();
    let value = values.join(" ");
    if arg.is_positional() {
        return format!("`{}`", escaped(&value));
    }
    let short = arg.get_short().map(|short| format!("-{short}"));
    let long = arg.get_long().map(|long| format!("--{long}"));
    let names: Vec<String> = short.into_iter().chain(long).collect();
    let names = names.join(", ");
    let value = escaped(&value);
    if value.is_empty() {
        format!("`{names}`")
    } else if arg.is_require_equals_set() {
        format!("`{names}[={value}]`")
    } else {
        format!("`{names} {value}`")
    }
}

fn meaning(arg: &Arg) -> String {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let mut meaning = escaped(&help.split_whitespace().collect::<Vec<_>>().join(" "));
    let defaults: Vec<String> = arg
        .get_default_values()
        .iter()
        .map(|value| format!("`{}`", value.to_string_lossy()))
        .collect();
    if !defaults.is_empty() && arg.get_action().takes_values() {
        let _ = write!(meaning, " (default {})", defaults.join(", "));
    }
    if let Some(variable) = arg.get_env() {
        let _ = write!(meaning, " (environment: `{}`)", variable.to_string_lossy());
    }
    meaning
}

/// A bar ends a cell of a table, in code too.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

/// What stands before the examples is text, they themselves are code.
fn example(text: &mut String, help: &str) {
    let (words, examples) = help.split_once("Examples:\n").unwrap_or((help, ""));
    let words = words.trim();
    if !words.is_empty() {
        let _ = writeln!(text, "{words}\n");
    }
    if !examples.is_empty() {
        let lines: Vec<&str> = examples
            .lines()
            .map(|line| line.strip_prefix("  ").unwrap_or(line))
            .collect();
        let _ = writeln!(text, "```sh\n{}\n```\n", lines.join("\n").trim_end());
    }
}
