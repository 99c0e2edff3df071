//! What stands on the wire between the driver and a control plane: it answers as it is told, or
//! passes on to a living one, down to the bytes and the closing of the connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// A request as it came over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn is(&self, method: &str, path: &str) -> bool {
        self.method == method && self.target.split('?').next() == Some(path)
    }

    /// A parameter of the query.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.target.split_once('?')?;
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(n, _)| *n == name).map(|(_, v)| v)
    }
}

/// What becomes of a request.
#[derive(Clone)]
pub(crate) struct Reply {
    bytes: Vec<u8>,
    then: Then,
}

type Edit = Arc<dyn Fn(Vec<u8>) -> Vec<u8> + Send + Sync>;

#[derive(Clone)]
enum Then {
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

impl Reply {
    /// A complete answer.
    pub(crate) fn new(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let mut text = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        Self::bytes(text + "\r\n" + body, Then::KeepAlive)
    }

    /// A complete answer with a JSON body.
    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        let json = [("content-type", "application/json")];
        Self::new(status, &json, &body.to_string())
    }

    /// These bytes, then the end of the connection.
    pub(crate) fn cut_off(bytes: &str) -> Self {
        Self::bytes(bytes.to_owned(), Then::Close)
    }

    /// Nothing, for ever.
    pub(crate) fn silence() -> Self {
        Self::bytes(String::new(), Then::Hang)
    }

    /// What the living control plane says.
    pub(crate) fn forward() -> Self {
        Self::bytes(String::new(), Then::Forward)
    }

    /// This, after the living control plane has done what it was asked.
    pub(crate) fn after_forwarding(self) -> Self {
        Self {
            then: Then::ForwardAndForget,
            ..self
        }
    }

    /// What the living control plane says, head and all, after `edit`.
    pub(crate) fn edited(edit: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::bytes(String::new(), Then::ForwardAndEdit(Arc::new(edit)))
    }

    fn bytes(text: String, then: Then) -> Self {
        Self {
            bytes: text.into_bytes(),
            then,
        }
    }
}

type Handler = Arc<dyn Fn(&Seen) -> Reply + Send + Sync>;

/// The wire. It is cut when this is dropped.
pub(crate) struct Wire {
    pub(crate) port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

#[derive(Clone)]
struct Line {
    /// `host:port` of the living control plane, where there is one.
    upstream: Option<String>,
    handler: Handler,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Wire {
    /// To nowhere: `handler` is all there is.
    pub(crate) async fn start(handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen(None, None, Arc::new(handler)).await
    }

    /// The same under TLS.
    pub(crate) async fn start_tls(
        tls: tokio_rustls::rustls::ServerConfig,
        handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let tls = TlsAcceptor::from(Arc::new(tls));
        Self::listen(Some(tls), None, Arc::new(handler)).await
    }

    /// To a service of a living control plane.
    pub(crate) async fn to(
        upstream: String,
        handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::listen(None, Some(upstream), Arc::new(handler)).await
    }

    async fn listen(tls: Option<TlsAcceptor>, upstream: Option<String>, handler: Handler) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let line = Line {
            upstream,
            handler,
            seen: Arc::clone(&seen),
        };
        let task = tokio::spawn(accept(listener, tls, line));
        Self { port, seen, task }
    }

    /// What came so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How many requests of this kind came.
    pub(crate) fn count(&self, method: &str, path: &str) -> usize {
        self.seen().iter().filter(|s| s.is(method, path)).count()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, line: Line) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (tls, line) = (tls.clone(), line.clone());
        connections.spawn(async move {
            match tls {
                None => serve(stream, line).await,
                Some(tls) => match tls.accept(stream).into_fallible().await {
                    Ok(stream) => serve(stream, line).await,
                    Err((_, stream)) => drain(stream).await,
                },
            }
        });
    }
}

/// Reads to the end, for to close a connection with unread bytes would take back the alert.
async fn drain(mut stream: TcpStream) {
    let _ = stream.shutdown().await;
    while matches!(stream.read(&mut [0; 1024]).await, Ok(1..)) {}
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, line: Line) {
    while let Some(request) = read_request(&mut stream).await {
        line.seen.lock().unwrap().push(request.clone());
        let reply = (line.handler)(&request);
        let bytes = match &reply.then {
            Then::Forward => forward(&line, &request).await,
            Then::ForwardAndEdit(edit) => edit(forward(&line, &request).await),
            Then::ForwardAndForget => {
                forward(&line, &request).await;
                reply.bytes
            }
            Then::Hang => std::future::pending().await,
            Then::KeepAlive | Then::Close => reply.bytes,
        };
        let _ = stream.write_all(&bytes).await;
        let _ = stream.flush().await;
        if !matches!(reply.then, Then::KeepAlive | Then::ForwardAndForget) {
            break;
        }
    }
    let _ = stream.shutdown().await;
}

/// Asks the living control plane over a connection of its own, which ends with the answer.
async fn forward(line: &Line, request: &Seen) -> Vec<u8> {
    let upstream = line.upstream.as_deref().expect("nothing is upstream");
    let mut stream = TcpStream::connect(upstream).await.unwrap();
    let mut text = format!("{} {} HTTP/1.1\r\n", request.method, request.target);
    for (name, value) in &request.headers {
        if !matches!(name.as_str(), "host" | "connection" | "content-length") {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    let length = request.body.len();
    text.push_str(&format!(
        "host: {upstream}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    ));
    text.push_str(&request.body);
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    answer
}

async fn read_request<S: AsyncRead + Unpin>(stream: &mut S) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await {
            Ok(read @ 1..) => bytes.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .get("content-length")
        .map_or(0, |text| text.parse().unwrap());
    let mut body = bytes.split_off(head_end);
    while body.len() < length {
        let mut piece = [0; 4096];
        match stream.read(&mut piece).await {
            Ok(read @ 1..) => body.extend_from_slice(&piece[..read]),
            _ => return None,
        }
    }
    Some(Seen {
        method: first.next()?.to_owned(),
        target: first.next()?.to_owned(),
        headers,
        body: String::from_utf8(body).unwrap(),
    })
}
