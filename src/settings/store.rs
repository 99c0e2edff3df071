//! Where jobs are kept, and with which key.

use std::fmt;

use cloudfarm_contract::Secret;
use config::ValueKind;
use serde::{Deserialize, Serialize, Serializer};

use super::reader::Reader;
use super::shape::Shape;
use super::show::{SECRET, ShownValue};
use super::tree::{Origin, Table};

/// The section.
const SECTION: &str = "store";
/// What an address begins with that has no password in it.
const PLAIN: &str = "sqlite:";

/// Where jobs are kept, and with which key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSettings {
    /// `sqlite:path`, `sqlite::memory:` or `postgresql://user:password@host/database`.
    pub url: Hidden,
    /// Seals what is secret in the store; empty to make one beside the SQLite file.
    pub key: Hidden,
    /// Connections to PostgreSQL at most.
    pub connections: u32,
    /// Bytes that a SQLite file may grow to; 0 for no limit.
    pub size_max: u64,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            url: Hidden::from("sqlite:data/cloudfarm.db"),
            key: Hidden::from(""),
            connections: 10,
            size_max: 0,
        }
    }
}

/// A text that is never shown if it may hold a secret.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Hidden(String);

impl Hidden {
    /// The text itself.
    pub fn expose(&self) -> Secret {
        Secret::from(self.0.as_str())
    }

    /// Whether nothing is given.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn shown(&self) -> &str {
        if is_plain(&self.0) { &self.0 } else { SECRET }
    }
}

fn is_plain(text: &str) -> bool {
    text.is_empty() || text.starts_with(PLAIN)
}

impl From<&str> for Hidden {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Hidden {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())
    }
}

impl Serialize for Hidden {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.shown())
    }
}

/// The secrets of the section, taken out of what is given.
#[derive(Debug, Default)]
pub(super) struct StoreSecrets {
    url: Option<Hidden>,
    key: Option<Hidden>,
}

impl StoreSecrets {
    /// Takes them and resolves what they refer to.
    pub(super) fn take(given: &mut Table, reader: &mut Reader<'_>) -> Self {
        let Some(ValueKind::Table(section)) = given.get_mut(SECTION).map(|value| &mut value.kind)
        else {
            return Self::default();
        };
        let mut read = |key: &str| {
            let value = section.remove(key)?;
            let path = vec![SECTION.to_owned(), key.to_owned()];
            if let ValueKind::String(text) = &value.kind
                && is_plain(text)
            {
                let origin = Origin::of(&value);
                let shown = ShownValue::plain(&path, text.as_str().into(), origin);
                reader.shown.push(shown);
                return Some(Hidden::from(text.as_str()));
            }
            let text = reader.read(path, &Shape::Secret, &value, |_, _| ())?;
            text.as_str().map(Hidden::from)
        };
        Self {
            url: read("url"),
            key: read("key"),
        }
    }

    /// Puts them where they belong.
    pub(super) fn put(self, settings: &mut StoreSettings) {
        if let Some(url) = self.url {
            settings.url = url;
        }
        if let Some(key) = self.key {
            settings.key = key;
        }
    }
}
