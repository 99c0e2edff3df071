//! What a provider says beyond the model.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Formatter};

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::Text;

/// What a provider says beyond the model, as JSON.
pub type Extra = BTreeMap<Text, Value>;

/// An [`Extra`] as the text of its JSON object. Nodes have it so, for they are listed by the thousands:
/// what hardly anybody looks at is neither taken apart nor put together, and takes little memory.
///
/// Two are equal if their texts are, and so if they say the same in the same order.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ExtraText(Box<str>);

impl ExtraText {
    /// The object.
    #[must_use]
    pub fn as_json(&self) -> &str {
        if self.0.is_empty() { "{}" } else { &self.0 }
    }

    /// What it says under `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Value> {
        self.to_map().remove(name)
    }

    /// All that it says.
    #[must_use]
    pub fn to_map(&self) -> Extra {
        serde_json::from_str(self.as_json()).unwrap_or_default()
    }
}

impl Debug for ExtraText {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_json())
    }
}

impl From<Extra> for ExtraText {
    fn from(extra: Extra) -> Self {
        extra.into_iter().collect()
    }
}

impl<N: AsRef<str>> FromIterator<(N, Value)> for ExtraText {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(told: I) -> Self {
        let mut writer = ExtraWriter::default();
        for (name, value) in told {
            writer.push(name.as_ref(), &value.to_string());
        }
        writer.finish()
    }
}

impl Serialize for ExtraText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(self.as_json()).map_err(S::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ExtraText {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        // This map keeps the order, and what is written and read again stays equal.
        Map::deserialize(reader).map(Self::from_iter)
    }
}

/// Enough for what Nova says of a server.
const ROOM: usize = 512;

/// A number of so many digits is read exactly, whatever it is read as.
const EXACT_DIGITS: usize = 15;

/// Writes an [`ExtraText`] from an answer as it is read.
#[derive(Debug, Default)]
pub struct ExtraWriter(String);

impl ExtraWriter {
    /// Adds a value, unless it says nothing: `null`, or an empty text.
    ///
    /// # Errors
    ///
    /// If it cannot be read: JSON's grammar has numbers that are too large, halves of a surrogate
    /// pair, and lists in lists without end.
    pub fn add(&mut self, name: &str, value: &RawValue) -> Result<(), serde_json::Error> {
        match value.get() {
            "null" | "\"\"" => {}
            json if is_readable(json) => self.push(name, json),
            json => self.push(name, &serde_json::from_str::<Value>(json)?.to_string()),
        }
        Ok(())
    }

    /// Adds a text.
    pub fn add_text(&mut self, name: &str, text: &str) {
        self.push(name, &quoted(text));
    }

    fn push(&mut self, name: &str, json: &str) {
        if self.0.is_empty() {
            self.0.reserve(ROOM);
        }
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        if is_plain(name) {
            self.0.push('"');
            self.0.push_str(name);
            self.0.push('"');
        } else {
            self.0.push_str(&quoted(name));
        }
        self.0.push(':');
        self.0.push_str(json);
    }

    /// What was added.
    #[must_use]
    pub fn finish(mut self) -> ExtraText {
        if !self.0.is_empty() {
            self.0.push('}');
        }
        ExtraText(self.0.into_boxed_str())
    }
}

/// Whether at first sight everybody can read a value, as nearly always.
fn is_readable(json: &str) -> bool {
    match json.as_bytes() {
        [b'"', text @ .., b'"'] => !text.contains(&b'\\'),
        b"true" | b"false" => true,
        number => number.len() <= EXACT_DIGITS && number.iter().all(u8::is_ascii_digit),
    }
}

/// Whether a text stands in JSON as it is.
fn is_plain(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'))
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;
    use serde_json::{Value, json};

    use super::{Extra, ExtraText, ExtraWriter};

    fn raw(json: &str) -> &RawValue {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn what_is_said_is_kept() {
        let mut writer = ExtraWriter::default();
        for (name, json) in [
            ("hostId", r#""5b\u00e9""#),
            ("locked", "null"),
            ("config_drive", r#""""#),
            ("progress", "100"),
            ("weight", "-1.50"),
            ("a \"name\"\n", "[1, {}]"),
        ] {
            writer.add(name, raw(json)).unwrap();
        }
        writer.add_text("task", "re\"building");
        let extra = writer.finish();
        assert_eq!(
            extra.as_json(),
            r#"{"hostId":"5bé","progress":100,"weight":-1.5,"a \"name\"\n":[1,{}],"task":"re\"building"}"#
        );
        assert_eq!(extra.get("hostId"), Some(json!("5b\u{e9}")));
        assert_eq!(extra.get("task"), Some(json!("re\"building")));
        assert_eq!(extra.get("locked"), None);
        assert_eq!(serde_json::to_string(&extra).unwrap(), extra.as_json());
    }

    #[test]
    fn what_nobody_can_read_is_refused() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for json in [r#""\ud800""#, "1e999", r#"{"a": "\udfff"}"#, &deep] {
            let mut writer = ExtraWriter::default();
            assert!(writer.add("hostId", raw(json)).is_err(), "{json}");
            assert_eq!(writer.finish(), ExtraText::default());
        }
    }

    #[test]
    fn nothing_is_an_empty_object() {
        let none = ExtraText::default();
        assert_eq!(ExtraWriter::default().finish(), none);
        assert_eq!(ExtraText::from(Extra::new()), none);
        assert_eq!(serde_json::to_value(&none).unwrap(), json!({}));
        assert_eq!(serde_json::from_str::<ExtraText>("{}").unwrap(), none);
        assert_eq!(none.get("hostId"), None);
    }

    #[test]
    fn it_is_read_back_from_a_text_and_from_a_value() {
        let value = json!({"b": {"c": [1, null]}, "a": 1.5, "\u{1}": "\u{2028}"});
        let extra: ExtraText = serde_json::from_value(value.clone()).unwrap();
        let text = serde_json::to_string(&extra).unwrap();
        assert_eq!(serde_json::from_str::<ExtraText>(&text).unwrap(), extra);
        assert_eq!(serde_json::to_value(&extra).unwrap(), value);
        assert_eq!(Value::from_iter(extra.to_map()), value);
        assert!(serde_json::from_str::<ExtraText>("[1]").is_err());
    }
}
