//! Requests as they come over the wire.

use std::collections::HashMap;

use tokio::io::{AsyncRead, AsyncReadExt};

/// A request as it came over the wire.
#[derive(Debug, Clone)]
pub struct Seen {
    /// How many came before it, over all connections.
    pub number: usize,
    /// Over which connection it came.
    pub connection: usize,
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The headers by their names in lower case.
    pub headers: HashMap<String, String>,
    /// The body.
    pub body: String,
}

impl Seen {
    /// Whether it is this method on this path, whatever the query.
    pub fn is(&self, method: &str, path: &str) -> bool {
        self.method == method && self.target.split('?').next() == Some(path)
    }

    /// A parameter of the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.target.split_once('?')?;
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    /// The next one of a connection; `None` at its end.
    pub(crate) async fn read<S: AsyncRead + Unpin>(
        stream: &mut S,
        connection: usize,
    ) -> Option<Self> {
        let mut bytes = Vec::new();
        let head_end = loop {
            if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            read_more(stream, &mut bytes).await?;
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
            read_more(stream, &mut body).await?;
        }
        Some(Self {
            number: 0,
            connection,
            method: first.next()?.to_owned(),
            target: first.next()?.to_owned(),
            headers,
            body: String::from_utf8(body).unwrap(),
        })
    }
}

async fn read_more<S: AsyncRead + Unpin>(stream: &mut S, bytes: &mut Vec<u8>) -> Option<()> {
    let mut piece = [0; 4096];
    match stream.read(&mut piece).await {
        Ok(read @ 1..) => bytes.extend_from_slice(&piece[..read]),
        _ => return None,
    }
    Some(())
}
