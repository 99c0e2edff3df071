//! From settings to a driver.

use std::fmt::{self, Debug};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::openapi::{RefOr, Schema};

use crate::model::Extra;
use crate::nearest::nearest_field;
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
        read_fields("extra_params", self.extra_params.clone().into())
    }
}

/// Reads the `options` of a creation into the driver's own type, which should `deny_unknown_fields`.
///
/// # Errors
///
/// `invalid` with the path of the field; where it is unknown the nearest is named.
pub fn read_options<T: DeserializeOwned>(options: &Extra) -> Result<T> {
    read_fields("options", Value::from_iter(options.clone()))
}

fn read_fields<T: DeserializeOwned>(root: &str, fields: Value) -> Result<T> {
    serde_path_to_error::deserialize(fields).map_err(|error| {
        let path = error.path().to_string();
        let field = match path.as_str() {
            "." => root.to_owned(),
            _ => format!("{root}.{path}"),
        };
        let message = error.into_inner().to_string();
        let error = Error::invalid(without_values(&message)).with_field(field);
        match nearest_field(&message) {
            Some(known) => error.with_hint(format!("did you mean {known:?}?")),
            None => error,
        }
    })
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
    use serde::Deserialize;
    use serde_json::json;

    use super::{read_options, without_values};
    use crate::model::Extra;

    #[derive(Debug, Default, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Options {
        tenancy: Option<String>,
        public_ip: Option<bool>,
        disks: Vec<Disk>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its field names matter")]
    struct Disk {
        size: u32,
        image: String,
    }

    fn refusal(options: &serde_json::Value) -> (String, Option<String>) {
        let options = Extra::deserialize(options).unwrap();
        let error = read_options::<Options>(&options).unwrap_err();
        let field = error.field().unwrap().to_string();
        (field, error.hint().map(|hint| hint.to_string()))
    }

    #[test]
    fn an_unknown_field_is_told_with_the_nearest() {
        let meant = |name: &str| Some(format!("did you mean {name:?}?"));
        assert_eq!(
            refusal(&json!({"tenacy": "host"})),
            ("options.tenacy".to_owned(), meant("tenancy"))
        );
        assert_eq!(
            refusal(&json!({"disks": [{"sise": 1}]})),
            ("options.disks[0].sise".to_owned(), meant("size"))
        );
        assert_eq!(
            refusal(&json!({"banana": 1})),
            ("options.banana".to_owned(), None)
        );
    }

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
