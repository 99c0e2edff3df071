//! The wire as the query API is spoken over it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudfarm_contract::{Clock, CloudConfig, Context, Driver, Engine, Priority, Secret, Text};
use cloudfarm_eucalyptus::Ec2;
use serde_json::json;

/// The fields of a call.
pub(crate) type Seen = Vec<(String, String)>;

/// A field of a call; empty if it is not there.
pub(crate) fn field<'s>(seen: &'s Seen, name: &str) -> &'s str {
    let found = seen.iter().find(|(known, _)| known == name);
    found.map_or("", |(_, value)| value.as_str())
}

/// What becomes of a call.
pub(crate) enum Reply {
    Answer(u16, Vec<(&'static str, String)>, String),
    /// The connection closes without an answer.
    Lost,
    /// Half of the answer, then the connection closes.
    Half(String),
}

pub(crate) fn ok(body: impl Into<String>) -> Reply {
    Reply::Answer(200, Vec::new(), body.into())
}

pub(crate) fn refused(status: u16, code: &str, message: &str) -> Reply {
    let body = format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
         <RequestID>req-1</RequestID></Response>"
    );
    Reply::Answer(status, Vec::new(), body)
}

impl From<Reply> for cloudfarm_wire::Reply {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Lost => Self::raw(""),
            Reply::Half(body) => Self::raw(format!(
                "HTTP/1.1 200 x\r\ncontent-length: 100000\r\n\r\n{body}"
            )),
            Reply::Answer(status, headers, body) => {
                let headers: Vec<_> = headers
                    .iter()
                    .map(|(name, value)| (*name, value.as_str()))
                    .collect();
                Self::new(status, &headers, body)
            }
        }
    }
}

/// The calls that were made.
pub(crate) struct Wire(cloudfarm_wire::Wire);

impl Wire {
    pub(crate) async fn new(script: impl FnMut(&Seen) -> Reply + Send + 'static) -> Self {
        let script = Mutex::new(script);
        let answer = move |request: &cloudfarm_wire::Seen| {
            let mut script = script.lock().unwrap();
            (*script)(&decoded(&request.body)).into()
        };
        Self(cloudfarm_wire::Wire::start(answer).await)
    }

    /// The calls of this action.
    pub(crate) fn calls(&self, action: &str) -> Vec<Seen> {
        let seen = self.0.seen();
        let calls = seen.iter().map(|request| decoded(&request.body));
        calls
            .filter(|seen| field(seen, "Action") == action)
            .collect()
    }

    pub(crate) fn driver(&self, clock: Arc<dyn Clock>) -> Arc<dyn Driver> {
        self.driver_with(clock, Some("AKID"), json!({}))
    }

    pub(crate) fn driver_with(
        &self,
        clock: Arc<dyn Clock>,
        user: Option<&str>,
        mut extra: serde_json::Value,
    ) -> Arc<dyn Driver> {
        extra["host"] = "127.0.0.1".into();
        extra["port"] = self.0.port.into();
        extra["secure"] = false.into();
        extra["region"] = "lab-1".into();
        let config = CloudConfig {
            name: Text::from("lab"),
            engine: Text::from("ec2"),
            user: user.map(str::to_owned),
            password: user.map(|_| Secret::new("the-secret-key")),
            extra_params: extra.as_object().unwrap().clone(),
            clock,
        };
        Ec2.connect(config).unwrap()
    }
}

pub(crate) fn cx() -> Context {
    Context::new(Duration::from_secs(10), "request-1", Priority::Person)
}

fn decoded(body: &str) -> Seen {
    let url = format!("http://x.invalid/?{body}");
    let url: cloudfarm_http::Url = url.parse().unwrap();
    url.query_pairs().into_owned().collect()
}
