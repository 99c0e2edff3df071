//! The server at the end of the wire.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use url::Url;

use crate::reply::{Reply, Then};
use crate::seen::Seen;

type Handler = Arc<dyn Fn(&Seen) -> Reply + Send + Sync>;

/// The wire. It is cut when this is dropped.
#[derive(Debug)]
pub struct Wire {
    /// Where it begins, on 127.0.0.1.
    pub port: u16,
    origin: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

#[derive(Clone)]
struct Line {
    /// `host:port` of the living service, where there is one.
    upstream: Option<String>,
    handler: Handler,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Wire {
    /// To nowhere: `handler` is all there is.
    pub async fn start(handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen(None, None, Arc::new(handler)).await
    }

    /// The same under TLS.
    pub async fn start_tls(
        tls: ServerConfig,
        handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let tls = TlsAcceptor::from(Arc::new(tls));
        Self::listen(Some(tls), None, Arc::new(handler)).await
    }

    /// To a living service at `host:port`.
    pub async fn to(
        upstream: String,
        handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::listen(None, Some(upstream), Arc::new(handler)).await
    }

    async fn listen(tls: Option<TlsAcceptor>, upstream: Option<String>, handler: Handler) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let origin = match tls {
            None => format!("http://127.0.0.1:{port}"),
            Some(_) => format!("https://localhost:{port}"),
        };
        let seen = Arc::new(Mutex::new(Vec::new()));
        let line = Line {
            upstream,
            handler,
            seen: Arc::clone(&seen),
        };
        let task = tokio::spawn(accept(listener, tls, line));
        Self {
            port,
            origin,
            seen,
            task,
        }
    }

    /// A path of it as an address.
    pub fn url(&self, path: &str) -> Url {
        Url::parse(&format!("{}{path}", self.origin)).unwrap()
    }

    /// What came so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How many requests of this kind came.
    pub fn count(&self, method: &str, path: &str) -> usize {
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
    for connection in 0.. {
        let (stream, _) = listener.accept().await.unwrap();
        let (tls, line) = (tls.clone(), line.clone());
        connections.spawn(async move {
            match tls {
                None => serve(stream, connection, line).await,
                Some(tls) => match tls.accept(stream).into_fallible().await {
                    Ok(stream) => serve(stream, connection, line).await,
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

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, connection: usize, line: Line) {
    while let Some(mut request) = Seen::read(&mut stream, connection).await {
        {
            let mut seen = line.seen.lock().unwrap();
            request.number = seen.len();
            seen.push(request.clone());
        }
        let Reply { bytes, then } = (line.handler)(&request);
        let bytes = match &then {
            Then::Forward => line.forward(&request).await,
            Then::ForwardAndEdit(edit) => (edit.0)(line.forward(&request).await),
            Then::ForwardAndForget => {
                line.forward(&request).await;
                bytes
            }
            Then::KeepAlive | Then::Close | Then::Hang => bytes,
        };
        let _ = stream.write_all(&bytes).await;
        let _ = stream.flush().await;
        match then {
            Then::KeepAlive | Then::ForwardAndForget => {}
            Then::Hang => std::future::pending().await,
            Then::Close | Then::Forward | Then::ForwardAndEdit(_) => break,
        }
    }
    let _ = stream.shutdown().await;
}

impl Line {
    /// Asks the living service over a connection of its own, which ends with the answer.
    async fn forward(&self, request: &Seen) -> Vec<u8> {
        let upstream = self.upstream.as_deref().expect("nothing is upstream");
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
}
