//! An engine whose parameters have every shape that a schema can have.

use std::collections::BTreeMap;
use std::sync::Arc;

use cloudfarm_contract::{
    CloudConfig, CredentialHelp, Driver, Engine, Error, Result, Secret, Text,
};
use serde::Deserialize;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// `extra_params` of the engine `test`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the schema is what counts")]
pub(crate) struct Params {
    region: Text,
    endpoint: Option<String>,
    token: Option<Secret>,
    #[schema(inline)]
    auth: Option<Auth>,
    #[schema(inline)]
    interface: Option<Interface>,
    tries: Option<u16>,
    #[schema(minimum = 0, maximum = 1)]
    share: Option<f64>,
    verify: Option<bool>,
    zones: Option<Vec<String>>,
    #[schema(inline)]
    keys: Option<Vec<Key>>,
    labels: Option<BTreeMap<String, String>>,
    #[schema(inline)]
    proxy: Option<Proxy>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[expect(dead_code, reason = "the schema is what counts")]
enum Proxy {
    None,
    Http {
        url: String,
        password: Option<Secret>,
    },
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the schema is what counts")]
struct Auth {
    account: Option<String>,
    #[schema(inline)]
    key: Option<Secret>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the schema is what counts")]
struct Key {
    id: String,
    secret: Secret,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Interface {
    Public,
    Internal,
}

/// The engine `test`, also called `proof`.
#[derive(Debug)]
pub(crate) struct TestEngine;

impl Engine for TestEngine {
    fn name(&self) -> &'static str {
        "test"
    }

    fn summary(&self) -> &'static str {
        "an engine for tests"
    }

    fn credentials(&self) -> CredentialHelp {
        CredentialHelp {
            user: Some("anybody"),
            password: Some("anything"),
        }
    }

    fn parameters(&self) -> RefOr<Schema> {
        Params::schema()
    }

    fn connect(&self, config: CloudConfig) -> Result<Arc<dyn Driver>> {
        config.parameters::<Params>()?;
        Err(Error::unavailable("nobody is there"))
    }
}

/// The table of engines of these tests.
pub(crate) fn find(name: &str) -> Result<&'static dyn Engine> {
    match name.to_ascii_lowercase().as_str() {
        "test" | "proof" => Ok(&TestEngine),
        _ => Err(Error::invalid(format!("there is no engine {name:?}"))
            .with_hint("the engines are: test")),
    }
}
