//! Triton profiles, and the `TRITON_*` and `SDC_*` variables.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cloudfarm_contract::ErrorKind;
use cloudfarm_smartdatacenter::keys::{PrivateKey, PublicKey};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{CloudDraft, ImportError, ImportRequest, ImportSource, cloud_name};

const ENGINE: &str = "smartdatacenter";
/// What Triton's tools call the profile that the variables make up.
const ENVIRONMENT: &str = "env";

#[derive(Debug)]
pub(super) struct SmartDataCenter;

impl ImportSource for SmartDataCenter {
    fn name(&self) -> &'static str {
        ENGINE
    }

    fn read(
        &self,
        request: &ImportRequest,
    ) -> Result<Vec<Result<CloudDraft, ImportError>>, ImportError> {
        let profiles = Profiles::find(request.file.as_deref())?;
        let drafts = chosen(&profiles, request)?
            .into_iter()
            .map(|(name, profile)| {
                draft(&name, profile?, request.copy_secrets).map_err(|error| ImportError {
                    message: format!("profile {name:?}: {}", error.message),
                    ..error
                })
            })
            .collect();
        Ok(drafts)
    }
}

/// What a profile says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Profile {
    name: Option<String>,
    url: String,
    account: String,
    user: Option<String>,
    key_id: String,
    insecure: bool,
    roles: Vec<String>,
    #[serde(skip)]
    file: Option<PathBuf>,
}

type Named = (String, Result<Profile, ImportError>);

/// The profiles of a person, by name.
struct Profiles {
    known: BTreeMap<String, Result<Profile, ImportError>>,
    /// The one that is used where none is named.
    current: Option<String>,
    looked: PathBuf,
}

impl Profiles {
    fn find(file: Option<&Path>) -> Result<Self, ImportError> {
        if let Some(file) = file {
            let profile = read_profile(file)?;
            let name = name_of(file);
            return Ok(Self {
                known: BTreeMap::from([(name.clone(), Ok(profile))]),
                current: Some(name),
                looked: file.to_owned(),
            });
        }
        let folder = match variable("TRITON_CONFIG_DIR") {
            Some(folder) => PathBuf::from(folder),
            None => home().join(".triton"),
        };
        let mut known = BTreeMap::new();
        for entry in std::fs::read_dir(folder.join("profiles.d"))
            .into_iter()
            .flatten()
            .flatten()
        {
            let path = entry.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                known.insert(name_of(&path), read_profile(&path));
            }
        }
        let current = variable("TRITON_PROFILE").or_else(|| {
            let text = std::fs::read(folder.join("config.json")).ok()?;
            let config: Value = serde_json::from_slice(&text).ok()?;
            Some(config.get("profile")?.as_str()?.to_owned())
        });
        Ok(Self {
            known,
            current,
            looked: folder,
        })
    }

    fn get(&self, name: &str) -> Result<Profile, ImportError> {
        if name == ENVIRONMENT && !self.known.contains_key(name) {
            return environment().ok_or_else(|| {
                refused(
                    ErrorKind::NotFound,
                    "no TRITON_ or SDC_ variables describe a cloud",
                    "set TRITON_URL, TRITON_ACCOUNT and TRITON_KEY_ID",
                )
            });
        }
        self.known.get(name).cloned().unwrap_or_else(|| {
            let names: Vec<&str> = self.known.keys().map(String::as_str).collect();
            Err(ImportError {
                kind: ErrorKind::NotFound,
                message: format!("there is no profile {name:?}"),
                hint: (!names.is_empty())
                    .then(|| format!("the profiles are: {}", names.join(", "))),
                looked: vec![self.looked.clone()],
            })
        })
    }
}

/// The profiles that are asked for.
fn chosen(profiles: &Profiles, request: &ImportRequest) -> Result<Vec<Named>, ImportError> {
    let mut names = request.clouds.clone();
    if request.all {
        names.extend(profiles.known.keys().cloned());
    }
    if request.environment {
        names.push(ENVIRONMENT.to_owned());
    }
    if names.is_empty() {
        names.push(usual(profiles)?);
    }
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    if let [name] = &names[..] {
        let profile = profiles.get(name)?;
        return Ok(vec![(name.clone(), Ok(profile))]);
    }
    Ok(names
        .into_iter()
        .map(|name| {
            let profile = profiles.get(&name);
            (name, profile)
        })
        .collect())
}

/// The profile that Triton's tools would take, or the only one there is.
fn usual(profiles: &Profiles) -> Result<String, ImportError> {
    if let Some(current) = &profiles.current {
        return Ok(current.clone());
    }
    let names: Vec<&String> = profiles.known.keys().collect();
    match names[..] {
        _ if environment().is_some() => Ok(ENVIRONMENT.to_owned()),
        [only] => Ok(only.clone()),
        [] => Err(ImportError {
            kind: ErrorKind::NotFound,
            message: "there is no profile of triton".to_owned(),
            hint: Some("name its file with --file, or set TRITON_URL and the others".to_owned()),
            looked: vec![profiles.looked.clone()],
        }),
        _ => {
            let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
            let hint = format!(
                "say --cloud NAME or --all; the profiles are: {}",
                names.join(", ")
            );
            Err(refused(
                ErrorKind::Invalid,
                "there are several profiles",
                &hint,
            ))
        }
    }
}

fn read_profile(file: &Path) -> Result<Profile, ImportError> {
    let about = |what: &str| format!("{}: {what}", file.display());
    let text = std::fs::read(file).map_err(|error| {
        let message = match error.kind() {
            std::io::ErrorKind::NotFound => about("the file does not exist"),
            _ => about("the file cannot be read"),
        };
        refused(ErrorKind::NotFound, &message, "")
    })?;
    let mut profile: Profile = serde_json::from_slice(&text).map_err(|error| {
        let place = format!("it is no profile, at line {}", error.line());
        refused(ErrorKind::Invalid, &about(&place), "")
    })?;
    profile.file = Some(file.to_owned());
    Ok(profile)
}

/// The profile that the variables make up; those of the older tools count where the newer are not
/// set.
fn environment() -> Option<Profile> {
    let either = |name: &str| {
        variable(&format!("TRITON_{name}")).or_else(|| variable(&format!("SDC_{name}")))
    };
    let is_set = |text: Option<String>| text.is_some_and(|text| !matches!(&*text, "0" | "false"));
    Some(Profile {
        url: either("URL")?,
        account: either("ACCOUNT").unwrap_or_default(),
        user: either("USER"),
        key_id: either("KEY_ID").unwrap_or_default(),
        insecure: is_set(either("TLS_INSECURE")) || is_set(variable("SDC_TESTING")),
        ..Profile::default()
    })
}

fn draft(name: &str, profile: Profile, copy: bool) -> Result<CloudDraft, ImportError> {
    for (field, value) in [
        ("url", &profile.url),
        ("account", &profile.account),
        ("keyId", &profile.key_id),
    ] {
        if value.is_empty() {
            return Err(refused(
                ErrorKind::Invalid,
                &format!("{field} is missing"),
                "",
            ));
        }
    }
    let mut secrets = Vec::new();
    let mut extra = Map::new();
    extra.insert("url".to_owned(), json!(profile.url));
    extra.insert("key_id".to_owned(), json!(profile.key_id));
    match find_key(&profile.key_id)? {
        Found::Text(_, text) if copy => {
            secrets.push("extra_params.key".to_owned());
            extra.insert("key".to_owned(), json!(text));
        }
        Found::Text(file, _) => {
            extra.insert(
                "key".to_owned(),
                json!({"file": file.display().to_string()}),
            );
        }
        Found::InAgent => {
            extra.insert("agent".to_owned(), json!("env"));
        }
    }
    if let Some(user) = profile.user.filter(|user| !user.is_empty()) {
        extra.insert("sub_user".to_owned(), json!(user));
    }
    if !profile.roles.is_empty() {
        extra.insert("roles".to_owned(), json!(profile.roles));
    }
    if profile.insecure {
        extra.insert("http".to_owned(), json!({"insecure_skip_verify": true}));
    }
    let mut entry = Map::new();
    entry.insert("engine".to_owned(), json!(ENGINE));
    entry.insert("user".to_owned(), json!(profile.account));
    entry.insert("extra_params".to_owned(), Value::Object(extra));
    let origin = profile.name.unwrap_or_else(|| name.to_owned());
    Ok(CloudDraft {
        name: cloud_name(&origin),
        from: match &profile.file {
            Some(file) => format!("profile {name:?} of {}", file.display()),
            None => "the environment".to_owned(),
        },
        origin,
        entry,
        secrets,
    })
}

/// Where the key of a profile is.
enum Found {
    Text(PathBuf, String),
    InAgent,
}

/// Looks for the private key as Triton's tools do: among those of SSH, by its fingerprint.
fn find_key(id: &str) -> Result<Found, ImportError> {
    let has_agent = variable("SSH_AUTH_SOCK").is_some();
    let folder = home().join(".ssh");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file() && path.extension().is_none_or(|it| it != "pub"))
        .collect();
    files.sort();
    for file in files {
        let Ok(text) = std::fs::read_to_string(&file) else {
            continue;
        };
        if !text.contains("PRIVATE KEY") {
            continue;
        }
        let open = PrivateKey::parse(&text, None);
        let public = match &open {
            Ok(key) => Some(key.public().clone()),
            Err(_) => public_beside(&file),
        };
        if !public.is_some_and(|key| key.is_known_as(id)) {
            continue;
        }
        match open {
            Ok(_) => return Ok(Found::Text(file, text)),
            Err(_) if has_agent => return Ok(Found::InAgent),
            Err(error) => {
                let hint =
                    "start an ssh agent and add it, or write the entry with key and passphrase";
                let message = format!("{}: {}", file.display(), error.message());
                return Err(refused(ErrorKind::Invalid, &message, hint));
            }
        }
    }
    if has_agent {
        return Ok(Found::InAgent);
    }
    Err(ImportError {
        kind: ErrorKind::NotFound,
        message: format!("no private key has the fingerprint {id}"),
        hint: Some("put it there, or start an ssh agent that has it".to_owned()),
        looked: vec![folder],
    })
}

/// The public half in the file that ssh-keygen writes beside a private key.
fn public_beside(file: &Path) -> Option<PublicKey> {
    let mut name = file.file_name()?.to_owned();
    name.push(".pub");
    let text = std::fs::read_to_string(file.with_file_name(name)).ok()?;
    let blob = BASE64_STANDARD
        .decode(text.split_whitespace().nth(1)?)
        .ok()?;
    PublicKey::from_blob(&blob)
}

fn name_of(file: &Path) -> String {
    let name = file.file_stem().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn home() -> PathBuf {
    PathBuf::from(variable("HOME").unwrap_or_default())
}

fn refused(kind: ErrorKind, message: &str, hint: &str) -> ImportError {
    ImportError {
        kind,
        message: message.to_owned(),
        hint: Some(hint.to_owned()).filter(|hint| !hint.is_empty()),
        looked: Vec::new(),
    }
}
