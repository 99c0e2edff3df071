//! `~/.aws/config` and `~/.aws/credentials`, as botocore reads them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cloudfarm_contract::{ErrorKind, Secret};

use super::ini::{self, Section};
use super::{FileError, Variables, expand, read, variable};
use crate::sign::Keys;

/// The profiles of the AWS tools.
#[derive(Debug, Clone, Default)]
pub struct Profiles {
    config: BTreeMap<String, Section>,
    credentials: BTreeMap<String, Section>,
    services: BTreeMap<String, Section>,
    /// The files that were looked for.
    pub files: Vec<PathBuf>,
}

/// One profile.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The name.
    pub name: String,
    /// The region, where it names one.
    pub region: Option<String>,
    /// Another address of the API, where it names one.
    pub endpoint_url: Option<String>,
    /// A file with authorities, where it names one.
    pub ca_bundle: Option<String>,
    /// Where its keys come from.
    pub source: Source,
}

/// Where the keys of a profile come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// They stand in it.
    Keys(Keys),
    /// A program prints them.
    Process(String),
}

impl Profiles {
    /// Reads the files that the AWS tools read, or the ones that are given.
    ///
    /// # Errors
    ///
    /// `invalid` for a file that is no INI file, `forbidden` for one that may not be read. A file
    /// that is not there has no profiles, unless it was given.
    pub fn load(
        variables: &Variables,
        config: Option<&Path>,
        credentials: Option<&Path>,
    ) -> Result<Self, FileError> {
        let place = |given: Option<&Path>, name: &str, usual: &str| match given {
            Some(file) => file.to_owned(),
            None => expand(variable(variables, &[name]).unwrap_or(usual), variables),
        };
        let config_file = place(config, "AWS_CONFIG_FILE", "~/.aws/config");
        let credentials_file = place(
            credentials,
            "AWS_SHARED_CREDENTIALS_FILE",
            "~/.aws/credentials",
        );
        let load = |file: &Path, is_given: bool| {
            let text = read(file)?;
            if text.is_none() && is_given {
                let message = "the file does not exist";
                return Err(FileError::new(ErrorKind::NotFound, message).in_file(file));
            }
            ini::parse(&text.unwrap_or_default()).map_err(|error| error.in_file(file))
        };
        let sections = load(&config_file, config.is_some())?;
        Ok(Self {
            services: named_sections(&sections, "services"),
            config: profile_sections(&sections),
            credentials: load(&credentials_file, credentials.is_some())?,
            files: vec![config_file, credentials_file],
        })
    }

    /// The names of all profiles.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.config.keys().chain(self.credentials.keys()).collect();
        names.sort();
        names.dedup();
        names.into_iter().map(String::as_str).collect()
    }

    /// The name of the profile that is used where none is named.
    pub fn chosen(variables: &Variables) -> &str {
        variable(variables, &["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]).unwrap_or("default")
    }

    /// A value of a profile, the file with keys before the other.
    pub fn value(&self, profile: &str, key: &str) -> Option<&str> {
        [&self.credentials, &self.config]
            .into_iter()
            .find_map(|file| file.get(profile)?.get(key))
            .map(String::as_str)
    }

    /// One profile.
    ///
    /// # Errors
    ///
    /// `not_found` for a name that no file has; `unsupported` for keys that have to be fetched in a
    /// way that is not spoken here; `invalid` for a profile without keys.
    pub fn profile(&self, name: &str) -> Result<Profile, FileError> {
        if !self.config.contains_key(name) && !self.credentials.contains_key(name) {
            return Err(self.unknown(name));
        }
        self.refuse_what_is_fetched(name)?;
        let text = |key: &str| self.value(name, key).map(str::to_owned);
        let keys = keys_of(name, self.credentials.get(name))?;
        let source = match (keys, self.value(name, "credential_process")) {
            (Some(keys), _) => Source::Keys(keys),
            (None, Some(command)) => Source::Process(command.to_owned()),
            (None, None) => {
                Source::Keys(keys_of(name, self.config.get(name))?.ok_or_else(|| {
                    let message = format!("profile {name:?} has no keys");
                    FileError::new(ErrorKind::Invalid, message)
                        .with_hint("give it aws_access_key_id and aws_secret_access_key")
                })?)
            }
        };
        Ok(Profile {
            name: name.to_owned(),
            region: text("region"),
            endpoint_url: self.endpoint_url(name)?,
            ca_bundle: text("ca_bundle"),
            source,
        })
    }

    /// Where the profile says that the compute service answers: in the section of services that it
    /// names, else for all of them.
    fn endpoint_url(&self, name: &str) -> Result<Option<String>, FileError> {
        let is_ignored = self.value(name, "ignore_configured_endpoint_urls");
        if is_ignored.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        let everywhere = self.value(name, "endpoint_url").map(str::to_owned);
        let Some(services) = self.value(name, "services") else {
            return Ok(everywhere);
        };
        let Some(section) = self.services.get(services) else {
            let message = format!("profile {name:?} names services that are not there");
            return Err(FileError::new(ErrorKind::Invalid, message)
                .with_hint(format!("make a section [services {services}]")));
        };
        let of_ec2 = section.get("ec2").and_then(|value| {
            let mut pairs = value.lines().filter_map(|line| line.split_once('='));
            let (_, url) = pairs.find(|(key, _)| key.trim() == "endpoint_url")?;
            Some(url.trim().to_owned())
        });
        Ok(of_ec2.or(everywhere))
    }

    fn unknown(&self, name: &str) -> FileError {
        let message = format!("there is no profile {name:?}");
        let error = FileError::new(ErrorKind::NotFound, message);
        let names = self.names();
        if names.is_empty() {
            return error.with_hint("no file has a profile");
        }
        error.with_hint(format!("the profiles are: {}", names.join(", ")))
    }

    /// Roles and single sign-on are calls to other services: the AWS tools make them, and
    /// `credential_process` hands over what they got.
    fn refuse_what_is_fetched(&self, name: &str) -> Result<(), FileError> {
        for (key, what) in [
            ("role_arn", "a role"),
            ("web_identity_token_file", "a web identity"),
            ("sso_session", "single sign-on"),
            ("sso_start_url", "single sign-on"),
            ("login_session", "a login session"),
        ] {
            if self.value(name, key).is_some() {
                let message = format!("profile {name:?} gets its keys by {what}");
                return Err(
                    FileError::new(ErrorKind::Unsupported, message).with_hint(format!(
                        "make a profile with credential_process = aws configure \
                     export-credentials --profile {name}"
                    )),
                );
            }
        }
        Ok(())
    }
}

fn keys_of(name: &str, section: Option<&Section>) -> Result<Option<Keys>, FileError> {
    let value = |key: &str| section.and_then(|section| section.get(key));
    let Some(access_key) = value("aws_access_key_id") else {
        return Ok(None);
    };
    let Some(secret_key) = value("aws_secret_access_key") else {
        let message = format!("profile {name:?} has aws_access_key_id alone");
        return Err(FileError::new(ErrorKind::Invalid, message)
            .with_hint("aws_secret_access_key goes with it"));
    };
    let token = value("aws_session_token").or_else(|| value("aws_security_token"));
    Ok(Some(Keys {
        access_key: access_key.into(),
        secret_key: Secret::new(secret_key.as_str()),
        session_token: token.map(|token| Secret::new(token.as_str())),
    }))
}

/// The profiles among the sections of the file with profiles: `default`, and `profile NAME`, where
/// the name may stand in quotes.
fn profile_sections(sections: &BTreeMap<String, Section>) -> BTreeMap<String, Section> {
    let mut profiles = named_sections(sections, "profile");
    if let Some(default) = sections.get("default") {
        profiles.insert("default".to_owned(), default.clone());
    }
    profiles
}

/// The sections of a kind, by the name that follows it.
fn named_sections(sections: &BTreeMap<String, Section>, kind: &str) -> BTreeMap<String, Section> {
    let named = sections.iter().filter_map(|(name, section)| {
        let rest = name.strip_prefix(kind)?;
        let rest = rest.strip_prefix(char::is_whitespace)?.trim();
        Some((unquoted(rest)?, section.clone()))
    });
    named.collect()
}

/// One word as a shell takes it; `None` if it is not exactly one.
fn unquoted(text: &str) -> Option<String> {
    let mut word = String::new();
    let mut characters = text.chars();
    let mut quote = None;
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None | Some('"'), '\\') => word.push(characters.next()?),
            (None, space) if space.is_whitespace() => return None,
            _ => word.push(character),
        }
    }
    (quote.is_none() && !text.is_empty()).then_some(word)
}
