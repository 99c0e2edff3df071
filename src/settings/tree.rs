//! The merged settings as a tree in which each value knows where it came from.

use std::fmt;

use config::{Config, ConfigError, Map, Source, Value, ValueKind};
use serde_json::Value as Json;

use super::{Problems, SettingProblem};

pub(super) type Table = Map<String, Value>;

/// Keeps the names of variables apart from those of files where `config` knows only a text.
const VARIABLE: &str = "variable:";

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// It is built in.
    Default,
    /// This file.
    File(String),
    /// This environment variable.
    Variable(String),
}

impl Origin {
    /// Of a value; of a table, the first of what it holds, files before variables.
    pub(super) fn of(value: &Value) -> Self {
        match (&value.kind, value.origin()) {
            (ValueKind::Table(table), None) => {
                let mut origins: Vec<Self> = table.values().map(Self::of).collect();
                origins.sort_by_key(|origin| match origin {
                    Self::File(name) => (0, name.clone()),
                    Self::Variable(name) => (1, name.clone()),
                    Self::Default => (2, String::new()),
                });
                origins.into_iter().next().unwrap_or(Self::Default)
            }
            (_, None) => Self::Default,
            (_, Some(origin)) => match origin.strip_prefix(VARIABLE) {
                Some(name) => Self::Variable(name.to_owned()),
                None => Self::File(origin.to_owned()),
            },
        }
    }

    /// As `config` keeps it with a value.
    pub(super) fn variable(name: &str) -> String {
        format!("{VARIABLE}{name}")
    }

    /// What stands instead of [`Origin::Default`] where no value says where it came from.
    pub(super) fn or_file(self, file: &str) -> Self {
        match self {
            Self::Default => Self::File(file.to_owned()),
            known => known,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(name) => f.write_str(name),
            Self::Variable(name) => write!(f, "environment {name}"),
        }
    }
}

/// One layer of settings. `Debug`, which `config` wants, shows the keys at the root only.
#[derive(Clone)]
pub(super) struct Layer(pub(super) Table);

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Table, ConfigError> {
        Ok(self.0.clone())
    }
}

/// Puts each layer over those before it.
pub(super) fn merge(layers: impl IntoIterator<Item = Table>) -> Result<Table, Problems> {
    layers
        .into_iter()
        .fold(Config::builder(), |builder, layer| {
            builder.add_source(Layer(layer))
        })
        .build()
        .and_then(|config| config.collect())
        // The error may quote a value.
        .map_err(|_| SettingProblem::of_file("settings", "cannot be merged").into())
}

/// The kind of value in words.
fn kind_of(value: &Value) -> &'static str {
    match value.kind {
        ValueKind::Nil => "nothing",
        ValueKind::Boolean(_) => "true or false",
        ValueKind::I64(_) | ValueKind::I128(_) | ValueKind::U64(_) | ValueKind::U128(_) => {
            "a whole number"
        }
        ValueKind::Float(_) => "a number",
        ValueKind::String(_) => "text",
        ValueKind::Table(_) => "a table",
        ValueKind::Array(_) => "a list",
    }
}

/// What would be right, and what there is instead. The value stays out of it: it may be a secret
/// that stands in the wrong place.
pub(super) fn must_be(right: &str, value: &Value) -> String {
    let kind = kind_of(value);
    if right.starts_with(kind) {
        format!("must be {right}")
    } else {
        format!("must be {right}, and is {kind}")
    }
}

/// The value without its origins. What JSON cannot hold becomes `null`.
pub(super) fn to_json(value: &Value) -> Json {
    match &value.kind {
        ValueKind::Nil => Json::Null,
        ValueKind::Boolean(value) => Json::from(*value),
        ValueKind::I64(value) => Json::from(*value),
        ValueKind::U64(value) => Json::from(*value),
        ValueKind::I128(value) => u64::try_from(*value).map_or(Json::Null, Json::from),
        ValueKind::U128(value) => u64::try_from(*value).map_or(Json::Null, Json::from),
        ValueKind::Float(value) => Json::from(*value),
        ValueKind::String(value) => Json::from(value.as_str()),
        ValueKind::Array(values) => values.iter().map(to_json).collect(),
        ValueKind::Table(table) => sorted(table)
            .into_iter()
            .map(|(key, value)| (key.clone(), to_json(value)))
            .collect(),
    }
}

/// A value that came as JSON in an environment variable.
pub(super) fn from_json(json: &Json, origin: &String) -> Value {
    let kind = match json {
        Json::Null => ValueKind::Nil,
        Json::Bool(value) => ValueKind::Boolean(*value),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(value), _) => ValueKind::I64(value),
            (None, Some(value)) => ValueKind::U64(value),
            (None, None) => number.as_f64().map_or(ValueKind::Nil, ValueKind::Float),
        },
        Json::String(value) => ValueKind::String(value.clone()),
        Json::Array(values) => ValueKind::Array(
            values
                .iter()
                .map(|value| from_json(value, origin))
                .collect(),
        ),
        Json::Object(object) => ValueKind::Table(
            object
                .iter()
                .map(|(key, value)| (key.clone(), from_json(value, origin)))
                .collect(),
        ),
    };
    Value::new(Some(origin), kind)
}

/// The keys of a table in their order, so that the same file gives the same messages each time.
pub(super) fn sorted(table: &Table) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| *key);
    entries
}
