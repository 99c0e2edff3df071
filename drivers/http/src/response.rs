//! What came back, whole: status, headers and body.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cloudfarm_contract::{Error, Result, Text};
use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde::de::{DeserializeOwned, DeserializeSeed};

use crate::failure::left_behind;
use crate::retry_after::answered_at;
use crate::{Complaint, Request, Secrecy, redact, retry_after, status};

/// How much of an unreadable body an error quotes.
const QUOTED_BYTES: usize = 120;

/// Headers in which providers name the id they gave a request.
const REQUEST_ID_HEADERS: &[&str] = &[
    "x-openstack-request-id",
    "x-compute-request-id",
    "x-amzn-requestid",
    "x-amz-request-id",
    "request-id",
    "x-request-id",
];

/// The answer to a [`Request`].
#[derive(Clone)]
pub struct Response {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    request: Arc<Request>,
    retry_after: Option<Duration>,
    answered_at: Timestamp,
}

impl Response {
    pub(crate) fn new(
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
        request: Arc<Request>,
        now: Timestamp,
    ) -> Self {
        let retry_after = retry_after(&headers, now);
        let answered_at = answered_at(&headers, now);
        Self {
            status,
            headers,
            body,
            request,
            retry_after,
            answered_at,
        }
    }

    /// An answer that was recorded, for the tests of what reads it.
    pub fn recorded(
        status: StatusCode,
        headers: HeaderMap,
        body: impl Into<Bytes>,
    ) -> Result<Self> {
        let nowhere = crate::parse_endpoint("recorded", "http://recorded.invalid/")?;
        let request = Arc::new(Request::get(nowhere));
        Ok(Self::new(
            status,
            headers,
            body.into(),
            request,
            Timestamp::UNIX_EPOCH,
        ))
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// A header's value, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body.
    pub fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// The body as text; what is not UTF-8 in it is replaced.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// What the provider says the body is; empty if it does not say.
    pub fn content_type(&self) -> &str {
        self.header(CONTENT_TYPE.as_str()).unwrap_or_default()
    }

    /// How long the provider asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The id that the provider gave the request.
    pub fn provider_request_id(&self) -> Option<Text> {
        REQUEST_ID_HEADERS
            .iter()
            .find_map(|name| self.header(name))
            .filter(|id| !id.is_empty())
            .map(|id| Text::from(redact::cut(id, 200)))
    }

    /// The answer itself if its status is a success, otherwise the error that
    /// [`Response::to_error`] makes of what a JSON body says.
    ///
    /// # Errors
    ///
    /// As the status says.
    pub fn success(self) -> Result<Self> {
        if self.status.is_success() {
            return Ok(self);
        }
        Err(self.to_error(&Complaint::from_json(&self)))
    }

    /// The error for this status, with what the provider said, the id it gave the request, and the
    /// wait it asked for. A driver refines the kind by the provider's own codes with
    /// [`Response::to_error_of`].
    pub fn to_error(&self, complaint: &Complaint) -> Error {
        status::error(self, status::kind(self, complaint), complaint)
    }

    /// As [`Response::to_error`], of a kind that the driver knows better.
    pub fn to_error_of(&self, kind: cloudfarm_contract::ErrorKind, complaint: &Complaint) -> Error {
        status::error(self, kind, complaint)
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    ///
    /// `provider_error` that says what was there instead: another type with its first bytes, or the
    /// path at which the JSON is not what it should be. It never quotes a value.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        self.json_seed(PhantomData)
    }

    /// Reads the body as JSON into what `seed` makes of it.
    ///
    /// # Errors
    ///
    /// As [`Response::json`].
    pub fn json_seed<'a, S>(&'a self, seed: S) -> Result<S::Value>
    where
        S: DeserializeSeed<'a> + Clone,
    {
        if !self.looks_like_json() {
            return Err(self.unreadable("json"));
        }
        // To look at a long text once is cheaper than at each of its strings.
        match std::str::from_utf8(&self.body) {
            Ok(text) => self.read_json(serde_json::Deserializer::from_str(text), seed),
            Err(_) => self.read_json(serde_json::Deserializer::from_slice(&self.body), seed),
        }
    }

    fn read_json<'a, S, R>(
        &'a self,
        mut reader: serde_json::Deserializer<R>,
        seed: S,
    ) -> Result<S::Value>
    where
        S: DeserializeSeed<'a> + Clone,
        R: serde_json::de::Read<'a>,
    {
        let value = seed.clone().deserialize(&mut reader);
        // To know at each step where one is costs more than the reading, and matters only if it fails.
        let value = value.map_err(|error| self.place_of(seed, &error))?;
        reader.end().map_err(|error| self.unexpected(".", &error))?;
        Ok(value)
    }

    /// The error with the path at which the body is not what it should be.
    fn place_of<'a>(&'a self, seed: impl DeserializeSeed<'a>, error: &serde_json::Error) -> Error {
        let mut track = serde_path_to_error::Track::new();
        let mut reader = serde_json::Deserializer::from_slice(&self.body);
        let reader = serde_path_to_error::Deserializer::new(&mut reader, &mut track);
        match seed.deserialize(reader) {
            Ok(_) => self.unexpected(".", error),
            Err(error) => self.unexpected(&track.path().to_string(), &error),
        }
    }

    /// The error for a body that is not `expected` (`json`, `xml`): it says what is there instead.
    pub fn unreadable(&self, expected: &str) -> Error {
        let found = if self.body.is_empty() {
            "an empty body".to_owned()
        } else {
            let kind = match self.content_type() {
                "" => "something without a content type",
                kind => kind,
            };
            self.quoted(kind)
        };
        self.broken(format!("{expected} was expected, but it is {found}"))
    }

    fn quoted(&self, kind: &str) -> String {
        if self.request.response_secrecy == Secrecy::Whole {
            return kind.to_owned();
        }
        // More than is shown, so that no secret is cut in two before it is found.
        let start = &self.body[..self.body.len().min(128 * QUOTED_BYTES)];
        let text = String::from_utf8_lossy(start);
        let quote = redact::quote(&text, QUOTED_BYTES, &self.request);
        format!("{kind} that begins with {quote:?}")
    }

    /// Whether the body may be JSON at all. The content type is not asked: providers get it wrong.
    fn looks_like_json(&self) -> bool {
        let first = self.body.iter().find(|byte| !byte.is_ascii_whitespace());
        matches!(
            first,
            Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n')
        ) && !self.content_type().contains("html")
    }

    fn unexpected(&self, path: &str, error: &serde_json::Error) -> Error {
        let place = match path {
            "." | "" => "its top".to_owned(),
            path => path.to_owned(),
        };
        let said = error.to_string();
        let why = if error.is_eof() {
            "it ends too early"
        } else if error.is_syntax() {
            "it is not json"
        } else if said.starts_with("missing field") {
            // Names a field of the driver's own type, so it holds nothing of the provider.
            said.rsplit_once(" at line")
                .map_or(&*said, |(what, _)| what)
        } else {
            // The rest of the message may quote the value.
            said.rfind(", expected ")
                .map(|at| &said[at + 2..])
                .map(|tail| tail.rsplit_once(" at line").map_or(tail, |(what, _)| what))
                .unwrap_or("its value cannot be used")
        };
        self.broken(format!("the json is not as expected at {place}: {why}"))
    }

    fn broken(&self, why: String) -> Error {
        Error::provider_error(format!("the answer cannot be read: {why}"))
            .with_provider(Some(self.status.as_u16()), None, self.provider_request_id())
            .with_side_effect(left_behind(self.request.effect))
    }

    /// When it was answered, by the provider's clock where it tells.
    pub(crate) fn answered_at(&self) -> Timestamp {
        self.answered_at
    }

    pub(crate) fn request(&self) -> &Request {
        &self.request
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status.as_u16())
            .field("request", &self.request)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
