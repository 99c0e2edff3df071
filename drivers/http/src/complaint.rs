//! What a provider says in the body of an error.

use std::collections::VecDeque;
use std::time::Duration;

use cloudfarm_contract::Text;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::Response;
use crate::retry_after::{wait_of_seconds, wait_of_text};

/// The largest error body that is looked into.
const READ_BYTES: usize = 256 * 1024;

/// What a provider says in the body of an error, as far as it can be made out. A driver whose
/// provider does not write JSON fills it itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Complaint {
    /// The provider's own code for what is wrong.
    pub code: Option<Text>,
    /// What it says to people.
    pub message: Option<String>,
    /// How long it asks to wait, where it says so in the body.
    pub retry_after: Option<Duration>,
}

impl Complaint {
    /// Finds the first object with a `message`, the outermost first, in a JSON body. That covers
    /// Nova and Cinder (`{"badRequest": {"message", "code"}}`), Keystone (`{"error": {"message",
    /// "title"}}`), Neutron (`{"NeutronError": {"type", "message"}}`), Glance and CloudAPI
    /// (`{"code", "message"}`) and Placement (`{"errors": [{"title", "detail"}]}`).
    ///
    /// It never fails: a body that is something else has nothing to say.
    pub fn from_json(response: &Response) -> Self {
        let body = response.bytes();
        if body.len() > READ_BYTES {
            return Self::default();
        }
        serde_json::from_slice(body)
            .ok()
            .and_then(|value| Self::find(&value, response.answered_at()))
            .unwrap_or_default()
    }

    fn find(value: &Value, now: Timestamp) -> Option<Self> {
        let mut queue = VecDeque::from([(None, value)]);
        while let Some((name, value)) = queue.pop_front() {
            match value {
                Value::Object(fields) => {
                    if let Some(message) = text(fields, &["message", "detail"]) {
                        return Some(Self::read(name, fields, message, now));
                    }
                    queue.extend(fields.iter().map(|(name, value)| (Some(name), value)));
                }
                Value::Array(items) => queue.extend(items.iter().map(|item| (name, item))),
                // The bare form of some proxies: {"error": "what is wrong"}.
                Value::String(message) if name.is_some_and(|name| name == "error") => {
                    return Some(Self {
                        message: Some(message.clone()),
                        ..Self::default()
                    });
                }
                _ => {}
            }
        }
        None
    }

    fn read(
        name: Option<&String>,
        fields: &Map<String, Value>,
        message: &str,
        now: Timestamp,
    ) -> Self {
        let is_code = |code: &&str| !code.starts_with(|first: char| first.is_ascii_digit());
        let code = text(fields, &["code"])
            .filter(is_code)
            .or_else(|| text(fields, &["type"]))
            .or_else(|| {
                name.map(String::as_str)
                    .filter(|name| !name.starts_with("error"))
            })
            .or_else(|| text(fields, &["title"]));
        let wait = fields.get("retryAfter").and_then(|wait| match wait {
            Value::String(text) => wait_of_text(text, now),
            other => other.as_f64().and_then(wait_of_seconds),
        });
        Self {
            code: code.map(Text::from),
            message: Some(without_tags(message)),
            retry_after: wait,
        }
    }
}

fn text<'a>(fields: &'a Map<String, Value>, names: &[&str]) -> Option<&'a str> {
    names
        .iter()
        .find_map(|name| fields.get(*name)?.as_str())
        .filter(|text| !text.trim().is_empty())
}

/// Glance puts line breaks of HTML into its messages.
fn without_tags(message: &str) -> String {
    if !message.contains("<br") {
        return message.to_owned();
    }
    message
        .replace("<br />", " ")
        .replace("<br/>", " ")
        .replace("<br>", " ")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::{Value, json};

    use super::Complaint;

    fn find(body: &Value) -> Option<Complaint> {
        Complaint::find(body, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn finds_what_each_provider_says() {
        for (body, code, message) in [
            (
                json!({"badRequest": {"code": 400, "message": "bad flavor"}}),
                "badRequest",
                "bad flavor",
            ),
            (
                json!({"error": {"code": 401, "title": "Unauthorized", "message": "no"}}),
                "Unauthorized",
                "no",
            ),
            (
                json!({"NeutronError": {"type": "IpInUse", "message": "taken", "detail": ""}}),
                "IpInUse",
                "taken",
            ),
            (
                json!({"code": "404 Not Found", "title": "Not Found", "message": "gone<br/>"}),
                "Not Found",
                "gone ",
            ),
            (
                json!({"code": "InvalidState", "message": "not now"}),
                "InvalidState",
                "not now",
            ),
            (
                json!({"errors": [{"status": 404, "title": "Gone", "detail": "no such"}]}),
                "Gone",
                "no such",
            ),
        ] {
            let found = find(&body).unwrap();
            assert_eq!(found.code.as_deref(), Some(code), "{body}");
            assert_eq!(found.message.as_deref(), Some(message), "{body}");
        }
        let wait = find(&json!({"overLimit": {"message": "slow", "retryAfter": "7"}}));
        assert_eq!(wait.unwrap().retry_after.unwrap().as_secs(), 7);
        let until = json!({"overLimit": {"message": "x", "retryAfter": "1970-01-01T00:00:09Z"}});
        assert_eq!(find(&until).unwrap().retry_after.unwrap().as_secs(), 9);
        let bare = find(&json!({"error": "no backend"})).unwrap();
        assert_eq!(bare.message.as_deref(), Some("no backend"));
    }

    #[test]
    fn finds_nothing_where_nothing_is_said() {
        for body in [
            json!(null),
            json!([]),
            json!({"message": 5}),
            json!("text"),
            json!({"a": {"message": " "}}),
        ] {
            assert_eq!(find(&body), None, "{body}");
        }
    }
}
