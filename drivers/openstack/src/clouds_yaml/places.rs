//! Where files are looked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Names the file with the clouds.
const FILE_VARIABLE: &str = "OS_CLIENT_CONFIG_FILE";
/// Names the file with their secrets.
const SECURE_VARIABLE: &str = "OS_CLIENT_SECURE_FILE";
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// Variables of an environment, by name.
pub type Variables = BTreeMap<String, String>;

/// Where files are looked for, and the variables that have a say.
#[derive(Clone, Default)]
pub struct Places {
    variables: Variables,
    directories: Vec<PathBuf>,
    home: Option<PathBuf>,
    file: Option<PathBuf>,
    /// Whether `file` is the only one that will do.
    only_file: bool,
    secure_file: Option<PathBuf>,
}

impl Places {
    /// Those of the process: the working directory, the user's configuration, the machine's.
    pub fn process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        let variables: Variables = std::env::vars_os().filter_map(text).collect();
        Self::of(variables, std::env::current_dir().ok())
    }

    /// Those of a process with these variables in this working directory.
    pub fn of(variables: Variables, directory: Option<PathBuf>) -> Self {
        let given = |name: &str| {
            let value = variables.get(name).filter(|value| !value.is_empty());
            value.map(PathBuf::from)
        };
        let home = given("HOME");
        let configuration = given("XDG_CONFIG_HOME").map(|it| it.join("openstack"));
        let below_home = given("SNAP_REAL_HOME").or_else(|| home.clone());
        let below_home = below_home.map(|home| home.join(".config/openstack"));
        let everywhere = given("XDG_CONFIG_DIRS").unwrap_or_else(|| PathBuf::from("/etc/xdg"));
        let everywhere = std::env::split_paths(&everywhere).map(|it| it.join("openstack"));
        let mut directories: Vec<PathBuf> = Vec::new();
        let all = directory.into_iter().chain(configuration).chain(below_home);
        for place in all
            .chain(everywhere)
            .chain([PathBuf::from("/etc/openstack")])
        {
            if !directories.contains(&place) {
                directories.push(place);
            }
        }
        Self {
            file: given(FILE_VARIABLE),
            secure_file: given(SECURE_VARIABLE),
            variables,
            directories,
            home,
            only_file: false,
        }
    }

    /// Takes this file and no other, whatever the environment says.
    #[must_use]
    pub fn with_file(mut self, file: impl Into<PathBuf>) -> Self {
        let file = file.into();
        let beside = file.parent().unwrap_or(Path::new("")).to_owned();
        self.directories.retain(|known| *known != beside);
        self.directories.insert(0, beside);
        self.only_file = true;
        self.file = Some(file);
        self
    }

    /// Takes the secrets from this file.
    #[must_use]
    pub fn with_secure_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.secure_file = Some(file.into());
        self
    }

    /// Leaves the cloud that the variables describe out.
    #[must_use]
    pub fn without_environment(mut self) -> Self {
        self.variables.clear();
        self
    }

    /// A variable that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    pub(super) const fn variables(&self) -> &Variables {
        &self.variables
    }

    /// Whether there is one file that has to be there.
    pub(super) const fn is_file_given(&self) -> bool {
        self.only_file
    }

    /// Every place of the file with the clouds, in the order of looking.
    pub(super) fn clouds_files(&self) -> Vec<PathBuf> {
        match &self.file {
            Some(file) if self.only_file => vec![file.clone()],
            file => self.candidates("clouds", file.as_deref()),
        }
    }

    /// The file of secrets that was named.
    pub fn secure_file(&self) -> Option<&Path> {
        self.secure_file.as_deref()
    }

    /// Every place of `clouds`, `secure` or `clouds-public`, in the order of looking.
    pub(super) fn candidates(&self, stem: &str, named: Option<&Path>) -> Vec<PathBuf> {
        let of = |directory: &PathBuf| {
            let directory = directory.clone();
            ENDINGS.map(move |ending| directory.join(format!("{stem}.{ending}")))
        };
        let named = named.map(Path::to_owned).into_iter();
        named.chain(self.directories.iter().flat_map(of)).collect()
    }

    /// A path that may begin with `~`.
    pub(super) fn expand(&self, path: &str) -> String {
        match (path.strip_prefix('~'), &self.home) {
            (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
                format!("{}{rest}", home.display())
            }
            _ => path.to_owned(),
        }
    }
}

impl std::fmt::Debug for Places {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Places")
            .field("variables", &self.variables.keys())
            .field("directories", &self.directories)
            .field("file", &self.file)
            .field("secure_file", &self.secure_file)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{Places, Variables};

    fn places(variables: &[(&str, &str)]) -> Places {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let variables: Variables = variables.iter().map(own).collect();
        Places::of(variables, Some(PathBuf::from("/here")))
    }

    #[test]
    fn the_nearest_place_is_the_first() {
        let places = places(&[("HOME", "/home/me"), ("XDG_CONFIG_HOME", "/conf")]);
        let clouds = places.clouds_files();
        let yaml: Vec<&Path> = clouds
            .iter()
            .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
            .map(PathBuf::as_path)
            .collect();
        let wanted = [
            "/here/clouds.yaml",
            "/conf/openstack/clouds.yaml",
            "/home/me/.config/openstack/clouds.yaml",
            "/etc/xdg/openstack/clouds.yaml",
            "/etc/openstack/clouds.yaml",
        ];
        assert_eq!(yaml, wanted.map(Path::new));
    }

    #[test]
    fn a_named_file_goes_first_and_secrets_are_looked_for_beside_it() {
        let places = places(&[("OS_CLIENT_CONFIG_FILE", "/x.yaml")]);
        assert_eq!(places.clouds_files()[0], Path::new("/x.yaml"));
        let places = places.with_file("/far/my-clouds.yaml");
        assert_eq!(places.clouds_files(), [Path::new("/far/my-clouds.yaml")]);
        let secrets = places.candidates("secure", places.secure_file());
        assert_eq!(secrets[0], Path::new("/far/secure.yaml"));
    }

    #[test]
    fn a_tilde_is_the_home() {
        let places = places(&[("HOME", "/home/me")]);
        assert_eq!(places.expand("~/ca.pem"), "/home/me/ca.pem");
        assert_eq!(places.expand("~other/ca.pem"), "~other/ca.pem");
    }
}
