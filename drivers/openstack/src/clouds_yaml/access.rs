//! A cloud of `clouds.yaml` in the words of this engine.

use cloudfarm_contract::Secret;
use serde_json::{Map, Value, json};

use super::cloud::Settings;
use super::error::ReadError;
use super::tree::{Tree, boolean};

/// What a cloud of the farm needs.
#[derive(Clone)]
pub struct Access {
    /// Who logs in.
    pub user: Option<String>,
    /// With which secret.
    pub password: Option<Secret>,
    /// The other parameters of the engine. They may hold secrets, at the keys of
    /// [`Access::SECRETS`].
    pub parameters: Map<String, Value>,
}

/// Parameters that are called the same there and here.
const SAME: [&str; 11] = [
    "auth_url",
    "user_id",
    "user_domain_id",
    "project_id",
    "project_domain_id",
    "domain_id",
    "system_scope",
    "application_credential_id",
    "application_credential_name",
    "application_credential_secret",
    "token",
];
/// Parameters by another name.
const RENAMED: [(&str, &str); 6] = [
    ("user_domain", "user_domain_name"),
    ("project", "project_name"),
    ("project_domain", "project_domain_name"),
    ("domain", "domain_name"),
    ("project", "tenant_name"),
    ("project_id", "tenant_id"),
];
/// The services, with every name that settings of theirs may begin with; the first wins.
const SERVICES: [(&str, &[&str]); 4] = [
    ("compute", &["compute"]),
    ("image", &["image"]),
    ("network", &["network"]),
    (
        "volume",
        &[
            "block_storage",
            "block_store",
            "volumev3",
            "volumev2",
            "volume",
        ],
    ),
];

impl Access {
    /// The parameters that are secrets.
    pub const SECRETS: [&'static str; 2] = ["application_credential_secret", "token"];
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access")
            .field("user", &self.user)
            .field("parameters", &self.parameters.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// The settings in the words of this engine.
    ///
    /// # Errors
    ///
    /// `invalid` for what this engine cannot do.
    pub fn access(&self) -> Result<Access, ReadError> {
        if self.auth("trust_id").is_some() {
            return Err(ReadError::invalid("auth.trust_id is not supported"));
        }
        let mut parameters = Tree::new();
        let mut put = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                parameters.insert(key.to_owned(), Value::from(value));
            }
        };
        let way = self.text("auth_type").unwrap_or_default();
        put("auth_type", Some(engine_way(&way).to_owned()));
        for key in SAME {
            put(key, self.auth(key));
        }
        for (key, old) in RENAMED {
            put(key, self.auth(old));
        }
        put("region", self.text("region_name"));
        put("interface", self.interface()?);
        put("compute_api_version", self.newest_compute());
        self.default_domains(&mut parameters);
        for (key, table) in [("endpoints", self.endpoints()?), ("http", self.http()?)] {
            if !table.is_empty() {
                parameters.insert(key.to_owned(), Value::Object(table));
            }
        }
        Ok(Access {
            user: self.auth("username"),
            password: self.auth("password").map(Secret::new),
            parameters,
        })
    }

    /// The default domain is that of whoever has none.
    fn default_domains(&self, parameters: &mut Tree) {
        for (id, name) in [
            ("user_domain_id", "user_domain"),
            ("project_domain_id", "project_domain"),
        ] {
            if parameters.contains_key(id) || parameters.contains_key(name) {
                continue;
            }
            if let Some(domain) = self.auth("default_domain_id") {
                parameters.insert(id.to_owned(), Value::from(domain));
            } else if let Some(domain) = self.auth("default_domain_name") {
                parameters.insert(name.to_owned(), Value::from(domain));
            }
        }
    }

    fn interface(&self) -> Result<Option<String>, ReadError> {
        let Some(given) = self.text("interface") else {
            return Ok(None);
        };
        let name = given.strip_suffix("URL").unwrap_or(&given);
        match name {
            "public" => Ok(None),
            "internal" | "admin" => Ok(Some(name.to_owned())),
            _ => Err(ReadError::invalid(format!(
                "interface {given:?} must be public, internal or admin"
            ))),
        }
    }

    /// The microversion. The version of the API itself, as `2` or `2.1`, is found without help.
    fn newest_compute(&self) -> Option<String> {
        let version = self
            .text("compute_default_microversion")
            .or_else(|| self.text("compute_api_version"))?;
        let minor = version.strip_prefix("2.")?;
        let is_micro = minor.parse::<u32>().is_ok_and(|minor| minor > 1);
        is_micro.then_some(version)
    }

    fn endpoints(&self) -> Result<Tree, ReadError> {
        let mut endpoints = Tree::new();
        for (service, names) in SERVICES {
            for own in ["interface", "region_name"] {
                self.one_for_all(own, names)?;
            }
            let given = ["endpoint_override", "endpoint"]
                .into_iter()
                .find_map(|ending| {
                    let mut keys = names.iter().map(|name| format!("{name}_{ending}"));
                    keys.find_map(|key| self.text(&key))
                });
            if let Some(url) = given {
                endpoints.insert(service.to_owned(), Value::from(url));
            }
        }
        Ok(endpoints)
    }

    /// A service cannot go its own way in these.
    fn one_for_all(&self, key: &str, services: &[&str]) -> Result<(), ReadError> {
        let general = self.text(key);
        for service in services {
            let own = self.text(&format!("{service}_{key}"));
            if own.is_some() && own != general {
                let message = format!("{service}_{key} cannot differ from {key}");
                return Err(ReadError::invalid(message));
            }
        }
        Ok(())
    }

    fn http(&self) -> Result<Tree, ReadError> {
        let mut http = Tree::new();
        let verify = match self.tree.get("verify") {
            None | Some(Value::Null) => true,
            Some(value) => {
                boolean(value).ok_or_else(|| ReadError::invalid("verify must be true or false"))?
            }
        };
        let is_insecure = self.tree.get("insecure") == Some(&Value::Bool(true));
        if !verify || is_insecure {
            http.insert("insecure_skip_verify".to_owned(), json!(true));
        } else if let Some(file) = self.text("cacert") {
            http.insert("ca_file".to_owned(), json!(self.places.expand(&file)));
            http.insert("ca_only".to_owned(), json!(true));
        }
        for (key, name) in [("client_cert_file", "cert"), ("client_key_file", "key")] {
            if let Some(file) = self.text(name) {
                http.insert(key.to_owned(), json!(self.places.expand(&file)));
            }
        }
        if let Some(timeout) = self.text("api_timeout") {
            let seconds = timeout
                .parse::<f64>()
                .ok()
                .filter(|it| it.is_finite() && *it > 0.0);
            let seconds =
                seconds.ok_or_else(|| ReadError::invalid("api_timeout must be seconds"))?;
            http.insert("timeout".to_owned(), json!(format!("{seconds}s")));
        }
        Ok(http)
    }
}

/// The name of the engine's way to log in.
fn engine_way(name: &str) -> &'static str {
    match name {
        "v3applicationcredential" => "application_credential",
        "token" | "v2token" | "v3token" => "token",
        _ => "password",
    }
}
