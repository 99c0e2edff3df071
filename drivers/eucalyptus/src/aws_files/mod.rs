//! The files of other tools that hold keys: those of the AWS tools, `eucarc` and `euca2ools.ini`.

mod euca2ools;
mod eucarc;
mod ini;
mod profiles;

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use cloudfarm_contract::{ErrorKind, Secret};

pub use self::euca2ools::Euca2ools;
pub use self::eucarc::Eucarc;
pub use self::profiles::{Profile, Profiles, Source};

/// The variables that a process was started with.
pub type Variables = HashMap<String, String>;

/// Those of this process.
pub fn process_variables() -> Variables {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// The value of the first of `names` that is set and not empty.
pub fn variable<'v>(variables: &'v Variables, names: &[&str]) -> Option<&'v str> {
    names
        .iter()
        .find_map(|name| variables.get(*name))
        .map(String::as_str)
        .filter(|value| !value.is_empty())
}

/// A cloud as one of these files describes it.
#[derive(Debug, Clone, Default)]
pub struct Described {
    /// The access key id.
    pub access_key: Option<String>,
    /// The secret key.
    pub secret_key: Option<Secret>,
    /// The address of the API.
    pub url: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// Whether certificates are verified, where the file says so.
    pub verify: Option<bool>,
    /// A file with authorities, where the file names one.
    pub ca_file: Option<String>,
}

/// Why a file cannot be used; told to the person at the machine.
#[derive(Debug, Clone)]
pub struct FileError {
    /// Which kind of error it is.
    pub kind: ErrorKind,
    /// What is wrong; it names no file.
    pub message: String,
    /// What would help.
    pub hint: Option<String>,
    /// The file.
    pub file: Option<PathBuf>,
}

impl FileError {
    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            file: None,
        }
    }

    fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn in_file(mut self, file: &Path) -> Self {
        self.file = Some(file.to_owned());
        self
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for FileError {}

/// The text of a file; `None` if there is none.
fn read(file: &Path) -> Result<Option<String>, FileError> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) => match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Ok(None),
            std::io::ErrorKind::PermissionDenied => {
                let message = "the file may not be read";
                Err(FileError::new(ErrorKind::Forbidden, message).in_file(file))
            }
            std::io::ErrorKind::InvalidData => {
                let message = "the file is not text in utf-8";
                Err(FileError::new(ErrorKind::Invalid, message).in_file(file))
            }
            _ => {
                let message = "the file cannot be read";
                Err(FileError::new(ErrorKind::Invalid, message).in_file(file))
            }
        },
    }
}

/// A path with `~` at its start and variables in it, as a shell would take it.
fn expand(path: &str, variables: &Variables) -> PathBuf {
    let mut expanded = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('$') {
        expanded.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let (name, after, written) = match rest.strip_prefix('{').and_then(|r| r.split_once('}')) {
            Some((name, after)) => (name, after, format!("${{{name}}}")),
            None => {
                let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                (&rest[..end], &rest[end..], format!("${}", &rest[..end]))
            }
        };
        match variables.get(name) {
            Some(value) => expanded.push_str(value),
            None => expanded.push_str(&written),
        }
        rest = after;
    }
    expanded.push_str(rest);
    match (expanded.strip_prefix('~'), home(variables)) {
        (Some(""), Some(home)) => home,
        (Some(rest), Some(home)) if rest.starts_with('/') => home.join(&rest[1..]),
        _ => PathBuf::from(expanded),
    }
}

fn home(variables: &Variables) -> Option<PathBuf> {
    variable(variables, &["HOME"]).map(PathBuf::from)
}
