//! From settings to a driver.

use std::fmt::{self, Debug};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::openapi::{RefOr, Schema};

use crate::{Clock, Driver, Error, Result, Secret, Text};

/// A kind of provider: what can be configured, and how a connection comes about.
///
/// A third party adds one with a crate that implements this, and one line in the table of engines.
pub trait Engine: Send + Sync + Debug {
    /// The name in the settings, lower case.
    fn name(&self) -> &'static str;

    /// Other names for the same engine.
    fn aliases(&self) -> &'static [&'static str] {
        &[]
    }

    /// What it is, in a sentence.
    fn summary(&self) -> &'static str;

    /// What `user` and `password` mean to it, for people who fill in the settings.
    fn credentials(&self) -> CredentialHelp;

    /// The JSON Schema of `extra_params`, as derived by `utoipa::ToSchema`. Fields of type
    /// [`Secret`] are known by their format, so they may be given as references.
    fn parameters(&self) -> RefOr<Schema>;

    /// Makes a driver from settings. It asks nobody over the network: that is
    /// [`Driver::check`]'s, so that a dead provider does not hold up the start.
    ///
    /// # Errors
    ///
    /// `invalid`, with the field's path (`extra_params.region`), for settings that cannot work.
    fn connect(&self, config: CloudConfig) -> Result<Arc<dyn Driver>>;
}

/// What `user` and `password` of a cloud mean to its engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CredentialHelp {
    /// What `user` is; `None` if the engine does not look at it.
    pub user: Option<&'static str>,
    /// What `password` is; `None` if the engine does not look at it.
    pub password: Option<&'static str>,
}

/// One entry of the CLOUD_FARM settings, with references resolved.
pub struct CloudConfig {
    /// The name of the cloud.
    pub name: Text,
    /// The engine as it was written, which may be an alias.
    pub engine: Text,
    /// Who connects.
    pub user: Option<String>,
    /// With which secret.
    pub password: Option<Secret>,
    /// What only the engine knows. It may hold secrets, so it is read with
    /// [`CloudConfig::parameters`] and never printed.
    pub extra_params: Map<String, Value>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl CloudConfig {
    /// Reads `extra_params` into the driver's own type, which should `deny_unknown_fields`.
    ///
    /// # Errors
    ///
    /// `invalid` with the path of the field. The message never repeats the value.
    pub fn parameters<T: DeserializeOwned>(&self) -> Result<T> {
        let value = Value::Object(self.extra_params.clone());
        serde_path_to_error::deserialize(value).map_err(|error| {
            let path = error.path().to_string();
            let field = if path == "." {
                "extra_params".to_owned()
            } else {
                format!("extra_params.{path}")
            };
            Error::invalid(without_values(&error.into_inner().to_string())).with_field(field)
        })
    }
}

impl Debug for CloudConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloudConfig")
            .field("name", &self.name)
            .field("engine", &self.engine)
            .field("user", &self.user)
            .field("password", &self.password)
            .field(
                "extra_params",
                &self.extra_params.keys().collect::<Vec<_>>(),
            )
            .finish_non_exhaustive()
    }
}

/// A message of serde without the value it could not take: it quotes it (`invalid type: string
/// "hunter2", expected u16`), and the value may be a secret.
pub fn without_values(message: &str) -> String {
    for kind in [
        "string",
        "character",
        "bytes",
        "integer",
        "floating point",
        "boolean",
    ] {
        for reason in ["invalid type: ", "invalid value: "] {
            let Some(rest) = message
                .strip_prefix(reason)
                .and_then(|rest| rest.strip_prefix(kind))
            else {
                continue;
            };
            let expected = rest.rfind(", expected ").map_or("", |at| &rest[at..]);
            return format!("{reason}{kind}{expected}");
        }
    }
    message.to_owned()
}

#[cfg(test)]
mod tests {
    use super::without_values;

    #[test]
    fn messages_lose_the_value_and_keep_the_expectation() {
        assert_eq!(
            without_values(r#"invalid type: string "hunter2", expected u16"#),
            "invalid type: string, expected u16"
        );
        assert_eq!(
            without_values("missing field `region`"),
            "missing field `region`"
        );
    }
}
