//! YAML to a tree of values, as PyYAML reads it: merge keys are merged, and scalars mean what they
//! mean in YAML 1.1 as far as it shows which of them were quoted.

use std::fmt;

use serde::Deserialize;
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Map, Number, Value};

use super::error::ReadError;

const MERGE: &str = "<<";

/// Reads a document. JSON is YAML, so files of either kind are read.
pub(super) fn parse(text: &str) -> Result<Value, ReadError> {
    let shape: Shape = yaml_serde::from_str(text).map_err(|error| wrong(&error))?;
    let exact = Exact(&shape).deserialize(yaml_serde::Deserializer::from_str(text));
    merged(exact.map_err(|error| wrong(&error))?)
}

/// What is wrong and where. The parser's own words quote values, which may be secrets.
fn wrong(error: &yaml_serde::Error) -> ReadError {
    let place = error.location().map_or_else(String::new, |place| {
        format!("line {}, column {}: ", place.line(), place.column())
    });
    let message = error.to_string();
    let own = [TWICE, TAGS].into_iter().find(|own| message.contains(own));
    let what = own.unwrap_or("this is not YAML");
    ReadError::invalid(format!("{place}{what}"))
}

const TAGS: &str = "tags have no meaning here";
const TWICE: &str = "a key stands there twice";

/// What there is in a document, scalars by their kind.
enum Shape {
    /// Null, a boolean or a text.
    Scalar(Value),
    /// A number, whose text is not known yet: `1e10` is a float to this parser and a text to
    /// PyYAML, and a long number loses digits.
    Number,
    List(Vec<Shape>),
    Table(Vec<(String, Shape)>),
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Scalar(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Shape, E> {
        Ok(Shape::Scalar(Value::Bool(value)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Shape, E> {
        Ok(Shape::Scalar(Value::from(text)))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Number)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Shape, E> {
        Ok(Shape::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Number)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Shape, E> {
        Ok(Shape::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Number)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Shape, A::Error> {
        let mut shapes = Vec::new();
        while let Some(shape) = list.next_element()? {
            shapes.push(shape);
        }
        Ok(Shape::List(shapes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Shape, A::Error> {
        let mut shapes: Vec<(String, Shape)> = Vec::new();
        while let Some((key, shape)) = table.next_entry::<String, Shape>()? {
            if shapes.iter().any(|(known, _)| *known == key) {
                return Err(de::Error::custom(TWICE));
            }
            shapes.push((key, shape));
        }
        Ok(Shape::Table(shapes))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<Shape, A::Error> {
        Err(de::Error::custom(TAGS))
    }
}

/// Reads a document again whose shape is known, to get at the text of its numbers.
struct Exact<'a>(&'a Shape);

impl<'de> DeserializeSeed<'de> for Exact<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self.0 {
            Shape::Scalar(value) => IgnoredAny::deserialize(deserializer).map(|_| value.clone()),
            Shape::Number => String::deserialize(deserializer).map(|text| number(&text)),
            Shape::List(shapes) => deserializer.deserialize_seq(List(shapes)),
            Shape::Table(shapes) => deserializer.deserialize_map(Table(shapes)),
        }
    }
}

/// A number as PyYAML has it. What it takes for a text stays one.
fn number(text: &str) -> Value {
    if let Ok(whole) = text.parse::<i64>() {
        return Value::from(whole);
    }
    let hexadecimal = text
        .strip_prefix("0x")
        .and_then(|it| i64::from_str_radix(it, 16).ok());
    if let Some(whole) = hexadecimal {
        return Value::from(whole);
    }
    let is_float = text.contains('.') && text.contains(|char: char| char.is_ascii_digit());
    let float = text.parse().ok().filter(|_| is_float);
    let float = float.and_then(Number::from_f64);
    float.map_or_else(|| Value::from(text), Value::Number)
}

struct List<'a>(&'a [Shape]);

impl<'de> Visitor<'de> for List<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::with_capacity(self.0.len());
        for shape in self.0 {
            values.extend(list.next_element_seed(Exact(shape))?);
        }
        Ok(Value::Array(values))
    }
}

struct Table<'a>(&'a [(String, Shape)]);

impl<'de> Visitor<'de> for Table<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        for (_, shape) in self.0 {
            if let Some(key) = table.next_key::<String>()? {
                values.insert(key, table.next_value_seed(Exact(shape))?);
            }
        }
        Ok(Value::Object(values))
    }
}

/// Puts what `<<` refers to into the mapping around it. Its own keys win, then the first of
/// several mappings.
fn merged(value: Value) -> Result<Value, ReadError> {
    match value {
        Value::Array(values) => {
            let values: Result<_, _> = values.into_iter().map(merged).collect();
            values.map(Value::Array)
        }
        Value::Object(table) => {
            let mut own = Map::new();
            let mut others = Vec::new();
            for (key, value) in table {
                match (key.as_str(), merged(value)?) {
                    (MERGE, Value::Array(several)) => others.extend(several),
                    (MERGE, one) => others.push(one),
                    (_, value) => {
                        own.insert(key, value);
                    }
                }
            }
            for other in others {
                let Value::Object(other) = other else {
                    return Err(ReadError::invalid("<< can only take in mappings"));
                };
                for (key, value) in other {
                    own.entry(key).or_insert(value);
                }
            }
            Ok(Value::Object(own))
        }
        scalar => Ok(scalar),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse;

    #[test]
    fn merge_keys_reach_through_each_other() {
        let text = "a: &a {x: 1, y: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: [*b, *a], z: 3}\n";
        assert_eq!(parse(text).unwrap()["c"], json!({"z": 3, "y": 2, "x": 1}));
        assert!(parse("a: {<<: 1}").is_err());
    }

    #[test]
    fn numbers_keep_what_pyyaml_would_leave_alone() {
        let text = "[1e10, 12345678901234567890123456789e12, 0o17, 17, 1.50, 99999999999999999999]";
        let wanted = json!([
            "1e10",
            "12345678901234567890123456789e12",
            "0o17",
            17,
            1.5,
            "99999999999999999999"
        ]);
        assert_eq!(parse(text).unwrap(), wanted);
    }

    #[test]
    fn errors_have_a_place_and_no_values() {
        let error = parse("clouds:\n  a:\n    password: [hunter2\n  b: 1\n").unwrap_err();
        let message = error.to_string();
        assert!(message.starts_with("line "), "{message}");
        assert!(message.contains(", column "), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
        let twice = parse("a: 1\na: 2\n").unwrap_err().to_string();
        assert!(twice.contains("a key stands there twice"), "{twice}");
        let tagged = parse("a: !secret x\n").unwrap_err().to_string();
        assert!(tagged.contains("tags have no meaning here"), "{tagged}");
    }
}
