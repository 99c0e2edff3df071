//! Values that are read from files, from stdin or from the keyboard, and those of a form of their
//! own.

use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use cloudfarm_contract::Secret;
use console::Term;

use super::exit::Exit;
use super::failure::{Failure, Result};

/// The text itself, the content of a file (`@file`), or all of stdin (`-`).
pub(crate) fn text_or_file(value: &str) -> Result<String> {
    match value.strip_prefix('@') {
        _ if value == "-" => stdin(),
        Some(path) => file(Path::new(path)),
        None => Ok(value.to_owned()),
    }
}

fn file(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| {
        Failure::new(
            Exit::Failed,
            format!("cannot read {}: {error}", path.display()),
        )
    })
}

fn stdin() -> Result<String> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|error| {
        Failure::new(Exit::Failed, format!("cannot read standard input: {error}"))
    })?;
    Ok(text)
}

/// A password, which never stands on a command line: there other people of the machine can see it.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct PasswordArgs {
    /// Read the administrator's password from this file; - for stdin
    #[arg(long, value_name = "FILE", conflicts_with = "ask_admin_password")]
    admin_password_file: Option<PathBuf>,
    /// Ask for the administrator's password
    #[arg(long)]
    ask_admin_password: bool,
}

impl PasswordArgs {
    /// The password, if one was given.
    pub(crate) fn read(&self) -> Result<Option<Secret>> {
        if let Some(path) = &self.admin_password_file {
            let text = if path.as_os_str() == "-" {
                stdin()?
            } else {
                file(path)?
            };
            return one_line(&text).map(Some);
        }
        self.ask_admin_password.then(ask_password).transpose()
    }

    /// The password, which is asked for where it was not given.
    pub(crate) fn read_or_ask(&self) -> Result<Secret> {
        match self.read()? {
            Some(password) => Ok(password),
            None => ask_password(),
        }
    }
}

fn one_line(text: &str) -> Result<Secret> {
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() || line.contains('\n') {
        return Err(Failure::usage(
            "the password must be one line that is not empty",
        ));
    }
    Ok(Secret::new(line))
}

fn ask_password() -> Result<Secret> {
    let terminal = Term::stderr();
    if !io::stdin().is_terminal() || !terminal.is_term() {
        return Err(
            Failure::usage("there is no terminal to ask for the password on")
                .hint("give it with --admin-password-file"),
        );
    }
    let ask = |prompt: &str| -> Result<String> {
        terminal.write_str(prompt)?;
        Ok(terminal.read_secure_line()?)
    };
    let first = ask("administrator's password: ")?;
    if first != ask("the same again: ")? {
        return Err(Failure::usage("the two passwords are not the same"));
    }
    one_line(&first)
}

/// Reads `KEY=VALUE`.
pub(crate) fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE".to_owned()),
    }
}

/// Reads `KEY=VALUE` where the value is JSON, or else a plain string.
pub(crate) fn key_json(text: &str) -> Result<(String, serde_json::Value), String> {
    let (key, value) = key_value(text)?;
    let value = serde_json::from_str(&value).unwrap_or(serde_json::Value::String(value));
    Ok((key, value))
}

#[cfg(test)]
mod tests {
    use super::{key_json, key_value, one_line, text_or_file};

    #[test]
    fn texts_are_given_as_such_or_in_a_file() {
        assert_eq!(text_or_file("#!/bin/sh").unwrap(), "#!/bin/sh");
        let failure = text_or_file("@no/such/file").unwrap_err();
        assert!(failure.message().contains("no/such/file"));
    }

    #[test]
    fn a_password_loses_only_its_line_end() {
        assert_eq!(one_line(" a b \r\n").unwrap().expose(), " a b ");
        assert!(one_line("\n").is_err());
        assert!(one_line("a\nb").is_err());
    }

    #[test]
    fn pairs_need_a_key() {
        assert_eq!(
            key_value("a=b=c").unwrap(),
            ("a".to_owned(), "b=c".to_owned())
        );
        assert!(key_value("=b").is_err());
        assert!(key_value("b").is_err());
        assert_eq!(key_json("a=[1]").unwrap().1, serde_json::json!([1]));
        assert_eq!(key_json("a=x").unwrap().1, serde_json::json!("x"));
    }
}
