//! What a provider says beyond the model.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Formatter};

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
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
            writer.push(name.as_ref(), &value);
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

/// Writes an [`ExtraText`] from an answer as it is read.
#[derive(Debug, Default)]
pub struct ExtraWriter(String);

impl ExtraWriter {
    /// Adds the value that `map` has next, unless it says nothing: `null`, or an empty text.
    ///
    /// # Errors
    ///
    /// If it cannot be read: JSON's grammar has numbers that are too large, halves of a surrogate
    /// pair, and lists in lists without end.
    pub fn add_value<'de, A: MapAccess<'de>>(
        &mut self,
        name: &str,
        map: &mut A,
    ) -> Result<(), A::Error> {
        map.next_value_seed(Named { name, writer: self })
    }

    /// Adds a text.
    pub fn add_text(&mut self, name: &str, text: &str) {
        self.push_name(name);
        self.push_text(text);
    }

    fn push(&mut self, name: &str, value: &Value) {
        self.push_name(name);
        self.0.push_str(&value.to_string());
    }

    fn push_name(&mut self, name: &str) {
        if self.0.is_empty() {
            self.0.reserve(ROOM);
        }
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.push_text(name);
        self.0.push(':');
    }

    fn push_text(&mut self, text: &str) {
        if is_plain(text) {
            self.0.push('"');
            self.0.push_str(text);
            self.0.push('"');
        } else {
            self.0.push_str(&Value::from(text).to_string());
        }
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

/// Whether a text stands in JSON as it is.
fn is_plain(text: &str) -> bool {
    let is_escaped = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    // Each byte is looked at, for the processor does that to many of them at a time.
    !text
        .bytes()
        .fold(false, |found, byte| found | is_escaped(byte))
}

/// Reads a value, and adds it under its name.
struct Named<'w> {
    name: &'w str,
    writer: &'w mut ExtraWriter,
}

impl Named<'_> {
    fn add(self, value: impl Into<Value>) {
        self.writer.push(self.name, &value.into());
    }
}

impl<'de> DeserializeSeed<'de> for Named<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Named<'_> {
    type Value = ();

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        if !text.is_empty() {
            self.writer.add_text(self.name, text);
        }
        Ok(())
    }

    fn visit_bool<E>(self, is_so: bool) -> Result<(), E> {
        self.add(is_so);
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.add(number);
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.add(number);
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.add(number);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        self.add(Value::deserialize(SeqAccessDeserializer::new(list))?);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.add(Value::deserialize(MapAccessDeserializer::new(map))?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
    use serde_json::{Value, json};

    use super::{Extra, ExtraText, ExtraWriter};

    /// An object that is read as drivers read what they have no place for.
    struct Told(ExtraWriter);

    impl<'de> Deserialize<'de> for Told {
        fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
            reader.deserialize_map(Told(ExtraWriter::default()))
        }
    }

    impl<'de> Visitor<'de> for Told {
        type Value = Self;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
            while let Some(name) = map.next_key::<String>()? {
                self.0.add_value(&name, &mut map)?;
            }
            Ok(self)
        }
    }

    fn told(json: &str) -> Result<ExtraWriter, serde_json::Error> {
        serde_json::from_str::<Told>(json).map(|told| told.0)
    }

    #[test]
    fn what_is_said_is_kept() {
        let said = r#"{"hostId": "5b\u00e9", "locked": null, "config_drive": "", "progress": 100,
            "weight": -1.50, "least": -9, "seen": true, "a \"name\"\n": [1, {}], "of": {"a": "\u0001\\"}}"#;
        let mut writer = told(said).unwrap();
        writer.add_text("task", "re\"building");
        let extra = writer.finish();
        assert_eq!(
            extra.as_json(),
            r#"{"hostId":"5bé","progress":100,"weight":-1.5,"least":-9,"seen":true,"a \"name\"\n":[1,{}],"of":{"a":"\u0001\\"},"task":"re\"building"}"#
        );
        assert_eq!(extra.get("hostId"), Some(json!("5b\u{e9}")));
        assert_eq!(extra.get("task"), Some(json!("re\"building")));
        assert_eq!(extra.get("locked"), None);
        assert_eq!(serde_json::to_string(&extra).unwrap(), extra.as_json());
    }

    #[test]
    fn it_is_the_same_from_a_text_and_from_a_value() {
        let value =
            json!({"a": "\"\\\u{1}\u{7f}\u{2028}é", "b": [null, 1.5], "c": u64::MAX, "d": ["\n"]});
        let from_text = told(&value.to_string()).unwrap().finish();
        let from_value = Told::deserialize(&value).unwrap().0.finish();
        assert_eq!(from_text, from_value);
        assert_eq!(Value::from_iter(from_text.to_map()), value);
    }

    #[test]
    fn what_nobody_can_read_is_refused() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for json in [r#""\ud800""#, "1e999", r#"{"a": "\udfff"}"#, &deep] {
            assert!(told(&format!(r#"{{"hostId": {json}}}"#)).is_err(), "{json}");
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
