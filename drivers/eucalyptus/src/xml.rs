//! Answers: read by local names, for the namespace follows the version that was asked for, and on
//! Eucalyptus the one that answers.

use cloudfarm_contract::Result;
use cloudfarm_http::Response;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

/// Reads the answer to `action`.
///
/// # Errors
///
/// `provider_error` for what is no XML, is cut short, or is the answer to something else: it is
/// never taken for an empty list.
pub(crate) fn read<T: DeserializeOwned>(response: &Response, action: &str) -> Result<T> {
    let wanted = format!("a {action}Response in xml");
    let text = std::str::from_utf8(response.bytes())
        .map_err(|error| response.unreadable(&wanted).with_internal(error))?;
    let root = root(text).unwrap_or_default();
    // Eucalyptus calls some of its own `...ResponseType`.
    let is_answer = root
        .strip_prefix(action)
        .is_some_and(|rest| matches!(rest, "Response" | "ResponseType"));
    if !is_answer {
        return Err(response.unreadable(&wanted));
    }
    quick_xml::de::from_str(text).map_err(|error| response.unreadable(&wanted).with_internal(error))
}

/// The local name of the outermost element.
fn root(text: &str) -> Option<String> {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) | Event::Empty(start) => {
                let name = start.local_name();
                return Some(name.as_ref().to_owned());
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

/// A list as EC2 writes it: an element with one `item` for each.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Set<T> {
    #[serde(rename = "item", default = "Vec::new")]
    pub(crate) items: Vec<T>,
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self { items: Vec::new() }
    }
}

/// What an action says that has nothing to say.
#[derive(Debug, Deserialize)]
pub(crate) struct Done {
    #[serde(rename = "return", default)]
    said: Option<String>,
}

impl Done {
    /// Whether the answer denies what its status says.
    pub(crate) fn is_denied(&self) -> bool {
        self.said.as_deref().map(str::trim) == Some("false")
    }
}

/// A number; none where the element is empty or holds something else.
pub(crate) fn number<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<u64>, D::Error> {
    let text = String::deserialize(reader)?;
    Ok(text.trim().parse().ok())
}

/// A number that may be below zero; none as in [`number`].
pub(crate) fn signed<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<i64>, D::Error> {
    let text = String::deserialize(reader)?;
    Ok(text.trim().parse().ok())
}

/// Yes or no; no where the element is empty or holds something else.
pub(crate) fn flag<'de, D: Deserializer<'de>>(reader: D) -> Result<bool, D::Error> {
    let text = String::deserialize(reader)?;
    Ok(text.trim().eq_ignore_ascii_case("true"))
}
