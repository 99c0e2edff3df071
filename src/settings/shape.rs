//! What an engine's parameters must look like, read from their JSON Schema.

use std::collections::BTreeMap;

use config::{Value, ValueKind};
use serde_json::Value as Json;

/// The shape of a value. What the schema leaves open is left to the driver.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// Whatever the driver takes.
    Any,
    /// A secret, or a reference to one.
    Secret,
    /// Text; one of these if there are any.
    Text(Vec<String>),
    /// A whole number.
    Integer(Range),
    /// A number.
    Number(Range),
    /// True or false.
    Boolean,
    /// A list.
    List(Box<Shape>),
    /// A table.
    Table(TableShape),
    /// Any one of these.
    OneOf(Vec<Shape>),
}

/// The bounds of a number, both included.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Range {
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
}

/// The keys of a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct TableShape {
    pub(super) keys: BTreeMap<String, Shape>,
    pub(super) required: Vec<String>,
    /// The shape of all other keys; `None` refuses them.
    pub(super) rest: Option<Box<Shape>>,
}

impl Shape {
    /// Reads a JSON Schema.
    pub(super) fn of(schema: &Json) -> Self {
        if let Some(name) = schema["$ref"].as_str() {
            return Self::of_reference(name);
        }
        if let Some(parts) = schema["allOf"].as_array() {
            return Self::of_all(parts);
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(parts) = schema[key].as_array() {
                return Self::one_of(parts.iter().filter(|part| !is_null(part)).map(Self::of));
            }
        }
        let types: Vec<&str> = match &schema["type"] {
            Json::String(name) => vec![name],
            Json::Array(names) => names.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        };
        let types = types.into_iter().filter(|name| *name != "null");
        Self::one_of(types.map(|name| Self::of_type(name, schema)))
    }

    /// A schema stands alone, so a name in it leads nowhere; these two types are the contract's.
    fn of_reference(name: &str) -> Self {
        match name.rsplit('/').next() {
            Some("Secret") => Self::Secret,
            Some("Text") => Self::Text(Vec::new()),
            _ => Self::Any,
        }
    }

    fn of_type(name: &str, schema: &Json) -> Self {
        let range = Range {
            min: schema["minimum"].as_f64(),
            max: schema["maximum"].as_f64(),
        };
        match name {
            "string" if schema["format"] == "password" => Self::Secret,
            "string" => Self::Text(choices(schema)),
            "integer" => Self::Integer(range),
            "number" => Self::Number(range),
            "boolean" => Self::Boolean,
            "array" => Self::List(Box::new(Self::of(&schema["items"]))),
            "object" => Self::Table(TableShape::of(schema)),
            _ => Self::Any,
        }
    }

    fn of_all(parts: &[Json]) -> Self {
        let mut table = TableShape::default();
        for part in parts {
            match (Self::of(part), parts.len()) {
                (Self::Table(part), _) => {
                    table.keys.extend(part.keys);
                    table.required.extend(part.required);
                    table.rest = table.rest.or(part.rest);
                }
                (other, 1) => return other,
                _ => return Self::Any,
            }
        }
        Self::Table(table)
    }

    fn one_of(shapes: impl Iterator<Item = Self>) -> Self {
        let mut shapes: Vec<Self> = shapes.collect();
        match shapes.len() {
            0 => Self::Any,
            1 => shapes.remove(0),
            _ => Self::OneOf(shapes),
        }
    }

    /// What would be right, in words.
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Any => "anything".to_owned(),
            Self::Secret => {
                r#"text in quotes, or { env = "..." }, { file = "..." } or { command = "..." }"#
                    .to_owned()
            }
            Self::Text(choices) if choices.is_empty() => "text in quotes".to_owned(),
            Self::Text(choices) => {
                let quoted: Vec<String> = choices.iter().map(|it| format!("{it:?}")).collect();
                quoted.join(" or ")
            }
            Self::Integer(range) => format!("a whole number{}", range.in_words()),
            Self::Number(range) => format!("a number{}", range.in_words()),
            Self::Boolean => "true or false".to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::Table(_) => "a table".to_owned(),
            Self::OneOf(shapes) => {
                let mut words: Vec<String> = shapes.iter().map(Self::in_words).collect();
                words.dedup();
                words.join(", or ")
            }
        }
    }
}

impl Range {
    pub(super) fn holds(self, number: f64) -> bool {
        self.min.is_none_or(|min| number >= min) && self.max.is_none_or(|max| number <= max)
    }

    fn in_words(self) -> String {
        match (self.min, self.max) {
            (None, None) => String::new(),
            (Some(min), None) => format!(" of {min} or more"),
            (None, Some(max)) => format!(" of {max} or less"),
            (Some(min), Some(max)) => format!(" from {min} to {max}"),
        }
    }
}

impl TableShape {
    /// Whether the keys that can have one value only, which tell several shapes apart, have it.
    pub(super) fn tag_fits(&self, value: &Value) -> bool {
        let ValueKind::Table(table) = &value.kind else {
            return false;
        };
        self.keys.iter().all(|(key, shape)| {
            match (shape, table.get(key).map(|value| &value.kind)) {
                (Shape::Text(choices), Some(ValueKind::String(text))) if choices.len() == 1 => {
                    choices.contains(text)
                }
                _ => true,
            }
        })
    }

    fn of(schema: &Json) -> Self {
        let keys: BTreeMap<String, Shape> = schema["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, schema)| (key.clone(), Shape::of(schema)))
            .collect();
        let required = schema["required"].as_array().into_iter().flatten();
        let rest = match &schema["additionalProperties"] {
            Json::Bool(false) => None,
            Json::Bool(true) => Some(Shape::Any),
            Json::Null if keys.is_empty() && !schema["properties"].is_object() => Some(Shape::Any),
            Json::Null => None,
            schema => Some(Shape::of(schema)),
        };
        Self {
            keys,
            required: required
                .filter_map(Json::as_str)
                .map(str::to_owned)
                .collect(),
            rest: rest.map(Box::new),
        }
    }
}

fn is_null(schema: &Json) -> bool {
    schema["type"] == "null"
}

fn choices(schema: &Json) -> Vec<String> {
    let single = schema["const"].as_str();
    let several = schema["enum"].as_array().into_iter().flatten();
    let several = several.filter_map(Json::as_str);
    single
        .into_iter()
        .chain(several)
        .map(str::to_owned)
        .collect()
}
