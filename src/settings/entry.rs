//! One entry of the farm: from its table to a cloud's settings.

use std::path::Path;

use cloudfarm_contract::{Engine, Secret, Text};
use config::{Value, ValueKind};
use serde_json::{Map, Value as Json};

use super::farm_load::FindEngine;
use super::fit::Fit;
use super::secrets::{self, SecretAt};
use super::shape::Shape;
use super::show::ShownValue;
use super::sources::Environment;
use super::tree::{Table, must_be};
use super::typed::Typed;
use super::{CloudEntry, CloudSettings, LayerOverrides, LayerSettings, Problems, ranges};

const KEYS: [&str; 5] = ["engine", "user", "password", "extra_params", "layers"];
const NAME_LENGTH: usize = 63;

/// An entry that was checked and whose references are not resolved yet.
pub(super) struct Checked {
    name: String,
    engine: String,
    user: Option<String>,
    password: Json,
    extra_params: Json,
    layers: LayerSettings,
    secrets: Vec<SecretAt>,
    problems: Problems,
    shown: Vec<ShownValue>,
}

/// What the entries are checked against.
pub(super) struct Rules<'a> {
    pub(super) file: &'a str,
    pub(super) layers: &'a LayerSettings,
    pub(super) engines: &'a FindEngine<'a>,
    /// The names of all entries that say their engine.
    pub(super) clouds: &'a [&'a str],
}

impl Rules<'_> {
    /// Checks an entry without looking behind its references.
    /// `problems` are those that are known already.
    pub(super) fn check(
        &self,
        path: Vec<String>,
        name: &str,
        entry: &Value,
        problems: Problems,
    ) -> Checked {
        let mut fit = Fit::new(self.file, path);
        let mut checked = Checked {
            name: name.to_owned(),
            engine: String::new(),
            user: None,
            password: Json::Null,
            extra_params: Json::Null,
            layers: self.layers.clone(),
            secrets: Vec::new(),
            problems,
            shown: Vec::new(),
        };
        check_name(name, entry, &mut fit);
        match &entry.kind {
            ValueKind::Table(table) => self.check_keys(table, entry, &mut checked, &mut fit),
            _ => fit.problem(entry, must_be("a table", entry), None),
        }
        checked.problems.append(fit.problems);
        checked.problems.sort();
        checked.shown.append(&mut fit.shown);
        checked.secrets = fit.secrets;
        checked
    }

    fn check_keys(&self, table: &Table, entry: &Value, checked: &mut Checked, fit: &mut Fit<'_>) {
        let given = |key: &str| {
            let value = table.get(key);
            value.filter(|value| !matches!(value.kind, ValueKind::Nil))
        };
        let text = Shape::Text(Vec::new());
        let at = |fit: &mut Fit<'_>, key: &str, check: &mut dyn FnMut(&mut Fit<'_>)| {
            fit.path.push(key.to_owned());
            check(fit);
            fit.path.pop();
        };
        let mut engine = None;
        at(fit, "engine", &mut |fit| match given("engine") {
            None => self.missing_engine(&checked.name, entry, fit),
            Some(value) => {
                checked.engine = text_of(fit.value(&text, value)).unwrap_or_default();
                engine = self.find_engine(&checked.engine, value, fit);
            }
        });
        if let Some(value) = given("user") {
            at(fit, "user", &mut |fit| {
                checked.user = text_of(fit.value(&text, value));
            });
        }
        if let Some(value) = given("password") {
            at(fit, "password", &mut |fit| {
                checked.password = fit.secret(value);
            });
        }
        at(fit, "extra_params", &mut |fit| {
            checked.extra_params = parameters(engine, given("extra_params"), entry, fit);
        });
        if let Some(value) = given("layers") {
            at(fit, "layers", &mut |fit| {
                self.check_layers(value, checked, fit)
            });
        }
        for (key, value) in super::tree::sorted(table) {
            if !KEYS.contains(&key.as_str()) {
                at(fit, key, &mut |fit| fit.unknown(value, KEYS));
            }
        }
    }

    /// A variable with a mistyped name makes an entry of its own; this is where it shows.
    fn missing_engine(&self, name: &str, entry: &Value, fit: &mut Fit<'_>) {
        let others = self.clouds.iter().copied().filter(|other| *other != name);
        let hint = cloudfarm_contract::nearest(name, others)
            .map(|known| format!("did you mean the cloud {known:?}?"));
        fit.problem(
            entry,
            "is missing: name the engine of the cloud".to_owned(),
            hint,
        );
    }

    fn find_engine(
        &self,
        name: &str,
        value: &Value,
        fit: &mut Fit<'_>,
    ) -> Option<&'static dyn Engine> {
        if name.is_empty() {
            if matches!(value.kind, ValueKind::String(_)) {
                fit.problem(value, "must not be empty".to_owned(), None);
            }
            return None;
        }
        (self.engines)(name)
            .map_err(|error| {
                let hint = error.hint().map(str::to_owned);
                fit.problem(value, error.message().to_owned(), hint);
            })
            .ok()
    }

    fn check_layers(&self, value: &Value, checked: &mut Checked, fit: &mut Fit<'_>) {
        let ValueKind::Table(table) = &value.kind else {
            fit.problem(value, must_be("a table", value), None);
            return;
        };
        let defaults = serde_json::to_value(LayerSettings::default()).unwrap_or_default();
        let read = Typed {
            path: fit.path.clone(),
            file: self.file,
            problems: &mut checked.problems,
            shown: &mut checked.shown,
        }
        .read::<LayerOverrides>(&defaults, table);
        let overrides: LayerOverrides =
            serde_json::from_value(Json::Object(read)).unwrap_or_default();
        checked.layers = overrides.over(self.layers);
        for (keys, message) in ranges::of_layers(&checked.layers) {
            for (key, value) in keys.iter().filter_map(|key| table.get_key_value(*key)) {
                fit.path.push(key.clone());
                fit.problem(value, message.to_owned(), None);
                fit.path.pop();
            }
        }
    }
}

impl Checked {
    /// Whether resolving its references may take long.
    pub(super) fn has_references(&self) -> bool {
        !self.secrets.is_empty()
    }

    /// Resolves the references. A reload does it again.
    pub(super) fn resolve(
        mut self,
        environment: &Environment,
        directory: &Path,
    ) -> (CloudEntry, Problems, Vec<ShownValue>) {
        for secret in std::mem::take(&mut self.secrets) {
            match secret.resolve(environment, directory) {
                Ok(text) => self.put(&secret.path, text),
                Err(problems) => self.problems.append(problems),
            }
        }
        let settings = match self.problems.as_error() {
            Some(error) => Err(error),
            None => Ok(CloudSettings {
                user: self.user,
                password: text_of(self.password).map(Secret::new),
                extra_params: match self.extra_params {
                    Json::Object(parameters) => parameters,
                    _ => Map::new(),
                },
                layers: self.layers,
            }),
        };
        let entry = CloudEntry {
            name: Text::from(self.name),
            engine: Text::from(self.engine),
            settings,
        };
        (entry, self.problems, self.shown)
    }

    /// Puts a secret where its reference stood.
    fn put(&mut self, path: &[String], secret: String) {
        let Some([key, inner @ ..]) = path.get(2..) else {
            return;
        };
        let place = match key.as_str() {
            "password" => &mut self.password,
            _ => &mut self.extra_params,
        };
        secrets::put(place, inner, secret);
    }
}

/// Checks `extra_params` against the engine. Without an engine there is nothing to check them with.
fn parameters(
    engine: Option<&'static dyn Engine>,
    given: Option<&Value>,
    entry: &Value,
    fit: &mut Fit<'_>,
) -> Json {
    let empty = Value::new(None, Table::new());
    let value = given.unwrap_or(&empty);
    let Some(engine) = engine else {
        return Json::Null;
    };
    let schema = serde_json::to_value(engine.parameters()).unwrap_or_default();
    match (Shape::of(&schema), &value.kind) {
        (Shape::Table(shape), ValueKind::Table(table)) => {
            let whole = if given.is_some() { value } else { entry };
            fit.table(&shape, whole, table)
        }
        (shape, _) => fit.value(&shape, value),
    }
}

fn check_name(name: &str, entry: &Value, fit: &mut Fit<'_>) {
    let allowed = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-'
    };
    let right = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(allowed)
        && name.len() <= NAME_LENGTH;
    if !right {
        let message = "the name of a cloud must begin with a letter from a to z, have no other \
                       characters than a-z, 0-9, _ and -, and be no longer than 63";
        fit.problem(entry, message.to_owned(), None);
    }
}

fn text_of(value: Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text),
        _ => None,
    }
}
