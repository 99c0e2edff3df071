//! What keeps a cloud from being read.

use std::fmt;
use std::path::{Path, PathBuf};

use cloudfarm_contract::{Error, ErrorKind};

/// What is wrong with the files, or with what is asked of them. The message holds no secret; it
/// holds no path either, so that it may be told to people who do not sit at the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    file: Option<PathBuf>,
    looked: Vec<PathBuf>,
}

impl ReadError {
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            file: None,
            looked: Vec::new(),
        }
    }

    #[must_use]
    pub(super) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub(super) fn in_file(mut self, file: &Path) -> Self {
        self.file.get_or_insert_with(|| file.to_owned());
        self
    }

    #[must_use]
    pub(super) fn looked_at(mut self, looked: Vec<PathBuf>) -> Self {
        self.looked = looked;
        self
    }

    /// `not_found` for a file, a cloud or a profile that is not there, else `invalid`.
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What would help.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The file that it is about, for people at the machine.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Where the file was looked for, for people at the machine.
    pub fn looked(&self) -> &[PathBuf] {
        &self.looked
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ReadError {}

/// As an error in the settings of a cloud.
impl From<ReadError> for Error {
    fn from(error: ReadError) -> Self {
        let wrong = Self::invalid(error.message).with_field("extra_params.clouds_yaml");
        match error.hint {
            Some(hint) => wrong.with_hint(hint),
            None => wrong,
        }
    }
}
