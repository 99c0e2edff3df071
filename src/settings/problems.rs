//! What is wrong with the settings, all of it at once.

use std::fmt;

use cloudfarm_contract::{Error, Text, nearest};

use super::overrides;
use super::tree::Origin;

/// One thing that is wrong. It never holds a value, because the value may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingProblem {
    /// The file, or `environment`.
    pub source: String,
    /// The key from the root, as `cloud_farm.lab.user`, or the environment variable; empty if the
    /// whole source is meant.
    pub key: String,
    /// What is wrong, and what would be right.
    pub message: String,
    /// What was probably meant.
    pub hint: Option<String>,
    /// What helps the operator and is nobody else's business, such as a path of the host.
    pub detail: Option<String>,
    /// The cloud that cannot be used because of it; `None` if it stops the start.
    pub cloud: Option<Text>,
    /// The key from the root, whatever the source calls it.
    path: Vec<String>,
}

impl SettingProblem {
    /// A problem of a whole file.
    pub(super) fn of_file(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            source: file.into(),
            key: String::new(),
            message: message.into(),
            hint: None,
            detail: None,
            cloud: None,
            path: Vec::new(),
        }
    }

    /// A problem of the key at `path`, whose value came from `origin`.
    pub(super) fn at(origin: &Origin, path: &[String], message: impl Into<String>) -> Self {
        let (source, key) = match origin {
            Origin::Variable(_) => ("environment".to_owned(), overrides::variable(path)),
            Origin::File(name) => (name.clone(), dotted(path)),
            Origin::Default => ("default".to_owned(), dotted(path)),
        };
        let mut problem = Self::of_file(source, message);
        problem.key = key;
        if let [root, cloud, ..] = path
            && root == super::farm::ROOT
        {
            problem.cloud = Some(Text::from(cloud));
        }
        problem.path = path.to_vec();
        problem
    }

    pub(super) fn path(&self) -> &[String] {
        &self.path
    }

    /// The key below the entry of the cloud, as `extra_params.region`.
    fn field(&self) -> Option<String> {
        let field = self.path.get(2..)?;
        (!field.is_empty()).then(|| field.join("."))
    }

    pub(super) fn with_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }

    pub(super) fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The message with the key of the entry in front, without what is the operator's only.
    fn for_clients(&self) -> String {
        match self.field() {
            None => self.message.clone(),
            Some(field) => format!("{field}: {}", self.message),
        }
    }
}

impl fmt::Display for SettingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.source)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)?;
        if let Some(detail) = &self.detail {
            write!(f, " ({detail})")?;
        }
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

/// A list of problems; `Display` prints one per line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<SettingProblem>);

impl Problems {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One after the other.
    pub fn iter(&self) -> std::slice::Iter<'_, SettingProblem> {
        self.0.iter()
    }

    pub(super) fn push(&mut self, problem: SettingProblem) {
        self.0.push(problem);
    }

    pub(super) fn append(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    /// In the order of the keys.
    pub(super) fn sort(&mut self) {
        self.0.sort_by(|one, other| one.path.cmp(&other.path));
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes out what stops the start.
    pub(super) fn split_fatal(&mut self) -> Self {
        let fatal = |problem: &mut SettingProblem| problem.cloud.is_none();
        Self(self.0.extract_if(.., fatal).collect())
    }

    /// Takes out what is wrong with one cloud.
    pub(super) fn split_cloud(&mut self, cloud: &str) -> Self {
        let theirs = |problem: &mut SettingProblem| problem.cloud.as_deref() == Some(cloud);
        Self(self.0.extract_if(.., theirs).collect())
    }

    /// The error of a cloud with these problems; `None` if there are none.
    pub(super) fn as_error(&self) -> Option<Error> {
        let first = self.0.first()?;
        let messages: Vec<String> = self.0.iter().map(SettingProblem::for_clients).collect();
        let mut error = Error::invalid(messages.join("; ")).with_internal(self);
        if let Some(field) = first.field() {
            error = error.with_field(field);
        }
        if let Some(hint) = &first.hint {
            error = error.with_hint(hint.clone());
        }
        Some(error)
    }
}

impl From<SettingProblem> for Problems {
    fn from(problem: SettingProblem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.0.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// The path as it is written in TOML.
pub(super) fn dotted(path: &[String]) -> String {
    let keys: Vec<String> = path.iter().map(|key| quoted_key(key)).collect();
    keys.join(".")
}

/// The key as it is written in TOML.
pub(super) fn quoted_key(key: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !key.is_empty() && key.bytes().all(bare) {
        key.to_owned()
    } else {
        // Unlike TOML's own printer JSON's keeps it on one line.
        serde_json::Value::from(key).to_string()
    }
}

/// Asks for the known key that was probably meant by the last of `path`.
pub(super) fn did_you_mean<'a>(
    origin: &Origin,
    path: &[String],
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let (wrong, parents) = path.split_last()?;
    let known = nearest(wrong, known)?;
    Some(match origin {
        Origin::Variable(_) => {
            let right = [parents, &[known.to_owned()]].concat();
            format!("did you mean {}?", overrides::variable(&right))
        }
        _ => format!("did you mean {known:?}?"),
    })
}
