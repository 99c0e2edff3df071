//! What is told, in the words of those who are told.

use cloudfarm_contract::{Error, Result, Text};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::settings::NotifierKind;
use crate::store::Delivery;

/// The kind of what is told for trial.
pub(super) const TEST: &str = "test";

/// An event as it is told.
#[derive(Debug, Serialize)]
pub(super) struct Event<'a> {
    /// Tells repetitions from news.
    pub(super) id: &'a str,
    pub(super) event: &'a str,
    pub(super) at: Timestamp,
    #[serde(flatten)]
    about: About,
}

/// What it is about.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum About {
    Job(Box<JobTold>),
    Lease(LeaseTold),
    Message(&'static str),
}

/// A job as triggers write it.
#[derive(Debug, Deserialize)]
struct JobStored {
    id: Uuid,
    action: Text,
    state: Text,
    cloud: Text,
    resource_kind: Text,
    resource_id: Option<Text>,
    params: Value,
    error: Option<Value>,
    tries: u32,
    project: Text,
    request_id: Text,
    created_at: i64,
    ended_at: i64,
}

/// A job as it is told.
#[derive(Debug, Serialize)]
struct JobTold {
    id: Uuid,
    action: Text,
    state: Text,
    cloud: Option<Text>,
    resource: Value,
    params: Value,
    error: Option<Value>,
    tries: u32,
    project: Text,
    request_id: Text,
    created_at: String,
    ended_at: String,
}

/// A lease as triggers write it.
#[derive(Debug, Deserialize)]
struct LeaseStored {
    cloud: Text,
    node: Text,
    name: Text,
    expires_at: i64,
    protected: bool,
    assigned_to: Option<Text>,
    purpose: Option<Text>,
}

/// A lease as it is told.
#[derive(Debug, Serialize)]
struct LeaseTold {
    cloud: Text,
    node: Text,
    name: Text,
    expires_at: String,
    protected: bool,
    assigned_to: Option<Text>,
    purpose: Option<Text>,
}

impl<'a> Event<'a> {
    /// What was taken from the outbox. It is the same each time that it is told.
    pub(super) fn of(delivery: &'a Delivery) -> Result<Self> {
        let about = if delivery.kind.starts_with("job.") {
            About::Job(Box::new(read::<JobStored>(&delivery.body)?.into()))
        } else {
            About::Lease(read::<LeaseStored>(&delivery.body)?.into())
        };
        Ok(Self {
            id: &delivery.event,
            event: &delivery.kind,
            at: time(delivery.at),
            about,
        })
    }

    /// What is told for trial.
    pub(super) fn test(id: &'a str) -> Self {
        Self {
            id,
            event: TEST,
            at: Timestamp::now(),
            about: About::Message("this is a test of cloudfarm's notifications"),
        }
    }

    /// As the body of a request.
    pub(super) fn body(&self, kind: NotifierKind) -> Result<Vec<u8>> {
        let written = match kind {
            NotifierKind::Webhook => serde_json::to_vec(self),
            NotifierKind::Slack => serde_json::to_vec(&json!({ "text": self.sentence() })),
        };
        written.map_err(|error| Error::internal("an event cannot be written").with_internal(error))
    }

    fn sentence(&self) -> String {
        let sentence = match &self.about {
            About::Job(job) => job.sentence(),
            About::Lease(lease) => lease.sentence(self.event == "lease.ended"),
            About::Message(message) => (*message).to_owned(),
        };
        // The three that Slack reads as its own.
        sentence
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    }
}

impl JobTold {
    fn sentence(&self) -> String {
        let Self { action, id, .. } = self;
        let name = self.params["name"].as_str();
        let id_of = self.resource["id"].as_str();
        let kind = self.resource["kind"].as_str().unwrap_or_default();
        let what = name
            .or(id_of)
            .map_or_else(String::new, |name| format!(" of {kind} {name:?}"));
        let cloud = self.cloud.as_deref();
        let cloud = cloud.map_or_else(String::new, |cloud| format!(" on cloud {cloud}"));
        let detail = self
            .error
            .as_ref()
            .and_then(|error| error["detail"].as_str());
        let why = detail.map_or_else(String::new, |detail| format!(": {detail}"));
        let how = match self.state.as_str() {
            "error" => "failed",
            "cancelled" => "was cancelled",
            _ => "is done",
        };
        format!("{action}{what}{cloud} {how}{why} (job {id})")
    }
}

impl LeaseTold {
    fn sentence(&self, has_ended: bool) -> String {
        let Self {
            cloud,
            name,
            expires_at,
            ..
        } = self;
        let user = self.assigned_to.as_deref();
        let whose = user.map_or_else(String::new, |user| format!(", assigned to {user:?},"));
        let what = match (has_ended, self.protected) {
            (false, false) => "ends soon; then the node is destroyed",
            (false, true) => "ends soon; the node is protected and stays",
            (true, false) => "has ended; the node is being destroyed",
            (true, true) => "has ended; the node is protected and stays",
        };
        format!("the lease of node {name:?}{whose} on cloud {cloud} ({expires_at}) {what}")
    }
}

impl From<JobStored> for JobTold {
    fn from(job: JobStored) -> Self {
        Self {
            id: job.id,
            action: job.action,
            state: job.state,
            cloud: (!job.cloud.is_empty()).then_some(job.cloud),
            resource: json!({ "kind": job.resource_kind, "id": job.resource_id }),
            params: job.params,
            error: job.error,
            tries: job.tries,
            project: job.project,
            request_id: job.request_id,
            created_at: time(job.created_at).to_string(),
            ended_at: time(job.ended_at).to_string(),
        }
    }
}

impl From<LeaseStored> for LeaseTold {
    fn from(lease: LeaseStored) -> Self {
        Self {
            cloud: lease.cloud,
            node: lease.node,
            name: lease.name,
            expires_at: time(lease.expires_at).to_string(),
            protected: lease.protected,
            assigned_to: lease.assigned_to,
            purpose: lease.purpose,
        }
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a str) -> Result<T> {
    serde_json::from_str(body)
        .map_err(|error| Error::internal("a stored event cannot be read").with_internal(error))
}

fn time(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Event;
    use crate::settings::NotifierKind;
    use crate::store::Delivery;

    fn told(kind: &str, body: Value, to: NotifierKind) -> Value {
        let delivery = Delivery {
            event: "e-1".to_owned(),
            notifier: "ops".to_owned(),
            kind: kind.to_owned(),
            at: 1_800_000_000_000,
            cloud: "lab".to_owned(),
            action: String::new(),
            body: body.to_string(),
            attempt: 1,
        };
        let body = Event::of(&delivery).unwrap().body(to).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    #[test]
    fn slack_is_told_in_a_sentence_that_it_cannot_take_for_its_own_marks() {
        let job = json!({
            "id": "0197b1e46a4c7bd29d573c1de0a3c7a1", "action": "CreateNode", "state": "error",
            "cloud": "lab", "resource_kind": "node", "resource_id": null,
            "params": { "name": "<!channel>" }, "error": { "detail": "no room" }, "tries": 3,
            "project": "default", "request_id": "r", "created_at": 0, "ended_at": 0,
        });
        let told = told("job.failed", job, NotifierKind::Slack);
        assert_eq!(
            told["text"],
            "CreateNode of node \"&lt;!channel&gt;\" on cloud lab failed: no room \
             (job 0197b1e4-6a4c-7bd2-9d57-3c1de0a3c7a1)"
        );
    }

    #[test]
    fn a_webhook_is_told_all_there_is() {
        let lease = json!({
            "cloud": "lab", "node": "n-1", "name": "web-1", "expires_at": 1_800_000_900_000_i64,
            "protected": false, "assigned_to": "alice", "purpose": null,
        });
        let told = told("lease.notice", lease, NotifierKind::Webhook);
        let expected = json!({
            "id": "e-1", "event": "lease.notice", "at": "2027-01-15T08:00:00Z",
            "lease": {
                "cloud": "lab", "node": "n-1", "name": "web-1",
                "expires_at": "2027-01-15T08:15:00Z", "protected": false,
                "assigned_to": "alice", "purpose": null,
            },
        });
        assert_eq!(told, expected);
    }
}
