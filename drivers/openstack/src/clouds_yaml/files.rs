//! What was found: the clouds of the file, with their secrets, and the one of the environment.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::cloud::{Region, Settings};
use super::error::ReadError;
use super::names::suggest;
use super::places::{Places, Variables};
use super::syntax::parse;
use super::tree::{Tree, overlay, table};

/// How the cloud of the environment is called if `OS_CLOUD_NAME` does not say.
const ENVIRONMENT: &str = "envvars";
/// Variables that choose and do not describe.
const SELECTORS: [&str; 5] = [
    "OS_CLOUD",
    "OS_REGION_NAME",
    "OS_CLIENT_CONFIG_FILE",
    "OS_CLIENT_SECURE_FILE",
    "OS_CLOUD_NAME",
];
/// Variables of other programs.
const FOREIGN: [&str; 3] = ["OS_TEST", "OS_STD", "OS_LOG"];

/// The clouds that were found.
#[derive(Clone)]
pub struct CloudsYaml {
    pub(super) places: Places,
    pub(super) clouds: Tree,
    pub(super) public: Tree,
    file: Option<PathBuf>,
    environment: Option<String>,
    pub(super) environment_name: String,
}

impl CloudsYaml {
    /// Reads the files.
    ///
    /// # Errors
    ///
    /// `not_found` if there is neither a file nor a cloud in the environment, `invalid` for a file
    /// that makes no sense.
    pub fn load(places: Places) -> Result<Self, ReadError> {
        let looked = places.clouds_files();
        let found = first(&looked)?;
        let mut clouds = Tree::new();
        let mut file = None;
        if let Some((path, tree)) = found {
            clouds = table(&tree, "clouds").map_err(|error| error.in_file(&path))?;
            file = Some(path);
        }
        let secrets = places.candidates("secure", places.secure_file());
        if let Some((path, tree)) = first(&secrets)? {
            let secrets = table(&tree, "clouds").map_err(|error| error.in_file(&path))?;
            overlay(&mut clouds, secrets);
        }
        let public = match first(&places.candidates("clouds-public", None))? {
            Some((path, tree)) => {
                table(&tree, "public-clouds").map_err(|error| error.in_file(&path))?
            }
            None => Tree::new(),
        };
        let name = places.variable("OS_CLOUD_NAME").unwrap_or(ENVIRONMENT);
        let mut read = Self {
            environment_name: name.to_owned(),
            clouds,
            public,
            environment: None,
            file,
            places,
        };
        read.add_environment()?;
        let needs_file = read.places.is_file_given() || read.clouds.is_empty();
        if read.file.is_none() && needs_file {
            return Err(nothing().looked_at(looked));
        }
        Ok(read)
    }

    fn add_environment(&mut self) -> Result<(), ReadError> {
        let Some(settings) = of_environment(self.places.variables()) else {
            return Ok(());
        };
        let name = self.environment_name.clone();
        if self.clouds.contains_key(&name) {
            let message = format!("the file has a cloud {name:?}, and so has the environment");
            let hint = "name the one of the environment with OS_CLOUD_NAME";
            return Err(ReadError::invalid(message).with_hint(hint));
        }
        self.clouds.insert(name.clone(), Value::Object(settings));
        self.environment = Some(name);
        Ok(())
    }

    /// The file with the clouds, if there is one.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The names of the clouds, that of the environment included.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.clouds.keys().map(String::as_str)
    }

    /// The name of the cloud that the `OS_*` variables describe, if they do.
    pub fn environment(&self) -> Option<&str> {
        self.environment.as_deref()
    }

    /// The cloud that is meant if nobody names one.
    pub fn default_cloud(&self) -> Option<&str> {
        let chosen = self.places.variable("OS_CLOUD").or(self.environment());
        let mut names = self.names();
        let only = names.next().filter(|_| names.next().is_none());
        chosen.or(only)
    }

    /// The regions that the cloud lists; none if it leaves the region open.
    ///
    /// # Errors
    ///
    /// `not_found` for a cloud that is not there, `invalid` for regions that make no sense.
    pub fn regions(&self, cloud: &str) -> Result<Vec<String>, ReadError> {
        let regions = Region::all(self, self.entry(cloud)?)?;
        let names = regions.into_iter().map(|region| region.name);
        Ok(names.filter(|name| !name.is_empty()).collect())
    }

    /// A cloud in a region; in its first one if none is named.
    ///
    /// # Errors
    ///
    /// `not_found` for a cloud or a profile that is not there, `invalid` for what makes no sense.
    pub fn cloud(&self, name: &str, region: Option<&str>) -> Result<Settings, ReadError> {
        let entry = self.entry(name)?;
        Settings::read(self, entry, region).map_err(|error| match &self.file {
            Some(file) => error.in_file(file),
            None => error,
        })
    }

    pub(super) fn entry(&self, name: &str) -> Result<&Tree, ReadError> {
        match self.clouds.get(name) {
            Some(Value::Object(entry)) => Ok(entry),
            Some(_) => Err(ReadError::invalid(format!(
                "cloud {name:?} must be a mapping"
            ))),
            None => Err(ReadError::not_found(format!("there is no cloud {name:?}"))
                .with_hint(suggest("clouds", name, self.names()))),
        }
    }
}

impl std::fmt::Debug for CloudsYaml {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CloudsYaml")
            .field("file", &self.file)
            .field("clouds", &self.clouds.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

fn nothing() -> ReadError {
    ReadError::not_found("there is no clouds.yaml that may be read, and no OS_ variables")
}

/// The first of these files that is there and may be read.
fn first(files: &[PathBuf]) -> Result<Option<(PathBuf, Tree)>, ReadError> {
    for path in files {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                let tree = tree_of(&text).map_err(|error| error.in_file(path))?;
                return Ok(Some((path.clone(), tree)));
            }
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                return Err(ReadError::invalid("the file is not UTF-8 text").in_file(path));
            }
            Err(_) => {}
        }
    }
    Ok(None)
}

fn tree_of(text: &str) -> Result<Tree, ReadError> {
    match parse(text)? {
        Value::Object(tree) => Ok(tree),
        Value::Null => Err(ReadError::invalid("the file is empty")),
        _ => Err(ReadError::invalid(
            "the file must be a mapping with the key clouds",
        )),
    }
}

/// What the `OS_*` variables say.
fn of_environment(variables: &Variables) -> Option<Tree> {
    let own = variables.iter().filter(|(name, _)| {
        let is_foreign = FOREIGN.iter().any(|prefix| name.starts_with(prefix));
        name.starts_with("OS_") && !is_foreign
    });
    let describes = own
        .clone()
        .any(|(name, _)| !SELECTORS.contains(&name.as_str()));
    let key = |name: &str| name.trim_start_matches("OS_").to_ascii_lowercase();
    describes.then(|| {
        own.map(|(name, value)| (key(name), Value::from(value.as_str())))
            .collect()
    })
}
