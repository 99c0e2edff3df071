//! Profiles of the AWS tools, and the `AWS_*` variables.

use std::path::Path;

use cloudfarm_contract::ErrorKind;
use cloudfarm_eucalyptus::aws_files::{Profiles, Source, Variables, process_variables, variable};
use cloudfarm_eucalyptus::sign::Keys;
use serde_json::{Map, Value, json};

use super::place::{absolute, place_of, refused};
use super::{CloudDraft, ImportError, ImportRequest, ImportSource, cloud_name};

const ENGINE: &str = "ec2";

#[derive(Debug)]
pub(super) struct Aws;

impl ImportSource for Aws {
    fn name(&self) -> &'static str {
        "aws"
    }

    fn read(
        &self,
        request: &ImportRequest,
    ) -> Result<Vec<Result<CloudDraft, ImportError>>, ImportError> {
        let variables = process_variables();
        let mut drafts = Vec::new();
        if request.environment {
            drafts.push(of_environment(&variables, request.copy_secrets));
        }
        let names_profiles = request.all || !request.clouds.is_empty();
        if names_profiles || !request.environment {
            let files = Files::of(request);
            let profiles = Profiles::load(&variables, files.config, files.credentials)?;
            for name in chosen(&profiles, request, &variables) {
                drafts.push(of_profile(&profiles, &name, &files, request.copy_secrets));
            }
        }
        Ok(drafts)
    }
}

/// The file that is given: the one with profiles by its usual name, else the one with keys.
struct Files<'a> {
    config: Option<&'a Path>,
    credentials: Option<&'a Path>,
}

impl<'a> Files<'a> {
    fn of(request: &'a ImportRequest) -> Self {
        let file = request.file.as_deref();
        let is_config = file.is_some_and(|file| file.file_name().is_some_and(|n| n == "config"));
        Self {
            config: file.filter(|_| is_config),
            credentials: file.filter(|_| !is_config),
        }
    }
}

fn chosen(profiles: &Profiles, request: &ImportRequest, variables: &Variables) -> Vec<String> {
    let mut names = request.clouds.clone();
    if request.all {
        names.extend(profiles.names().into_iter().map(str::to_owned));
    }
    if names.is_empty() {
        names.push(Profiles::chosen(variables).to_owned());
    }
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

fn of_profile(
    profiles: &Profiles,
    name: &str,
    files: &Files<'_>,
    copy_secrets: bool,
) -> Result<CloudDraft, ImportError> {
    let profile = profiles.profile(name)?;
    let origin = if name == "default" { "aws" } else { name };
    let mut parameters = Map::new();
    if let Some(url) = &profile.endpoint_url {
        parameters = place_of(url)?;
    }
    if let Some(region) = &profile.region {
        parameters.insert("region".to_owned(), json!(region));
    } else if !parameters.contains_key("host") {
        let message = format!("profile {name:?} names no region");
        let hint = "give it a region, for the cloud is one of them";
        return Err(refused(ErrorKind::Invalid, &message, hint));
    }
    trust(profile.ca_bundle.as_deref(), &mut parameters);
    let mut draft = CloudDraft {
        name: cloud_name(origin),
        origin: name.to_owned(),
        from: format!("profile {name:?} of the aws files"),
        entry: Map::new(),
        secrets: Vec::new(),
    };
    draft.entry.insert("engine".to_owned(), json!(ENGINE));
    match &profile.source {
        Source::Keys(keys) if copy_secrets => copy(keys, &mut draft, &mut parameters),
        _ => {
            parameters.insert("profile".to_owned(), json!(name));
            for (field, file) in [
                ("config_file", files.config),
                ("credentials_file", files.credentials),
            ] {
                if let Some(file) = file {
                    parameters.insert(field.to_owned(), json!(absolute(file)));
                }
            }
        }
    }
    let parameters = Value::Object(parameters);
    draft.entry.insert("extra_params".to_owned(), parameters);
    Ok(draft)
}

fn copy(keys: &Keys, draft: &mut CloudDraft, parameters: &mut Map<String, Value>) {
    let user = json!(keys.access_key.as_str());
    draft.entry.insert("user".to_owned(), user);
    let password = json!(keys.secret_key.expose());
    draft.entry.insert("password".to_owned(), password);
    draft.secrets.push("password".to_owned());
    if let Some(token) = &keys.session_token {
        parameters.insert("session_token".to_owned(), json!(token.expose()));
        draft.secrets.push("extra_params.session_token".to_owned());
    }
}

/// Another address of the API, where the variables name one.
fn endpoint_of(variables: &Variables) -> Option<&str> {
    let is_ignored = variable(variables, &["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]);
    if is_ignored.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return None;
    }
    let names = ["AWS_ENDPOINT_URL_EC2", "AWS_ENDPOINT_URL"];
    names.iter().find_map(|name| variable(variables, &[name]))
}

/// Only the authorities in this file, where there is one.
fn trust(ca_file: Option<&str>, parameters: &mut Map<String, Value>) {
    if let Some(ca_file) = ca_file {
        parameters.insert("http".to_owned(), json!({ "ca_file": ca_file }));
    }
}

fn of_environment(variables: &Variables, copy_secrets: bool) -> Result<CloudDraft, ImportError> {
    let missing = |name: &str| {
        let message = format!("{name} is not set");
        let hint = "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION describe a cloud";
        refused(ErrorKind::NotFound, &message, hint)
    };
    let value = |names: &[&'static str]| {
        let found = names
            .iter()
            .find_map(|name| Some((*name, variable(variables, &[name])?)));
        found.ok_or_else(|| missing(names[0]))
    };
    let (_, user) = value(&["AWS_ACCESS_KEY_ID"])?;
    let secret = value(&["AWS_SECRET_ACCESS_KEY"])?;
    let (_, region) = value(&["AWS_REGION", "AWS_DEFAULT_REGION"])?;
    let mut draft = CloudDraft {
        name: "aws".to_owned(),
        origin: "aws".to_owned(),
        from: "the environment".to_owned(),
        entry: Map::new(),
        secrets: Vec::new(),
    };
    let mut parameters = match endpoint_of(variables) {
        Some(url) => place_of(url)?,
        None => Map::new(),
    };
    parameters.insert("region".to_owned(), json!(region));
    trust(variable(variables, &["AWS_CA_BUNDLE"]), &mut parameters);
    let mut secret_value = |(name, text): (&str, &str), key: &str| {
        if copy_secrets {
            draft.secrets.push(key.to_owned());
            return json!(text);
        }
        json!({ "env": name })
    };
    let password = secret_value(secret, "password");
    if let Ok(token) = value(&["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"]) {
        let token = secret_value(token, "extra_params.session_token");
        parameters.insert("session_token".to_owned(), token);
    }
    draft.entry.insert("engine".to_owned(), json!(ENGINE));
    draft.entry.insert("user".to_owned(), json!(user));
    draft.entry.insert("password".to_owned(), password);
    draft
        .entry
        .insert("extra_params".to_owned(), Value::Object(parameters));
    Ok(draft)
}
