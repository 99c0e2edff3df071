//! A server that answers as it is told, down to the closing of the connection.

use std::sync::{Arc, Mutex};

use cloudfarm_contract::{Clock, CloudConfig, Context, Driver, Engine, Priority, Secret, Text};
use cloudfarm_eucalyptus::Ec2;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

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

pub(crate) type Script = Box<dyn FnMut(&Seen) -> Reply + Send>;

/// The calls that were made.
pub(crate) struct Wire {
    pub(crate) port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Wire {
    pub(crate) async fn new(script: impl FnMut(&Seen) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(Box::new(script)));
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&log)));
            }
        });
        Self { port, seen }
    }

    /// The calls of this action.
    pub(crate) fn calls(&self, action: &str) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap();
        let of_action = seen.iter().filter(|seen| field(seen, "Action") == action);
        of_action.cloned().collect()
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
        extra["port"] = self.port.into();
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
    let timeout = std::time::Duration::from_secs(10);
    Context::new(timeout, "request-1", Priority::Person)
}

async fn serve(mut stream: TcpStream, script: Arc<Mutex<Script>>, log: Arc<Mutex<Vec<Seen>>>) {
    while let Some(seen) = read(&mut stream).await {
        let reply = (script.lock().unwrap())(&seen);
        log.lock().unwrap().push(seen);
        let bytes = match reply {
            Reply::Lost => return,
            Reply::Half(body) => {
                let text = format!("HTTP/1.1 200 x\r\ncontent-length: 100000\r\n\r\n{body}");
                let _ = stream.write_all(text.as_bytes()).await;
                return;
            }
            Reply::Answer(status, headers, body) => {
                let mut text = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n", body.len());
                for (name, value) in headers {
                    text.push_str(&format!("{name}: {value}\r\n"));
                }
                text + "\r\n" + &body
            }
        };
        if stream.write_all(bytes.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.trim().parse().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(decoded(body));
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend(&buffer[..count]),
        }
    }
}

fn decoded(body: &str) -> Seen {
    let url = format!("http://x.invalid/?{body}");
    let url: cloudfarm_http::Url = url.parse().unwrap();
    url.query_pairs().into_owned().collect()
}
