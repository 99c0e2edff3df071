//! What is sent: with its effect, so that it is known what is safe to repeat, and with its secrets
//! marked, so that they are known to the log.

use std::fmt;

use bytes::Bytes;
use cloudfarm_contract::{Effect, Error, Result, Secret};
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde::Serialize;

/// The value of a header, which says of itself whether it may be seen.
#[derive(Clone)]
pub enum HeaderText {
    /// May be logged, unless the header's name alone says that it is secret.
    Plain(HeaderValue),
    /// Is never logged.
    Secret(HeaderValue),
}

impl HeaderText {
    /// The value as it is sent.
    pub fn value(&self) -> &HeaderValue {
        match self {
            Self::Plain(value) | Self::Secret(value) => value,
        }
    }
}

impl fmt::Debug for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(value) => value.fmt(f),
            Self::Secret(_) => f.write_str("[secret]"),
        }
    }
}

/// Which parts of a body are secret.
///
/// Fields with well-known names (`password`, `adminPass`, `token`, `private_key` ...) are secret in
/// every body; see [`crate::wire_log`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secrecy {
    /// The fields of these names too, at any depth.
    Fields(Vec<&'static str>),
    /// All of it.
    Whole,
}

impl Default for Secrecy {
    fn default() -> Self {
        Self::Fields(Vec::new())
    }
}

impl Secrecy {
    pub(crate) fn add(&mut self, names: &[&'static str]) {
        if let Self::Fields(fields) = self {
            fields.extend(names);
        }
    }

    pub(crate) fn fields(&self) -> &[&'static str] {
        match self {
            Self::Fields(fields) => fields,
            Self::Whole => &[],
        }
    }
}

/// A request to a provider.
///
/// The builder methods never fail: what cannot be sent (a control character in a header, a body
/// that cannot be serialised) is reported by [`crate::Transport::send`].
#[derive(Clone)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) effect: Effect,
    pub(crate) headers: Vec<(HeaderName, HeaderText)>,
    pub(crate) body: Bytes,
    pub(crate) body_secrecy: Secrecy,
    pub(crate) response_secrecy: Secrecy,
    pub(crate) secret_queries: Vec<&'static str>,
    pub(crate) more_secrets: Vec<Secret>,
    pub(crate) follow_redirects: bool,
    fault: Option<Error>,
}

impl Request {
    /// A request with any method. `effect` says what a repetition would do at the provider, which
    /// the method does not: an EC2 `GET` may create a node.
    pub fn new(method: Method, url: Url, effect: Effect) -> Self {
        Self {
            method,
            url,
            effect,
            headers: Vec::new(),
            body: Bytes::new(),
            body_secrecy: Secrecy::default(),
            response_secrecy: Secrecy::default(),
            secret_queries: Vec::new(),
            more_secrets: Vec::new(),
            follow_redirects: effect == Effect::Read,
            fault: None,
        }
    }

    /// A `GET` that reads.
    pub fn get(url: Url) -> Self {
        Self::new(Method::GET, url, Effect::Read)
    }

    /// A `POST` with the effect of the operation it serves.
    pub fn post(url: Url, effect: Effect) -> Self {
        Self::new(Method::POST, url, effect)
    }

    /// A `PUT`, idempotent.
    pub fn put(url: Url) -> Self {
        Self::new(Method::PUT, url, Effect::Idempotent)
    }

    /// A `DELETE`, idempotent.
    pub fn delete(url: Url) -> Self {
        Self::new(Method::DELETE, url, Effect::Idempotent)
    }

    /// Appends a query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// Appends a query parameter that is never logged.
    #[must_use]
    pub fn secret_query(mut self, name: &'static str, value: &Secret) -> Self {
        self.secret_queries.push(name);
        self.query(name, value.expose())
    }

    /// Sets a header, in place of one of the same name.
    #[must_use]
    pub fn header(self, name: HeaderName, value: &str) -> Self {
        self.set_header(name, value, HeaderText::Plain)
    }

    /// Sets a header that is never logged, in place of one of the same name.
    #[must_use]
    pub fn secret_header(self, name: HeaderName, value: &Secret) -> Self {
        self.set_header(name, value.expose(), |mut value| {
            value.set_sensitive(true);
            HeaderText::Secret(value)
        })
    }

    /// Sets a JSON body. Name its secret fields with [`Request::secret_fields`].
    #[must_use]
    pub fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => self.body("application/json", bytes),
            Err(error) => {
                let fault = Error::internal("the request cannot be written as json");
                self.fault.get_or_insert(fault.with_internal(error));
                self
            }
        }
    }

    /// Sets a body of form fields, percent-encoded. Name its secret fields with
    /// [`Request::secret_fields`].
    #[must_use]
    pub fn form<K: AsRef<str>, V: AsRef<str>>(
        self,
        fields: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.body("application/x-www-form-urlencoded", body)
    }

    /// Sets a body of any type.
    #[must_use]
    pub fn body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header(CONTENT_TYPE, content_type)
    }

    /// Names fields of the request's body that are never logged, at any depth.
    #[must_use]
    pub fn secret_fields(mut self, names: &[&'static str]) -> Self {
        self.body_secrecy.add(names);
        self
    }

    /// Keeps the whole body of the request out of the log.
    #[must_use]
    pub fn secret_body(mut self) -> Self {
        self.body_secrecy = Secrecy::Whole;
        self
    }

    /// Names fields of the answer's body that are never logged, at any depth.
    #[must_use]
    pub fn secret_response_fields(mut self, names: &[&'static str]) -> Self {
        self.response_secrecy.add(names);
        self
    }

    /// Keeps the whole body of the answer out of the log and out of errors: a token, a private key,
    /// a console log.
    #[must_use]
    pub fn secret_response(mut self) -> Self {
        self.response_secrecy = Secrecy::Whole;
        self
    }

    /// Names a secret that the provider may repeat in its answer although it was sent in no marked
    /// place: it is cut out of what errors quote.
    #[must_use]
    pub fn with_secret(mut self, secret: &Secret) -> Self {
        self.more_secrets.push(secret.clone());
        self
    }

    /// Hands redirects to the driver. Only reads follow them anyway, and only within one origin.
    #[must_use]
    pub fn without_redirects(mut self) -> Self {
        self.follow_redirects = false;
        self
    }

    /// The method, for signing.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The URL, for signing.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The headers set so far, for signing.
    pub fn headers(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.headers.iter().map(|(name, text)| (name, text.value()))
    }

    /// The bytes of the body, for signing.
    pub fn body_bytes(&self) -> &Bytes {
        &self.body
    }

    /// What a repetition would do.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    fn set_header(
        mut self,
        name: HeaderName,
        value: &str,
        wrap: impl FnOnce(HeaderValue) -> HeaderText,
    ) -> Self {
        match HeaderValue::from_str(value) {
            Ok(value) => {
                self.headers.retain(|(other, _)| *other != name);
                self.headers.push((name, wrap(value)));
            }
            Err(_) => {
                let message = format!("the header {name} cannot hold control characters");
                self.fault.get_or_insert(Error::invalid(message));
            }
        }
        self
    }

    /// Refuses what the builder could not build.
    pub(crate) fn check(&self) -> Result<()> {
        self.fault.clone().map_or(Ok(()), Err)
    }

    pub(crate) fn to_reqwest(&self, url: Url) -> reqwest::Request {
        let mut request = reqwest::Request::new(self.method.clone(), url);
        for (name, text) in &self.headers {
            request.headers_mut().append(name, text.value().clone());
        }
        if !self.body.is_empty() {
            *request.body_mut() = Some(self.body.clone().into());
        }
        request
    }

    pub(crate) fn content_type(&self) -> &str {
        self.headers()
            .find(|(name, _)| **name == CONTENT_TYPE)
            .and_then(|(_, value)| value.to_str().ok())
            .unwrap_or_default()
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &crate::redact::url(&self.url, &self.secret_queries))
            .field("effect", &self.effect)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
