//! Whom ends of jobs and of leases are told to.

use std::collections::BTreeSet;

use config::{Value, ValueKind};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use url::Url;
use utoipa::ToSchema;

use super::Hidden;
use super::fit::Fit;
use super::reader::Reader;
use super::shape::Shape;
use super::tree::Table;

/// The list in the settings.
const SECTION: &str = "notifiers";
const NAME_LENGTH: usize = 63;

/// Somebody who is told of ends of jobs and of leases.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotifierSettings {
    /// What it is called.
    pub name: String,
    /// How it is told.
    pub kind: NotifierKind,
    /// The address that is told; most have a secret in them.
    pub url: Hidden,
    /// What is told is signed with this.
    #[serde(default)]
    pub secret: Option<Hidden>,
    /// What is told.
    #[serde(default = "usual_events")]
    pub on: Vec<EventKind>,
    /// Of these clouds, by name or glob; of all if it is empty.
    #[serde(default)]
    pub clouds: Vec<String>,
    /// Of jobs with these actions, by name or glob; of all if it is empty.
    #[serde(default)]
    pub actions: Vec<String>,
    /// Whether an address of a private network is refused.
    #[serde(default)]
    pub public_only: bool,
}

/// How somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotifierKind {
    /// A sentence, as Slack and those that are like it take it.
    Slack,
    /// The event as JSON.
    Webhook,
}

/// What can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub enum EventKind {
    /// A job failed for good.
    #[serde(rename = "job.failed")]
    JobFailed,
    /// A job ended, however it did.
    #[serde(rename = "job.ended")]
    JobEnded,
    /// A lease ends soon.
    #[serde(rename = "lease.notice")]
    LeaseNotice,
    /// A lease has ended.
    #[serde(rename = "lease.ended")]
    LeaseEnded,
}

fn usual_events() -> Vec<EventKind> {
    vec![
        EventKind::JobFailed,
        EventKind::LeaseNotice,
        EventKind::LeaseEnded,
    ]
}

/// What the list must look like.
fn schema() -> Json {
    let secret = json!({ "type": "string", "format": "password" });
    let names = json!({ "type": "array", "items": { "type": "string" } });
    let kinds = json!(["job.failed", "job.ended", "lease.notice", "lease.ended"]);
    json!({ "type": "array", "items": {
        "type": "object",
        "required": ["name", "kind", "url"],
        "additionalProperties": false,
        "properties": {
            "name": { "type": "string" },
            "kind": { "type": "string", "enum": ["slack", "webhook"] },
            "url": secret,
            "secret": secret,
            "on": { "type": "array", "items": { "type": "string", "enum": kinds } },
            "clouds": names,
            "actions": names,
            "public_only": { "type": "boolean" },
        },
    }})
}

/// Takes the list out of what is given. Nothing of it is there if anything is wrong with it.
pub(super) fn take(given: &mut Table, reader: &mut Reader<'_>) -> Vec<NotifierSettings> {
    let Some(value) = given.remove(SECTION) else {
        return Vec::new();
    };
    let path = vec![SECTION.to_owned()];
    let check = |list: &Json, fit: &mut Fit<'_>| check(list, &value, fit);
    reader
        .read(path, &Shape::of(&schema()), &value, check)
        .and_then(|list| serde_json::from_value(list).ok())
        .unwrap_or_default()
}

/// What is of the right type and still makes no sense.
fn check(list: &Json, value: &Value, fit: &mut Fit<'_>) {
    let mut names = BTreeSet::new();
    for (index, entry) in list.as_array().into_iter().flatten().enumerate() {
        let text = |key: &str| entry[key].as_str().unwrap_or_default();
        let name = text("name");
        let mut wrong = Vec::new();
        if !is_name(name) {
            let right = "must begin with a letter from a to z, have no other characters than a-z, \
                         0-9, _ and -, and be no longer than 63";
            wrong.push(("name", right));
        } else if !names.insert(name.to_owned()) {
            wrong.push(("name", "is the name of another notifier already"));
        }
        let url = Url::parse(text("url")).ok();
        let is_http = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
        if !url.as_ref().is_some_and(is_http) {
            wrong.push((
                "url",
                "must be an address that begins with https:// or http://",
            ));
        }
        if entry["kind"] == "slack" && !entry["secret"].is_null() {
            wrong.push(("secret", "is for webhooks: Slack takes no signatures"));
        }
        if entry["secret"] == "" {
            wrong.push(("secret", "must not be empty"));
        }
        if entry["on"].as_array().is_some_and(Vec::is_empty) {
            wrong.push(("on", "must name one event or more"));
        }
        let given = at(value, index);
        for (key, message) in wrong {
            fit.path.extend([index.to_string(), key.to_owned()]);
            fit.problem(given, message.to_owned(), None);
            fit.path.truncate(1);
        }
    }
}

/// The entry as it was given, which knows where it stands; the list, if that is a variable.
fn at(value: &Value, index: usize) -> &Value {
    match &value.kind {
        ValueKind::Array(entries) => entries.get(index).unwrap_or(value),
        _ => value,
    }
}

fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-'
    };
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(allowed)
        && name.len() <= NAME_LENGTH
}
