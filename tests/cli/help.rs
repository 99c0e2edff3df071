//! Help and the reference: every command explains itself, and what it says works.

use clap::Command;
use cloudfarm::cli::{command, reference};

use super::program::run;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/command-line.md");
const BEGIN: &str = "<!-- generated from the commands: begin -->\n";
const END: &str = "<!-- generated from the commands: end -->\n";

/// Every command that has no commands below it, with its words.
fn leaves(parent: &Command, words: &str, found: &mut Vec<(String, Command)>) {
    for command in parent.get_subcommands() {
        let words = format!("{words} {}", command.get_name());
        if command.has_subcommands() {
            leaves(command, &words, found);
        } else if command.get_name() != "help" {
            found.push((words.trim().to_owned(), command.clone()));
        }
    }
}

fn all() -> Vec<(String, Command)> {
    let mut found = Vec::new();
    leaves(&command(), "", &mut found);
    assert!(found.len() > 40);
    found
}

#[test]
fn the_tree_of_commands_is_sound() {
    command().debug_assert();
}

#[test]
fn every_command_explains_itself() {
    for (words, _) in all() {
        let help = run("http://127.0.0.1:1", &format!("{words} --help")).ok();
        for part in ["Usage: cloudfarm ", "Examples:", "--help"] {
            assert!(
                help.stdout.contains(part),
                "{words}: no {part:?} in {}",
                help.stdout
            );
        }
        assert!(help.stdout.lines().all(|line| line.len() <= 120), "{words}");
    }
}

#[test]
fn every_option_has_a_word_of_help() {
    for (words, command) in all() {
        for argument in command.get_arguments() {
            let is_told = argument
                .get_help()
                .is_some_and(|help| !help.to_string().is_empty());
            let is_own = !matches!(argument.get_id().as_str(), "help" | "version");
            assert!(is_told || !is_own, "{words}: {}", argument.get_id());
        }
    }
}

#[test]
fn every_example_is_a_command_line_that_is_understood() {
    for (words, leaf) in all() {
        let help = leaf
            .get_after_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        let (_, examples) = help
            .split_once("Examples:\n")
            .unwrap_or_else(|| panic!("{words}"));
        for line in examples.replace("\\\n", " ").lines() {
            let arguments = split(line);
            let at = arguments
                .iter()
                .position(|word| word == "cloudfarm")
                .unwrap();
            let parsed = command().try_get_matches_from(&arguments[at..]);
            assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
            assert!(
                line.contains(&format!("cloudfarm {words}")),
                "{words}: {line}"
            );
        }
    }
}

/// Splits as a shell does, as far as the examples need it.
fn split(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for char in line.split(" > ").next().unwrap_or_default().chars() {
        match char {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().unwrap().push(char),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn the_exit_codes_stand_in_the_help() {
    let help = run("http://127.0.0.1:1", "--help").ok().stdout;
    assert!(help.contains("Exit codes:\n"), "{help}");
    assert!(help.contains("    3  no such thing"), "{help}");
    run("http://127.0.0.1:1", "").fails(2, &["Usage: cloudfarm"]);
    assert!(
        run("http://127.0.0.1:1", "--version")
            .ok()
            .stdout
            .starts_with("cloudfarm ")
    );
}

/// `UPDATE_DOCS=1` writes the page anew.
#[test]
fn the_reference_in_the_docs_is_that_of_the_program() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let wanted = format!("{before}{BEGIN}\n{}{END}{after}", reference());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(PAGE, wanted).unwrap();
        return;
    }
    assert!(
        page == wanted,
        "docs/command-line.md is stale: run the tests with UPDATE_DOCS=1"
    );
}
