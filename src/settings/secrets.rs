//! Secrets that the settings refer to: `{ env = "X" }`, `{ file = "path" }`, `{ command = "..." }`.

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use cloudfarm_contract::nearest;
use config::ValueKind;
use serde_json::Value as Json;

use super::command::{self, CommandFailure};
use super::sources::Environment;
use super::tree::{Origin, Table, sorted};
use super::{Problems, SettingProblem};

const KINDS: [&str; 3] = ["env", "file", "command"];
/// More than any key or certificate, and little enough to read a wrong file without harm.
const SIZE_LIMIT: u64 = 64 * 1024;

/// Where a secret is to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reference {
    /// In an environment variable.
    Env(String),
    /// In a file.
    File(PathBuf),
    /// On the standard output of a shell command.
    Command(String),
}

/// A reference and where it stands.
pub(super) struct SecretAt {
    pub(super) path: Vec<String>,
    pub(super) origin: Origin,
    pub(super) reference: Reference,
}

impl Reference {
    /// Reads the table that stands in the place of a secret. A reference in a variable goes before
    /// one in the file.
    pub(super) fn read(table: &Table) -> Result<Self, String> {
        let is_variable = |origin: &Origin| matches!(origin, Origin::Variable(_));
        let entries: Vec<(String, &config::Value)> = sorted(table)
            .into_iter()
            .filter(|(_, value)| !matches!(value.kind, ValueKind::Nil))
            .map(|(key, value)| (key.to_ascii_lowercase(), value))
            .collect();
        if let Some((unknown, _)) = entries
            .iter()
            .find(|(key, _)| !KINDS.contains(&key.as_str()))
        {
            let hint = nearest(unknown, KINDS)
                .map_or_else(String::new, |known| format!("; did you mean {known:?}?"));
            return Err(format!(
                "a secret refers to one of env, file and command, and not to another key{hint}"
            ));
        }
        let mut strongest: Vec<_> = entries
            .iter()
            .filter(|(_, value)| is_variable(&Origin::of(value)))
            .collect();
        if strongest.is_empty() {
            strongest = entries.iter().collect();
        }
        let [(kind, value)] = strongest.as_slice() else {
            return Err("must refer to exactly one of env, file and command".to_owned());
        };
        match (kind.as_str(), &value.kind) {
            (_, ValueKind::String(text)) if text.trim().is_empty() => {
                Err(format!("{kind} must not be empty"))
            }
            ("env", ValueKind::String(name)) => Ok(Self::Env(name.clone())),
            ("file", ValueKind::String(path)) => Ok(Self::File(PathBuf::from(path))),
            (_, ValueKind::String(command)) => Ok(Self::Command(command.clone())),
            _ => Err(format!("{kind} must be text in quotes")),
        }
    }

    /// For people who look for where a value came from. A command may hold a secret itself.
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Env(name) => format!("env {name}"),
            Self::File(path) => format!("file {}", path.display()),
            Self::Command(_) => "command".to_owned(),
        }
    }
}

impl SecretAt {
    /// The secret, without the line end after it. Relative paths start from `directory`.
    pub(super) fn resolve(
        &self,
        environment: &Environment,
        directory: &Path,
    ) -> Result<String, Problems> {
        match &self.reference {
            Reference::Env(name) => self.read_environment(environment, name),
            Reference::File(path) => self.read_file(&directory.join(path), path),
            Reference::Command(text) => self.read_command(text, directory),
        }
    }

    fn read_environment(&self, environment: &Environment, name: &str) -> Result<String, Problems> {
        let fail = |what: &str| {
            let message = format!("the environment variable {name} {what}");
            Err(self.problem(message).into())
        };
        match environment.get(name).map(OsString::into_string) {
            Some(Ok(value)) => Ok(value),
            Some(Err(_)) => fail("is not UTF-8 text"),
            None => fail("is not set, or empty"),
        }
    }

    fn read_file(&self, path: &Path, written: &Path) -> Result<String, Problems> {
        let fail = |what: &str| -> Problems {
            self.problem(format!("the file that it refers to {what}"))
                .with_detail(format!("file {:?}", written.display().to_string()))
                .into()
        };
        let mut bytes = Vec::new();
        let read = File::open(path)
            .and_then(|file| file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes))
            .map_err(|error| {
                fail(match error.kind() {
                    ErrorKind::NotFound => "does not exist",
                    ErrorKind::PermissionDenied => "may not be read",
                    ErrorKind::IsADirectory => "is a directory",
                    _ => "cannot be read",
                })
            })?;
        if u64::try_from(read).is_ok_and(|read| read > SIZE_LIMIT) {
            return Err(fail("is larger than 64 KiB"));
        }
        trimmed(bytes).map_err(fail)
    }

    fn read_command(&self, text: &str, directory: &Path) -> Result<String, Problems> {
        let output = command::run(text, directory, SIZE_LIMIT).map_err(|failure| {
            let what = match failure {
                CommandFailure::CannotStart => "cannot be started".to_owned(),
                CommandFailure::TimedOut => "did not end within 10 s".to_owned(),
                CommandFailure::TooLong => "prints more than 64 KiB".to_owned(),
                CommandFailure::Status(status) => format!("failed with {status}"),
            };
            self.problem(format!("the command that it refers to {what}"))
                .with_hint(Some("run it by hand to see why".to_owned()))
        })?;
        trimmed(output).map_err(|what| {
            self.problem(format!("what the command that it refers to prints {what}"))
                .into()
        })
    }

    fn problem(&self, message: String) -> SettingProblem {
        SettingProblem::at(&self.origin, &self.path, message)
    }
}

/// Puts a secret where its reference stood; `steps` lead there from `place`.
pub(super) fn put(place: &mut Json, steps: &[String], secret: String) {
    let mut place = Some(place);
    for step in steps {
        place = place.and_then(|place| match place {
            Json::Array(values) => values.get_mut(step.parse::<usize>().ok()?),
            Json::Object(table) => table.get_mut(step),
            _ => None,
        });
    }
    if let Some(place) = place {
        *place = Json::from(secret);
    }
}

fn trimmed(bytes: Vec<u8>) -> Result<String, &'static str> {
    let mut text = String::from_utf8(bytes).map_err(|_| "is not UTF-8 text")?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    if text.is_empty() {
        return Err("is empty");
    }
    Ok(text)
}
