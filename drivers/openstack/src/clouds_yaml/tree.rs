//! The operations on trees of settings, as openstacksdk's loader has them.

use serde_json::{Map, Value};

use super::error::ReadError;

/// A mapping of settings.
pub(super) type Tree = Map<String, Value>;

/// Keys whose whole numbers stay numbers.
const NUMBERS: [&str; 2] = ["verbose_level", "api_timeout"];

/// Puts `new` over `old`, mapping by mapping.
pub(super) fn overlay(old: &mut Tree, new: Tree) {
    for (key, value) in new {
        match (old.get_mut(&key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => overlay(old, new),
            (_, value) => {
                old.insert(key, value);
            }
        }
    }
}

/// Puts `new` over `old`; the mapping `auth` is put over the one that is there.
pub(super) fn update(old: &mut Tree, new: &Tree) {
    for (key, value) in new {
        match (key.as_str(), old.get_mut(key), value) {
            ("auth", Some(Value::Object(old)), Value::Object(new)) => {
                old.extend(new.clone());
            }
            _ => {
                old.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Dashes become underscores, numbers become texts.
pub(super) fn normalized(tree: Tree) -> Tree {
    tree.into_iter()
        .map(|(key, value)| {
            let key = key.replace('-', "_");
            let value = match value {
                Value::Object(inner) => Value::Object(normalized(inner)),
                Value::Number(number) if !(number.is_i64() && NUMBERS.contains(&&*key)) => {
                    Value::from(number.to_string())
                }
                other => other,
            };
            (key, value)
        })
        .collect()
}

/// The text of a scalar; nothing for null.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The mapping at `key`; an empty one if there is none.
pub(super) fn table(tree: &Tree, key: &str) -> Result<Tree, ReadError> {
    match tree.get(key) {
        None | Some(Value::Null) => Ok(Tree::new()),
        Some(Value::Object(table)) => Ok(table.clone()),
        Some(_) => Err(ReadError::invalid(format!("{key} must be a mapping"))),
    }
}

/// Whether Python takes it for true.
pub(super) fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(table) => !table.is_empty(),
    }
}

/// A boolean in any of the words that YAML 1.1 has for it.
pub(super) fn boolean(value: &Value) -> Option<bool> {
    let Value::String(text) = value else {
        return value.as_bool();
    };
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}
