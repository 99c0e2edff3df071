//! `clouds.yaml`, and the `OS_*` variables.

use std::path::{Path, PathBuf};

use cloudfarm_contract::{ErrorKind, Secret};
use cloudfarm_openstack::clouds_yaml::{Access, CloudsYaml, Places, ReadError, Variables};
use serde_json::{Map, Value, json};

use super::{CloudDraft, ImportError, ImportRequest, ImportSource, cloud_name};

const ENGINE: &str = "openstack";
/// The secrets, as dotted keys of the entry, and the variables that may hold each.
const SECRETS: [(&str, &[&str]); 3] = [
    ("password", &["OS_PASSWORD"]),
    ("token", &["OS_TOKEN", "OS_AUTH_TOKEN"]),
    (
        "application_credential_secret",
        &["OS_APPLICATION_CREDENTIAL_SECRET"],
    ),
];

#[derive(Debug)]
pub(super) struct OpenStack;

impl ImportSource for OpenStack {
    fn name(&self) -> &'static str {
        ENGINE
    }

    fn read(
        &self,
        request: &ImportRequest,
    ) -> Result<Vec<Result<CloudDraft, ImportError>>, ImportError> {
        let mut places = Places::process();
        if let Some(file) = &request.file {
            places = places.with_file(file);
        }
        let files = CloudsYaml::load(places.clone())?;
        let reader = Reader {
            files: &files,
            places: &places,
            copy_secrets: request.copy_secrets,
        };
        let mut drafts = Vec::new();
        for cloud in chosen(&files, request)? {
            match files.regions(&cloud) {
                Ok(regions) if regions.len() > 1 => {
                    let each = regions
                        .iter()
                        .map(|region| reader.draft(&cloud, Some(region)));
                    drafts.extend(each);
                }
                Ok(_) => drafts.push(reader.draft(&cloud, None)),
                Err(error) => drafts.push(Err(about(&cloud, error))),
            }
        }
        Ok(drafts)
    }
}

/// The names of the clouds that are asked for.
fn chosen(files: &CloudsYaml, request: &ImportRequest) -> Result<Vec<String>, ImportError> {
    let own = files.environment();
    let mut names: Vec<String> = request.clouds.clone();
    if request.all {
        let others = files.names().filter(|name| Some(*name) != own);
        names.extend(others.map(str::to_owned));
    }
    if request.environment {
        let own = own.ok_or_else(|| {
            let message = "no OS_ variables describe a cloud";
            let hint = "set OS_AUTH_URL and the others, as an openrc file does";
            refused(ErrorKind::NotFound, message, hint)
        })?;
        names.push(own.to_owned());
    } else if names.is_empty() {
        let default = files.default_cloud().ok_or_else(|| {
            let known: Vec<&str> = files.names().collect();
            if known.is_empty() {
                return refused(ErrorKind::NotFound, "there is no cloud in the file", "");
            }
            let hint = format!(
                "say --cloud NAME or --all; the clouds are: {}",
                known.join(", ")
            );
            refused(ErrorKind::Invalid, "there are several clouds", &hint)
        })?;
        names.push(default.to_owned());
    }
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    Ok(names)
}

struct Reader<'a> {
    files: &'a CloudsYaml,
    places: &'a Places,
    copy_secrets: bool,
}

impl Reader<'_> {
    fn draft(&self, cloud: &str, region: Option<&String>) -> Result<CloudDraft, ImportError> {
        let access = self
            .files
            .cloud(cloud, region.map(String::as_str))
            .and_then(|settings| settings.access())
            .map_err(|error| about(cloud, error))?;
        let is_own = self.files.environment() == Some(cloud);
        let origin = match region {
            None => cloud.to_owned(),
            Some(region) => format!("{cloud}-{region}"),
        };
        let from = match self.files.file().filter(|_| !is_own) {
            None => "the environment".to_owned(),
            Some(file) => format!("cloud {cloud:?} of {}", file.display()),
        };
        let mut draft = CloudDraft {
            name: cloud_name(&origin),
            origin,
            from,
            entry: Map::new(),
            secrets: Vec::new(),
        };
        draft.entry.insert("engine".to_owned(), json!(ENGINE));
        if is_own || self.copy_secrets {
            self.copy(access, &mut draft).map_err(|error| ImportError {
                message: format!("cloud {cloud:?}: {}", error.message),
                ..error
            })?;
        } else {
            draft
                .entry
                .insert("extra_params".to_owned(), self.reference(cloud, region));
        }
        Ok(draft)
    }

    /// What leads to the cloud in its file.
    fn reference(&self, cloud: &str, region: Option<&String>) -> Value {
        let mut parameters = json!({ "clouds_yaml": cloud });
        if let Some(file) = self.files.file().filter(|file| !is_usual(file)) {
            parameters["clouds_file"] = json!(absolute(file));
        }
        if let Some(file) = self.places.secure_file() {
            parameters["secure_file"] = json!(absolute(file));
        }
        if let Some(region) = region {
            parameters["region"] = json!(region);
        }
        parameters
    }

    /// Everything that the cloud needs; its secrets as they are, or as references to variables.
    fn copy(&self, access: Access, draft: &mut CloudDraft) -> Result<(), ImportError> {
        let mut parameters = access.parameters;
        if let Some(user) = access.user {
            draft.entry.insert("user".to_owned(), json!(user));
        }
        for (key, variables) in SECRETS {
            let secret = match key {
                "password" => access.password.clone(),
                _ => parameters.get(key).and_then(Value::as_str).map(Secret::new),
            };
            let Some(secret) = secret else { continue };
            let value = if self.copy_secrets {
                draft.secrets.push(match key {
                    "password" => key.to_owned(),
                    _ => format!("extra_params.{key}"),
                });
                json!(secret.expose())
            } else {
                self.variable(key, variables, &secret)?
            };
            let place = match key {
                "password" => &mut draft.entry,
                _ => &mut parameters,
            };
            place.insert(key.to_owned(), value);
        }
        draft
            .entry
            .insert("extra_params".to_owned(), Value::Object(parameters));
        Ok(())
    }

    fn variable(&self, key: &str, names: &[&str], secret: &Secret) -> Result<Value, ImportError> {
        let holds = |name: &&&str| self.places.variable(name) == Some(secret.expose());
        match names.iter().find(holds) {
            Some(name) => Ok(json!({ "env": name })),
            None => Err(refused(
                ErrorKind::Invalid,
                &format!("no variable holds {key}, so there is nothing to refer to"),
                "--copy-secrets copies it",
            )),
        }
    }
}

/// Whether a server that is started from another directory finds the file by itself.
fn is_usual(file: &Path) -> bool {
    let process = Places::process();
    let named = ["HOME", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS"];
    let variable = |name: &str| Some((name.to_owned(), process.variable(name)?.to_owned()));
    let variables: Variables = named.into_iter().filter_map(variable).collect();
    CloudsYaml::load(Places::of(variables, None)).is_ok_and(|found| found.file() == Some(file))
}

fn absolute(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
    path.display().to_string()
}

fn about(cloud: &str, error: ReadError) -> ImportError {
    let mut error = ImportError::from(error);
    if !error.message.contains(&format!("cloud {cloud:?}")) {
        error.message = format!("cloud {cloud:?}: {}", error.message);
    }
    error
}

fn refused(kind: ErrorKind, message: &str, hint: &str) -> ImportError {
    ImportError {
        kind,
        message: message.to_owned(),
        hint: Some(hint.to_owned()).filter(|hint| !hint.is_empty()),
        looked: Vec::new(),
    }
}

impl From<ReadError> for ImportError {
    fn from(error: ReadError) -> Self {
        let message = match error.file() {
            Some(file) => format!("{}: {error}", file.display()),
            None => error.to_string(),
        };
        Self {
            kind: error.kind(),
            message,
            hint: error.hint().map(str::to_owned),
            looked: error.looked().to_vec(),
        }
    }
}
