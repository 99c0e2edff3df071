//! The HTTP API as the command line calls it.

use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, HeaderMap};
use reqwest::{Method, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::{Host, Url};

use super::exit::Exit;
use super::failure::{Failure, Result};
use crate::Problem;

/// Where `cloudfarm serve` listens unless told otherwise.
pub(crate) const DEFAULT_URL: &str = "http://127.0.0.1:8080";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Servers and proxies close idle connections after a minute or so; a request that is sent just then
/// fails.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Longer than the server gives itself to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

/// Events come as long as there are any; who listens says for how long.
const EVENTS_TIMEOUT: Duration = Duration::from_secs(7 * 24 * 3600);

/// Filters and the like, as they stand behind the question mark.
pub(crate) type Query = Vec<(&'static str, String)>;

/// One server.
#[derive(Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
    verbose: bool,
}

impl Client {
    /// A client of the server at `base`. It asks nobody yet.
    pub(crate) fn new(base: Url, verbose: bool) -> Result<Self> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("cloudfarm/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .timeout(ANSWER_TIMEOUT);
        if is_loopback(&base) {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| {
            Failure::new(Exit::Failed, format!("no HTTP client: {}", reason(&error)))
        })?;
        Ok(Self {
            http,
            base,
            verbose,
        })
    }

    /// Asks for something.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &[&str], query: &Query) -> Result<T> {
        self.send(Method::GET, path, query, None).await
    }

    /// Sends a request and reads the JSON of its answer.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &[&str],
        query: &Query,
        body: Option<&Value>,
    ) -> Result<T> {
        let mut url = self.url(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let started = Instant::now();
        let mut request = self.http.request(method.clone(), url.clone());
        request = request.header(ACCEPT, "application/json");
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request
            .send()
            .await
            .map_err(|error| self.unreachable(&error))?;
        if self.verbose {
            trace(&method, &url, &answer, started.elapsed());
        }
        self.read(answer).await
    }

    /// Listens to events, from behind the one of the id `last` on; `None` if there will be none.
    pub(crate) async fn events(
        &self,
        path: &[&str],
        last: Option<&str>,
    ) -> Result<Option<Response>> {
        let url = self.url(path)?;
        let started = Instant::now();
        let mut request = self.http.get(url.clone()).timeout(EVENTS_TIMEOUT);
        request = request.header(ACCEPT, "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let answer = request
            .send()
            .await
            .map_err(|error| self.unreachable(&error))?;
        if self.verbose {
            trace(&Method::GET, &url, &answer, started.elapsed());
        }
        match answer.status() {
            StatusCode::OK => Ok(Some(answer)),
            StatusCode::NO_CONTENT => Ok(None),
            _ => self.read(answer).await.map(|()| None),
        }
    }

    async fn read<T: DeserializeOwned>(&self, answer: Response) -> Result<T> {
        let status = answer.status();
        let request_id = request_id(answer.headers()).map(str::to_owned);
        let body = answer
            .bytes()
            .await
            .map_err(|error| self.unreachable(&error))?;
        if status.is_success() {
            let body: &[u8] = if body.is_empty() { b"null" } else { &body };
            return serde_json::from_slice(body).map_err(|error| {
                unreadable(&error).note("request id", request_id.unwrap_or_else(|| "-".to_owned()))
            });
        }
        match serde_json::from_slice::<Problem>(&body) {
            Ok(problem) => Err(problem.into()),
            Err(_) => Err(Failure::new(
                Exit::Failed,
                format!("{} answered {status}, and not as cloudfarm does", self.base),
            )
            .hint("does --url (or CLOUDFARM_URL) lead to a cloudfarm server?")),
        }
    }

    /// The address of a resource. Each segment is one step of the path, whatever is in it.
    fn url(&self, path: &[&str]) -> Result<Url> {
        if let Some(wrong) = path
            .iter()
            .find(|segment| matches!(**segment, "" | "." | ".."))
        {
            return Err(Failure::usage(format!("{wrong:?} is not an id or a name")));
        }
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "v1"]).extend(path);
        }
        Ok(url)
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let base = self.base.as_str().trim_end_matches('/');
        if error.is_connect() {
            return Failure::new(
                Exit::Unavailable,
                format!("cannot connect to {base}: {}", reason(error)),
            )
            .hint(
                "start a server with `cloudfarm serve`, or name one with --url or CLOUDFARM_URL",
            );
        }
        let what = if error.is_timeout() {
            "did not answer in time"
        } else {
            "broke off"
        };
        Failure::new(
            Exit::Unavailable,
            format!("{base} {what}: {}", reason(error)),
        )
    }
}

/// The server is of another version, or is none.
pub(crate) fn unreadable(error: &serde_json::Error) -> Failure {
    Failure::new(
        Exit::Failed,
        format!("the server's answer cannot be read: {error}"),
    )
    .hint("compare `cloudfarm --version` with the server's version")
}

/// Reads `--url`.
pub(crate) fn parse_url(text: &str) -> Result<Url, String> {
    let url = text
        .parse::<Url>()
        .map_err(|error| format!("{error}; write it as {DEFAULT_URL}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(format!("not an HTTP address; write it as {DEFAULT_URL}"));
    }
    Ok(url)
}

/// A proxy of the environment is not meant for the machine itself.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The innermost cause, which is the one that says something: "connection refused".
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let text = cause.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    text.to_lowercase()
}

fn request_id(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-request-id")?.to_str().ok()
}

fn trace(method: &Method, url: &Url, answer: &Response, took: Duration) {
    let query = url.query().map_or_else(String::new, |q| format!("?{q}"));
    eprintln!(
        "{method} {}{query}: {} in {} ms, request id {}",
        url.path(),
        answer.status().as_u16(),
        took.as_millis(),
        request_id(answer.headers()).unwrap_or("-"),
    );
}

#[cfg(test)]
mod tests {
    use super::{Client, parse_url};

    #[test]
    fn names_are_one_segment_whatever_is_in_them() {
        let base = parse_url("http://127.0.0.1:1/farm/").unwrap();
        let client = Client::new(base, false).unwrap();
        let url = client
            .url(&["clouds", "lab", "nodes", "a/../b c?"])
            .unwrap();
        assert_eq!(
            url.as_str(),
            "http://127.0.0.1:1/farm/api/v1/clouds/lab/nodes/a%2F..%2Fb%20c%3F"
        );
        assert!(client.url(&["clouds", ".."]).is_err());
        assert!(client.url(&["clouds", ""]).is_err());
    }

    #[test]
    fn an_address_must_be_one_of_http() {
        assert!(parse_url("127.0.0.1:8080").unwrap_err().contains("http://"));
        assert!(parse_url("ftp://here").unwrap_err().contains("http://"));
    }
}
