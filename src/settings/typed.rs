//! Settings whose keys are the fields of a type: the server's, and the layers of a cloud.

use config::{Value, ValueKind};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json, json};

use super::farm::ROOT;
use super::problems::did_you_mean;
use super::show::ShownValue;
use super::tree::{Origin, Table, must_be, sorted, to_json};
use super::{Problems, SettingProblem};

/// Checks what is given key by key, so that every mistake is found and not only the first.
pub(super) struct Typed<'a> {
    /// Where the table stands below the root.
    pub(super) path: Vec<String>,
    /// The file that is named where no value says where it came from.
    pub(super) file: &'a str,
    pub(super) problems: &'a mut Problems,
    pub(super) shown: &'a mut Vec<ShownValue>,
}

impl Typed<'_> {
    /// What of `given` a `T` can be read from. `defaults` has all the keys, with values of the
    /// right type; `T` must be readable from any part of them.
    pub(super) fn read<T: DeserializeOwned>(
        &mut self,
        defaults: &Json,
        given: &Table,
    ) -> Map<String, Json> {
        self.table(defaults, given, &|leaf| {
            serde_json::from_value::<T>(leaf).map(drop)
        })
    }

    fn table(
        &mut self,
        defaults: &Json,
        given: &Table,
        fits: &dyn Fn(Json) -> serde_json::Result<()>,
    ) -> Map<String, Json> {
        let mut read = Map::new();
        for (key, value) in sorted(given) {
            self.path.push(key.clone());
            let taken = match defaults.get(key) {
                None => {
                    self.unknown(value, defaults);
                    None
                }
                Some(default @ Json::Object(_)) => self.section(key, default, value, fits),
                Some(default) => self.leaf(key, default, value, fits),
            };
            if let Some(taken) = taken {
                read.insert(key.clone(), taken);
            }
            self.path.pop();
        }
        read
    }

    fn section(
        &mut self,
        key: &str,
        defaults: &Json,
        value: &Value,
        fits: &dyn Fn(Json) -> serde_json::Result<()>,
    ) -> Option<Json> {
        match &value.kind {
            ValueKind::Nil => None,
            ValueKind::Table(table) => {
                let inner = self.table(defaults, table, &|leaf| fits(json!({ key: leaf })));
                Some(Json::Object(inner))
            }
            _ => {
                self.problem(value, must_be("a table", value), None);
                None
            }
        }
    }

    fn leaf(
        &mut self,
        key: &str,
        default: &Json,
        value: &Value,
        fits: &dyn Fn(Json) -> serde_json::Result<()>,
    ) -> Option<Json> {
        let json = of_the_kind(default, value);
        let wrong = match &json {
            None => Some(must_be(expected(default), value)),
            Some(json) => fits(json!({ key: json }))
                .err()
                .map(|error| without_value(&error.to_string(), default)),
        };
        if let Some(message) = wrong {
            self.problem(value, message, None);
            return None;
        }
        let json = json?;
        self.shown.push(ShownValue::plain(
            &self.path,
            json.clone(),
            Origin::of(value),
        ));
        Some(json)
    }

    fn unknown(&mut self, value: &Value, defaults: &Json) {
        let known = defaults.as_object().into_iter().flat_map(Map::keys);
        let hint = if self.path == [ROOT] {
            Some("the clouds stand in a file of their own, cloud_farm.toml".to_owned())
        } else {
            did_you_mean(&Origin::of(value), &self.path, known.map(String::as_str))
        };
        self.problem(value, "unknown key".to_owned(), hint);
    }

    fn problem(&mut self, value: &Value, message: String, hint: Option<String>) {
        let origin = Origin::of(value).or_file(self.file);
        let problem = SettingProblem::at(&origin, &self.path, message).with_hint(hint);
        self.problems.push(problem);
    }
}

/// The value as JSON if it is of the kind of the default; a variable is read as that kind.
fn of_the_kind(default: &Json, value: &Value) -> Option<Json> {
    let json = match &value.kind {
        ValueKind::String(text) if matches!(Origin::of(value), Origin::Variable(_)) => {
            match default {
                Json::Number(_) | Json::Bool(_) => serde_json::from_str(text.trim()).ok()?,
                _ => Json::from(text.as_str()),
            }
        }
        _ => to_json(value),
    };
    let fits = match default {
        Json::Number(number) if number.is_f64() => json.is_number(),
        Json::Number(_) => json.is_u64(),
        Json::Bool(_) => json.is_boolean(),
        _ => json.is_string(),
    };
    fits.then_some(json)
}

/// The kind of the default in words.
fn expected(default: &Json) -> &'static str {
    match default {
        Json::Number(number) if number.is_f64() => "a number",
        Json::Number(_) => "a whole number of 0 or more",
        Json::Bool(_) => "true or false",
        _ => "text in quotes",
    }
}

/// What serde says, without the value that it quotes, and with the default as an example.
fn without_value(message: &str, default: &Json) -> String {
    if message.starts_with("unknown variant ") {
        let variants = message.split("`, expected ").nth(1).unwrap_or_default();
        return format!(
            "must be {}",
            variants.replace("one of ", "").replace('`', "\"")
        );
    }
    if message.starts_with("invalid value: ") {
        return "is too large".to_owned();
    }
    format!("{message}; the default is {default}")
}
