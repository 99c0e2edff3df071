//! Whether a cloud's `extra_params` and secrets have the shape that its engine asks for.

use config::{Value, ValueKind};
use serde_json::{Map, Value as Json};

use super::problems::did_you_mean;
use super::secrets::{Reference, SecretAt};
use super::shape::{Range, Shape, TableShape};
use super::show::ShownValue;
use super::tree::{Origin, Table, from_json, must_be, sorted, to_json};
use super::{Problems, SettingProblem, overrides};

/// Compares values with shapes, and collects what comes of it.
pub(super) struct Fit<'a> {
    /// The file that is named where no value says where it came from.
    pub(super) file: &'a str,
    pub(super) path: Vec<String>,
    pub(super) problems: Problems,
    pub(super) shown: Vec<ShownValue>,
    /// The references that are yet to be resolved.
    pub(super) secrets: Vec<SecretAt>,
}

impl<'a> Fit<'a> {
    pub(super) fn new(file: &'a str, path: Vec<String>) -> Self {
        Self {
            file,
            path,
            problems: Problems::default(),
            shown: Vec::new(),
            secrets: Vec::new(),
        }
    }

    /// The value as the driver gets it; `null` where it is wrong, and where a secret comes later.
    pub(super) fn value(&mut self, shape: &Shape, value: &Value) -> Json {
        let value = &from_variable(shape, value);
        let fits = match (shape, &value.kind) {
            (Shape::Any, _) => return self.anything(value),
            (Shape::Secret, _) => return self.secret(value),
            (Shape::OneOf(shapes), _) => return self.one_of(shape, shapes, value),
            (Shape::Table(shape), ValueKind::Table(table)) => {
                return self.table(shape, value, table);
            }
            (Shape::List(shape), ValueKind::Array(values)) => return self.list(shape, values),
            (Shape::Text(choices), ValueKind::String(text)) => {
                choices.is_empty() || choices.contains(text)
            }
            (Shape::Integer(range), _) => integer_fits(*range, &to_json(value)),
            (Shape::Number(range), _) => number_fits(*range, &to_json(value)),
            (Shape::Boolean, ValueKind::Boolean(_)) => true,
            _ => false,
        };
        if !fits {
            return self.wrong(shape, value);
        }
        let json = to_json(value);
        self.show(value, json.clone());
        json
    }

    pub(super) fn table(&mut self, shape: &TableShape, whole: &Value, table: &Table) -> Json {
        let mut read = Map::new();
        for (key, value) in sorted(table) {
            if matches!(value.kind, ValueKind::Nil) {
                continue;
            }
            self.path.push(key.clone());
            match shape.keys.get(key).or(shape.rest.as_deref()) {
                Some(shape) => {
                    read.insert(key.clone(), self.value(shape, value));
                }
                None => self.unknown(value, shape.keys.keys().map(String::as_str)),
            }
            self.path.pop();
        }
        for key in &shape.required {
            if !read.contains_key(key) {
                self.path.push(key.clone());
                let words = shape.keys.get(key).map(Shape::in_words);
                let words = words.map_or_else(String::new, |words| format!(": must be {words}"));
                self.problem(whole, format!("is missing{words}"), None);
                self.path.pop();
            }
        }
        Json::Object(read)
    }

    /// Text that nobody else may see, or a reference to it.
    pub(super) fn secret(&mut self, value: &Value) -> Json {
        let reference = match &value.kind {
            ValueKind::String(text) => {
                let origin = Origin::of(value);
                self.shown
                    .push(ShownValue::secret(&self.path, origin, None));
                return Json::from(text.as_str());
            }
            ValueKind::Table(table) => Reference::read(table),
            _ => Err(must_be(&Shape::Secret.in_words(), value)),
        };
        match reference {
            Err(message) => self.problem(value, message, None),
            Ok(reference) => {
                let origin = Origin::of(value).or_file(self.file);
                let words = reference.in_words();
                self.shown
                    .push(ShownValue::secret(&self.path, origin.clone(), Some(words)));
                self.secrets.push(SecretAt {
                    path: self.path.clone(),
                    origin,
                    reference,
                });
            }
        }
        Json::Null
    }

    fn list(&mut self, shape: &Shape, values: &[Value]) -> Json {
        let mut read = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            self.path.push(index.to_string());
            read.push(self.value(shape, value));
            self.path.pop();
        }
        Json::Array(read)
    }

    /// The first shape that fits; if none does, the problems of the one that nearly fits.
    fn one_of(&mut self, shape: &Shape, shapes: &[Shape], value: &Value) -> Json {
        let mut tries = Vec::with_capacity(shapes.len());
        for shape in shapes {
            let mut attempt = Fit::new(self.file, self.path.clone());
            let json = attempt.value(shape, value);
            if attempt.problems.is_empty() {
                self.take(attempt);
                return json;
            }
            let other_tag = matches!(shape, Shape::Table(shape) if !shape.tag_fits(value));
            tries.push((other_tag, attempt, json));
        }
        let inside = tries
            .into_iter()
            .filter(|(_, attempt, _)| attempt.problems.iter().any(|it| !self.is_here(it)))
            .min_by_key(|(other_tag, attempt, _)| (*other_tag, attempt.problems.len()));
        match inside {
            Some((_, attempt, json)) => {
                self.take(attempt);
                json
            }
            None => self.wrong(shape, value),
        }
    }

    /// Whether a problem is one of the value as a whole.
    fn is_here(&self, problem: &SettingProblem) -> bool {
        problem.path() == self.path
    }

    fn take(&mut self, attempt: Fit<'_>) {
        self.problems.append(attempt.problems);
        self.shown.extend(attempt.shown);
        self.secrets.extend(attempt.secrets);
    }

    /// What no schema describes may be a secret, so it is not shown.
    fn anything(&mut self, value: &Value) -> Json {
        let json = to_json(value);
        match json {
            Json::Number(_) | Json::Bool(_) => self.show(value, json.clone()),
            _ => {
                let origin = Origin::of(value).or_file(self.file);
                self.shown
                    .push(ShownValue::secret(&self.path, origin, None));
            }
        }
        json
    }

    fn show(&mut self, value: &Value, json: Json) {
        let origin = Origin::of(value).or_file(self.file);
        self.shown.push(ShownValue::plain(&self.path, json, origin));
    }

    fn wrong(&mut self, shape: &Shape, value: &Value) -> Json {
        let right = shape.in_words();
        let message = match (shape, &value.kind) {
            (Shape::Text(_), ValueKind::String(_)) => format!("must be {right}"),
            _ => must_be(&right, value),
        };
        let hint = match &value.kind {
            ValueKind::Table(table) if Reference::read(table).is_ok() => Some(format!(
                "only secrets may refer to something; the variable {} overrides any value",
                overrides::variable(&self.path)
            )),
            _ => None,
        };
        self.problem(value, message, hint);
        Json::Null
    }

    /// Refuses the key at the end of the path.
    pub(super) fn unknown<'k>(&mut self, value: &Value, known: impl IntoIterator<Item = &'k str>) {
        let hint = did_you_mean(&Origin::of(value), &self.path, known);
        self.problem(value, "unknown key".to_owned(), hint);
    }

    pub(super) fn problem(&mut self, value: &Value, message: String, hint: Option<String>) {
        let origin = Origin::of(value).or_file(self.file);
        let problem = SettingProblem::at(&origin, &self.path, message).with_hint(hint);
        self.problems.push(problem);
    }
}

/// A variable is text; this reads it as what the shape asks for.
fn from_variable(shape: &Shape, value: &Value) -> Value {
    let (ValueKind::String(text), Some(origin)) = (&value.kind, value.origin()) else {
        return value.clone();
    };
    let wanted: fn(&Json) -> bool = match shape {
        Shape::Integer(_) | Shape::Number(_) => Json::is_number,
        Shape::Boolean => Json::is_boolean,
        Shape::List(_) => Json::is_array,
        Shape::Table(_) => Json::is_object,
        _ => return value.clone(),
    };
    match serde_json::from_str::<Json>(text.trim()) {
        Ok(json) if matches!(Origin::of(value), Origin::Variable(_)) && wanted(&json) => {
            from_json(&json, &origin.to_owned())
        }
        _ => value.clone(),
    }
}

fn integer_fits(range: Range, json: &Json) -> bool {
    (json.is_i64() || json.is_u64()) && number_fits(range, json)
}

fn number_fits(range: Range, json: &Json) -> bool {
    json.as_f64().is_some_and(|number| range.holds(number))
}
