//! What becomes of a request.

use std::fmt;
use std::sync::Arc;

/// What becomes of a request.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(crate) bytes: Vec<u8>,
    pub(crate) then: Then,
}

#[derive(Debug, Clone)]
pub(crate) enum Then {
    KeepAlive,
    Close,
    Hang,
    /// Nothing is answered here; the answer is the upstream's.
    Forward,
    /// The upstream does what it is asked, and its answer is lost for the one that is here.
    ForwardAndForget,
    /// The upstream's answer, changed on the way, then the end of the connection.
    ForwardAndEdit(Edit),
}

#[derive(Clone)]
pub(crate) struct Edit(pub(crate) Arc<dyn Fn(Vec<u8>) -> Vec<u8> + Send + Sync>);

impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Edit")
    }
}

impl Reply {
    /// A complete answer.
    pub fn new(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut head = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut bytes = (head + "\r\n").into_bytes();
        bytes.extend_from_slice(body);
        Self {
            bytes,
            then: Then::KeepAlive,
        }
    }

    /// A complete answer with a JSON body.
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        let json = [("content-type", "application/json")];
        Self::new(status, &json, body.to_string())
    }

    /// These bytes, then the end of the connection.
    pub fn raw(bytes: impl AsRef<[u8]>) -> Self {
        Self {
            bytes: bytes.as_ref().to_vec(),
            then: Then::Close,
        }
    }

    /// Nothing, for ever.
    pub fn silence() -> Self {
        Self::raw("").then_hang()
    }

    /// What the living service says.
    pub fn forward() -> Self {
        Self::raw("").then(Then::Forward)
    }

    /// What the living service says, head and all, after `edit`.
    pub fn edited(edit: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::raw("").then(Then::ForwardAndEdit(Edit(Arc::new(edit))))
    }

    /// The same, after the living service has done what it was asked.
    pub fn after_forwarding(self) -> Self {
        self.then(Then::ForwardAndForget)
    }

    /// The same, after which the connection is closed.
    pub fn then_close(self) -> Self {
        self.then(Then::Close)
    }

    /// The same, after which nothing happens any more.
    pub fn then_hang(self) -> Self {
        self.then(Then::Hang)
    }

    fn then(self, then: Then) -> Self {
        Self { then, ..self }
    }
}
