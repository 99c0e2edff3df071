//! `euca2ools.ini` and the files beside it: users with their keys, and regions with their services.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cloudfarm_contract::{ErrorKind, Secret};

use super::ini::{self, Section};
use super::{Described, FileError, Variables, expand, read, variable};

/// What euca2ools is set up with.
#[derive(Debug, Clone, Default)]
pub struct Euca2ools {
    sections: BTreeMap<String, Section>,
    /// The files that were looked for.
    pub files: Vec<PathBuf>,
}

impl Euca2ools {
    /// Reads the files that euca2ools reads, or the one that is given.
    ///
    /// # Errors
    ///
    /// `invalid` for a file that is no INI file, `forbidden` for one that may not be read,
    /// `not_found` if the one that is given is not there.
    pub fn load(variables: &Variables, file: Option<&Path>) -> Result<Self, FileError> {
        let mut read_files = Self::default();
        let files = match file {
            Some(file) => vec![file.to_owned()],
            None => usual(variables),
        };
        for path in files {
            match read(&path)? {
                None if file.is_some() => {
                    let message = "the file does not exist";
                    return Err(FileError::new(ErrorKind::NotFound, message).in_file(&path));
                }
                None => {}
                Some(text) => {
                    let sections = ini::parse(&text).map_err(|error| error.in_file(&path))?;
                    for (name, keys) in sections {
                        read_files.sections.entry(name).or_default().extend(keys);
                    }
                }
            }
            read_files.files.push(path);
        }
        Ok(read_files)
    }

    /// The names of the regions.
    pub fn regions(&self) -> Vec<&str> {
        let named = self
            .sections
            .keys()
            .filter_map(|name| name.strip_prefix("region "));
        named.map(str::trim).filter(|name| *name != "*").collect()
    }

    /// The name of the region that is used where none is named.
    pub fn default_region(&self) -> Option<&str> {
        let named = self.value("global", "default-region");
        named.or_else(|| match self.regions()[..] {
            [only] => Some(only),
            _ => None,
        })
    }

    /// The cloud of a region, with the user of that region, or `user@region`.
    ///
    /// # Errors
    ///
    /// `not_found` for a region that is not there, `invalid` for one without an address or a user
    /// without keys.
    pub fn described(&self, name: &str) -> Result<Described, FileError> {
        let (user, region) = match name.split_once('@') {
            Some((user, region)) => (Some(user), region),
            None => (None, name),
        };
        let section = format!("region {region}");
        if !self.sections.contains_key(&section) {
            let message = format!("there is no region {region:?}");
            let known = self.regions().join(", ");
            return Err(FileError::new(ErrorKind::NotFound, message)
                .with_hint(format!("the regions are: {known}")));
        }
        let of_region = |key: &str| self.value(&section, key).or(self.value("region *", key));
        let user = user.or_else(|| of_region("user")).ok_or_else(|| {
            let message = format!("region {region:?} names no user");
            FileError::new(ErrorKind::Invalid, message).with_hint("say USER@REGION")
        })?;
        let of_user = |key: &str| {
            self.value(&format!("user {user}"), key)
                .or(self.value("user *", key))
        };
        let (Some(key_id), Some(secret)) = (of_user("key-id"), of_user("secret-key")) else {
            let message = format!("user {user:?} has no key-id and secret-key");
            return Err(FileError::new(ErrorKind::Invalid, message));
        };
        Ok(Described {
            access_key: Some(key_id.to_owned()),
            secret_key: Some(Secret::new(secret)),
            url: of_region("ec2-url").map(str::to_owned),
            region: Some(region.to_owned()),
            verify: of_region("verify-ssl").map(is_yes),
            ca_file: of_region("ssl-ca-file").map(str::to_owned),
        })
    }

    fn value(&self, section: &str, key: &str) -> Option<&str> {
        self.sections.get(section)?.get(key).map(String::as_str)
    }
}

fn is_yes(text: &str) -> bool {
    !matches!(
        text.trim().to_ascii_lowercase().as_str(),
        "false" | "no" | "0" | "off"
    )
}

/// The files in the order in which they are read: the later ones stand over the earlier.
fn usual(variables: &Variables) -> Vec<PathBuf> {
    if let Some(file) = variable(variables, &["EUCA2OOLS_CONFIG"]) {
        return vec![expand(file, variables)];
    }
    let mut files = vec![PathBuf::from("/etc/euca2ools/euca2ools.ini")];
    files.extend(inis_in(Path::new("/etc/euca2ools/conf.d")));
    let own = expand("~/.euca", variables);
    files.push(own.join("global.ini"));
    files.extend(inis_in(&own));
    files
}

fn inis_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ext| ext == "ini"))
        .filter(|path| path.file_name().is_some_and(|name| name != "global.ini"))
        .collect();
    files.sort();
    files
}
