//! Where settings are looked for.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// Names the directory of settings.
const DIRECTORY_VARIABLE: &str = "CLOUDFARM_SETTINGS";
/// Names the farm file.
const FARM_VARIABLE: &str = "CLOUD_FARM";
/// Names the environment, as `production`.
pub(super) const ENVIRONMENT_VARIABLE: &str = "CLOUDFARM_ENV";
/// The farm file in the directory of settings.
pub(super) const USUAL_FARM: &str = "cloud_farm.toml";
/// Where settings are if nothing says otherwise.
const USUAL_DIRECTORY: &str = "settings";

/// The variables of the environment.
#[derive(Clone)]
pub struct Environment(Variables);

#[derive(Clone)]
enum Variables {
    Process,
    Given(BTreeMap<String, String>),
}

impl Environment {
    /// Those of the process.
    pub const fn process() -> Self {
        Self(Variables::Process)
    }

    /// These and no others.
    pub fn of<N, V>(variables: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<String>,
    {
        let owned = |(name, value): (N, V)| (name.into(), value.into());
        Self(Variables::Given(variables.into_iter().map(owned).collect()))
    }

    /// A variable that is set and not empty.
    pub(super) fn get(&self, name: &str) -> Option<OsString> {
        let value = match &self.0 {
            Variables::Process => std::env::var_os(name),
            Variables::Given(variables) => variables.get(name).map(OsString::from),
        };
        value.filter(|value| !value.is_empty())
    }

    /// The variables that are set and not empty and begin with `prefix`, in the order of names.
    pub(super) fn starting_with(&self, prefix: &str) -> Vec<(String, OsString)> {
        let all: Vec<(String, OsString)> = match &self.0 {
            Variables::Process => std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
                .collect(),
            Variables::Given(variables) => variables
                .iter()
                .map(|(name, value)| (name.clone(), OsString::from(value)))
                .collect(),
        };
        let mut found: Vec<_> = all
            .into_iter()
            .filter(|(name, value)| name.starts_with(prefix) && !value.is_empty())
            .collect();
        found.sort();
        found
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Variables::Process => f.write_str("Process"),
            Variables::Given(variables) => f.debug_set().entries(variables.keys()).finish(),
        }
    }
}

/// Where settings are looked for. A reload looks there again.
#[derive(Debug, Clone)]
pub struct Sources {
    environment: Environment,
    directory: Option<PathBuf>,
    usual_directory: bool,
    farm: Option<PathBuf>,
}

impl Sources {
    /// What the process was told: its environment, and `settings` in its working directory.
    pub const fn process() -> Self {
        Self {
            environment: Environment::process(),
            directory: None,
            usual_directory: true,
            farm: None,
        }
    }

    /// What is built in, and these variables.
    pub const fn built_in(environment: Environment) -> Self {
        Self {
            environment,
            directory: None,
            usual_directory: false,
            farm: None,
        }
    }

    /// Looks in this directory, as `--settings` asks, whatever the environment says.
    #[must_use]
    pub fn with_directory(mut self, directory: Option<PathBuf>) -> Self {
        self.directory = directory.or(self.directory);
        self
    }

    /// Takes this farm file, as `--farm` asks, whatever the environment says.
    #[must_use]
    pub fn with_farm(mut self, farm: Option<PathBuf>) -> Self {
        self.farm = farm.or(self.farm);
        self
    }

    pub(super) const fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The directory of settings, if there is one.
    pub(super) fn directory(&self) -> Option<PathBuf> {
        let named = self
            .directory
            .clone()
            .or_else(|| self.environment.get(DIRECTORY_VARIABLE).map(PathBuf::from));
        let usual = || {
            let usual = Path::new(USUAL_DIRECTORY);
            (self.usual_directory && usual.is_dir()).then(|| usual.to_owned())
        };
        named.or_else(usual)
    }

    /// The farm file that was named, or else the place of the usual one.
    pub fn farm_file(&self) -> Option<PathBuf> {
        let usual = || self.directory().map(|it| it.join(USUAL_FARM));
        self.named_farm().or_else(usual)
    }

    /// The farm file that was named.
    pub(super) fn named_farm(&self) -> Option<PathBuf> {
        self.farm
            .clone()
            .or_else(|| self.environment.get(FARM_VARIABLE).map(PathBuf::from))
    }
}
