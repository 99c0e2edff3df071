//! Where the keys of a cloud are looked for.

use std::path::PathBuf;
use std::sync::Arc;

use cloudfarm_contract::{CloudConfig, Error, Result, Secret, Text};
use cloudfarm_http::{TokenSettings, TokenSource};

use super::Credentials;
use super::process::ProfileKeys;
use crate::aws_files::{FileError, Profiles, Variables, variable};
use crate::params::{Params, wrong};
use crate::sign::Keys;

/// What the settings, the environment and the files say about who connects.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) credentials: Credentials,
    /// The region that goes with them.
    pub(crate) region: Option<String>,
    /// Who it is: an access key id, or a profile.
    pub(crate) identity: Text,
}

/// Looks in the settings, then for the profile they name, then in the environment, then for the
/// profile that it names.
///
/// # Errors
///
/// `invalid` with the path of the field.
pub(crate) fn find(config: &CloudConfig, params: &Params, variables: &Variables) -> Result<Found> {
    let region = || {
        let named = variable(variables, &["AWS_REGION", "AWS_DEFAULT_REGION"]);
        named.map(str::to_owned)
    };
    let given = |keys: Keys, region: Option<String>| Found {
        identity: keys.access_key.clone(),
        credentials: Credentials::Given(Arc::new(keys)),
        region,
    };
    let user = config.user.as_deref().filter(|user| !user.is_empty());
    let password = config.password.as_ref().filter(|secret| !secret.is_empty());
    match (user, password, &params.profile) {
        (Some(user), Some(password), None) => {
            let keys = Keys {
                access_key: Text::from(user),
                secret_key: password.clone(),
                session_token: params.session_token.clone(),
            };
            Ok(given(keys, region()))
        }
        (None, None, Some(name)) => of_profile(config, params, variables, name),
        (None, None, None) => match of_environment(variables) {
            Some(keys) => Ok(given(keys, region())),
            None => of_profile(config, params, variables, Profiles::chosen(variables)),
        },
        (_, _, Some(_)) => Err(wrong("profile", "profile goes without user and password")),
        (Some(_), None, None) => Err(Error::invalid("password is missing")
            .with_field("password")
            .with_hint("it is the secret key that goes with the access key id in user")),
        (None, Some(_), None) => Err(Error::invalid("user is missing")
            .with_field("user")
            .with_hint("it is the access key id that goes with the secret key in password")),
    }
}

fn of_environment(variables: &Variables) -> Option<Keys> {
    let access_key = variable(variables, &["AWS_ACCESS_KEY_ID", "EC2_ACCESS_KEY"])?;
    let secret_key = variable(variables, &["AWS_SECRET_ACCESS_KEY", "EC2_SECRET_KEY"])?;
    Some(Keys {
        access_key: Text::from(access_key),
        secret_key: Secret::new(secret_key),
        session_token: variable(variables, &["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"])
            .map(Secret::new),
    })
}

fn of_profile(
    config: &CloudConfig,
    params: &Params,
    variables: &Variables,
    name: &str,
) -> Result<Found> {
    let keys = ProfileKeys {
        name: name.to_owned(),
        variables: variables.clone(),
        config_file: params.config_file.as_ref().map(PathBuf::from),
        credentials_file: params.credentials_file.as_ref().map(PathBuf::from),
    };
    let profile = keys.profile().map_err(|error| {
        let is_named = params.profile.is_some();
        if !is_named && error.kind == cloudfarm_contract::ErrorKind::NotFound {
            return Error::invalid("there are no credentials")
                .with_field("user")
                .with_hint(
                    "give user (the access key id) and password (the secret key), or profile",
                );
        }
        refused(&error)
    })?;
    let region = variable(variables, &["AWS_REGION", "AWS_DEFAULT_REGION"]);
    Ok(Found {
        region: region.map(str::to_owned).or(profile.region),
        identity: Text::from(format!("profile {name}")),
        credentials: Credentials::Profile(Box::new(TokenSource::new(
            keys,
            TokenSettings::default(),
            config.clock.clone(),
        ))),
    })
}

/// A file is the host's, so its path stays in the log.
pub(super) fn refused(error: &FileError) -> Error {
    let refused = wrong("profile", error.message.clone()).with_internal(format_args!(
        "{}{error}",
        error
            .file
            .as_ref()
            .map(|file| format!("{}: ", file.display()))
            .unwrap_or_default()
    ));
    match &error.hint {
        Some(hint) => refused.with_hint(hint.clone()),
        None => refused,
    }
}
