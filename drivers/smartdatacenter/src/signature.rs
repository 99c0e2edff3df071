//! The signature of a request: HTTP signatures as CloudAPI takes them, over the request's target
//! and its date.

use std::fmt;
use std::path::PathBuf;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cloudfarm_contract::{Context, Error, Result, Secret};
use cloudfarm_http::{Request, header};
use jiff::Timestamp;
use tokio::sync::OnceCell;

use crate::keys::{AgentKey, Key, PrivateKey, PublicKey, is_fingerprint};
use crate::params::{Params, wrong};

/// Who signs: an account, perhaps one of its users, and a key.
pub struct Signer {
    account: String,
    sub_user: Option<String>,
    key: Key,
    name: KeyName,
}

/// How the provider is told which key it is.
enum KeyName {
    Known(String),
    /// The fingerprint in MD5 of a key in an agent, of which only that in SHA256 is known.
    Asked(OnceCell<String>),
}

impl Signer {
    /// Reads who signs. The key is opened, the provider is not asked.
    ///
    /// # Errors
    ///
    /// `invalid` with the path of the field: no account, no key, one that cannot be read or is
    /// locked, a fingerprint of another key.
    pub fn read(params: &Params, user: Option<&str>) -> Result<Self> {
        let account = user.filter(|user| !user.is_empty()).ok_or_else(|| {
            Error::invalid("user is missing: it is the login of the account").with_field("user")
        })?;
        // What would break out of the header, or out of the path in it.
        let is_login = |login: &str| {
            let odd = |c: char| c.is_control() || matches!(c, '/' | '"' | '\\');
            !login.is_empty() && !login.contains(odd)
        };
        if !is_login(account) {
            return Err(
                Error::invalid("user must be a login, without slashes and quotes")
                    .with_field("user")
                    .with_hint("a user of the account goes into extra_params.sub_user"),
            );
        }
        if params
            .sub_user
            .as_deref()
            .is_some_and(|user| !is_login(user))
        {
            return Err(wrong(
                "sub_user",
                "sub_user must be a login, without slashes and quotes",
            ));
        }
        // A fingerprint in SHA256 may hold slashes; it is sent in MD5, which does not.
        let is_key_id = |id: &str| is_fingerprint(id) || is_login(id);
        if params.key_id.as_deref().is_some_and(|id| !is_key_id(id)) {
            return Err(wrong(
                "key_id",
                "key_id must be the name of a key or its fingerprint",
            )
            .with_hint("the rest of /ACCOUNT/keys/ID is made of user"));
        }
        let (key, name) = match &params.agent {
            Some(agent) => agent_key(params, agent)?,
            None => private_key(params)?,
        };
        Ok(Self {
            account: account.to_owned(),
            sub_user: params.sub_user.clone(),
            key,
            name,
        })
    }

    /// The login of the account.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Who it is, for people.
    pub fn who(&self) -> String {
        match &self.sub_user {
            Some(user) => format!("{}/{user}", self.account),
            None => self.account.clone(),
        }
    }

    /// How the provider is told which key it is.
    ///
    /// # Errors
    ///
    /// As [`Key::sign`].
    pub async fn key_id(&self, cx: &Context) -> Result<String> {
        let key = match (&self.name, &self.key) {
            (KeyName::Asked(cell), Key::Agent(agent)) => {
                cell.get_or_try_init(|| async { Ok::<_, Error>(agent.public(cx).await?.md5()) })
                    .await?
            }
            (KeyName::Asked(_), Key::Private(key, _)) => &key.public().md5(),
            (KeyName::Known(name), _) => name,
        };
        let account = &self.account;
        Ok(match &self.sub_user {
            Some(user) => format!("/{account}/users/{user}/keys/{key}"),
            None => format!("/{account}/keys/{key}"),
        })
    }

    /// Signs a request that is complete.
    ///
    /// # Errors
    ///
    /// As [`Key::sign`].
    pub async fn sign(&self, cx: &Context, request: Request, now: Timestamp) -> Result<Request> {
        let date = http_date(now);
        let target = target_of(&request);
        let message = signing_string(&[("(request-target)", &target), ("date", &date)]);
        let key_id = self.key_id(cx).await?;
        let (algorithm, signature) = self.key.sign(cx, message.as_bytes()).await?;
        let signature = BASE64_STANDARD.encode(signature);
        let authorization = format!(
            r#"Signature keyId="{key_id}",algorithm="{}",headers="(request-target) date",signature="{signature}""#,
            algorithm.as_str()
        );
        Ok(request
            .header(header::DATE, &date)
            .secret_header(header::AUTHORIZATION, &Secret::new(authorization)))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("account", &self.account)
            .field("sub_user", &self.sub_user)
            .finish_non_exhaustive()
    }
}

/// What is signed: each header with its value, a line each.
pub fn signing_string(headers: &[(&str, &str)]) -> String {
    let lines: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    lines.join("\n")
}

/// Method, path and query, as in the first line of the request.
fn target_of(request: &Request) -> String {
    let method = request.method().as_str().to_ascii_lowercase();
    let url = request.url();
    match url.query() {
        Some(query) => format!("{method} {}?{query}", url.path()),
        None => format!("{method} {}", url.path()),
    }
}

fn http_date(now: Timestamp) -> String {
    now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn agent_key(params: &Params, agent: &str) -> Result<(Key, KeyName)> {
    let socket = match agent {
        "env" => std::env::var_os("SSH_AUTH_SOCK")
            .map(PathBuf::from)
            .ok_or_else(|| {
                wrong("agent", "agent is env, and SSH_AUTH_SOCK is not set")
                    .with_hint("start an ssh agent, or give the path of its socket")
            })?,
        path => PathBuf::from(path),
    };
    let id = params.key_id.as_deref().unwrap_or_default();
    let key = Key::Agent(AgentKey::new(socket, id, params.algorithm.clone()));
    let name = match id.strip_prefix("MD5:").or_else(|| id.strip_prefix("md5:")) {
        Some(md5) => KeyName::Known(md5.to_ascii_lowercase()),
        None if is_fingerprint(id) && !id.starts_with("SHA256:") => {
            KeyName::Known(id.to_ascii_lowercase())
        }
        None => KeyName::Asked(OnceCell::new()),
    };
    Ok((key, name))
}

fn private_key(params: &Params) -> Result<(Key, KeyName)> {
    let (field, text) = match (&params.key, &params.key_file) {
        (Some(key), _) => ("extra_params.key", key.clone()),
        (None, file) => (
            "extra_params.key_file",
            read_file(file.as_deref().unwrap_or_default())?,
        ),
    };
    let key = PrivateKey::parse(text.expose(), params.passphrase.as_ref()).map_err(|error| {
        if error.field().is_some() {
            return error;
        }
        error.with_field(field)
    })?;
    let name = known_name(params.key_id.as_deref(), key.public())?;
    Ok((Key::private(key, params.algorithm.as_deref())?, name))
}

fn known_name(id: Option<&str>, key: &PublicKey) -> Result<KeyName> {
    match id {
        None => Ok(KeyName::Known(key.md5())),
        Some(id) if !is_fingerprint(id) => Ok(KeyName::Known(id.to_owned())),
        // CloudAPI knows fingerprints in MD5 alone.
        Some(id) if key.is_known_as(id) => Ok(KeyName::Known(key.md5())),
        Some(_) => Err(
            wrong("key_id", "key_id is the fingerprint of another key").with_hint(format!(
                "the fingerprints of this key are {} and {}",
                key.md5(),
                key.sha256()
            )),
        ),
    }
}

fn read_file(path: &str) -> Result<Secret> {
    let text = std::fs::read(path).map_err(|error| {
        let reason = match error.kind() {
            std::io::ErrorKind::NotFound => "names a file that does not exist",
            std::io::ErrorKind::PermissionDenied => "names a file that may not be read",
            _ => "names a file that cannot be read",
        };
        wrong("key_file", format!("key_file {reason}")).with_internal(error)
    })?;
    let text = String::from_utf8(text)
        .map_err(|_| wrong("key_file", "key_file names a file that is no text"))?;
    Ok(Secret::new(text))
}
