//! An HTTP server that answers as it is told, down to the bytes and the closing of the connection.
#![expect(dead_code, reason = "each test file uses another part")]
#![expect(
    clippy::unwrap_used,
    reason = "a server that breaks shall break its test"
)]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cloudfarm_contract::{Context, Priority, SystemClock};
use cloudfarm_http::{HttpParams, Transport, Url};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// A request as it came over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// How many came before it, over all connections.
    pub(crate) number: usize,
    /// Over which connection it came.
    pub(crate) connection: usize,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    bytes: Vec<u8>,
    then: Then,
}

#[derive(Debug, Clone, Copy)]
enum Then {
    KeepAlive,
    Close,
    Hang,
}

impl Reply {
    /// A complete answer.
    pub(crate) fn new(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
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
    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::new(
            status,
            &[("content-type", "application/json")],
            body.to_string(),
        )
    }

    /// These bytes and nothing more.
    pub(crate) fn raw(bytes: impl AsRef<[u8]>) -> Self {
        Self {
            bytes: bytes.as_ref().to_vec(),
            then: Then::Close,
        }
    }

    /// The same, after which the connection is closed.
    pub(crate) fn then_close(self) -> Self {
        Self {
            then: Then::Close,
            ..self
        }
    }

    /// The same, after which nothing happens any more.
    pub(crate) fn then_hang(self) -> Self {
        Self {
            then: Then::Hang,
            ..self
        }
    }
}

type Handler = Arc<dyn Fn(&Seen) -> Reply + Send + Sync>;

/// The server. It ends when it is dropped.
pub(crate) struct Server {
    pub(crate) port: u16,
    scheme: &'static str,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen(None, Arc::new(handler)).await
    }

    pub(crate) async fn start_tls(
        tls: rustls::ServerConfig,
        handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::listen(Some(TlsAcceptor::from(Arc::new(tls))), Arc::new(handler)).await
    }

    async fn listen(tls: Option<TlsAcceptor>, handler: Handler) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let scheme = if tls.is_some() { "https" } else { "http" };
        let task = tokio::spawn(accept(listener, tls, handler, Arc::clone(&seen)));
        Self {
            port,
            scheme,
            seen,
            task,
        }
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        let host = if self.scheme == "https" {
            "localhost"
        } else {
            "127.0.0.1"
        };
        Url::parse(&format!("{}://{host}:{}{path}", self.scheme, self.port)).unwrap()
    }

    /// What came so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    handler: Handler,
    seen: Arc<Mutex<Vec<Seen>>>,
) {
    let mut connections = JoinSet::new();
    for connection in 0.. {
        let (stream, _) = listener.accept().await.unwrap();
        let (tls, handler, seen) = (tls.clone(), Arc::clone(&handler), Arc::clone(&seen));
        connections.spawn(async move {
            match tls {
                None => serve(stream, connection, handler, seen).await,
                Some(tls) => match tls.accept(stream).into_fallible().await {
                    Ok(stream) => serve(stream, connection, handler, seen).await,
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

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    connection: usize,
    handler: Handler,
    seen: Arc<Mutex<Vec<Seen>>>,
) {
    while let Some(mut request) = read_request(&mut stream, connection).await {
        {
            let mut seen = seen.lock().unwrap();
            request.number = seen.len();
            seen.push(request.clone());
        }
        let reply = handler(&request);
        let _ = stream.write_all(&reply.bytes).await;
        let _ = stream.flush().await;
        match reply.then {
            Then::KeepAlive => {}
            Then::Close => break,
            Then::Hang => std::future::pending().await,
        }
    }
    let _ = stream.shutdown().await;
}

async fn read_request<S: AsyncRead + Unpin>(stream: &mut S, connection: usize) -> Option<Seen> {
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
        number: 0,
        connection,
        method: first.next()?.to_owned(),
        target: first.next()?.to_owned(),
        headers,
        body: String::from_utf8(body).unwrap(),
    })
}

/// Settings that use no proxy and read no authorities of the machine.
pub(crate) fn params() -> HttpParams {
    HttpParams {
        proxy: Some("none".to_owned()),
        ..HttpParams::default()
    }
}

pub(crate) fn transport(params: &HttpParams) -> Transport {
    Transport::new("lab", params, Arc::new(SystemClock)).unwrap()
}

/// A call with time enough.
pub(crate) fn cx() -> Context {
    Context::new(Duration::from_secs(20), "req-1", Priority::Person)
}
