//! One call of CloudAPI, before it is signed.

use std::fmt;

use cloudfarm_contract::{Effect, Result};
use cloudfarm_http::header::HeaderName;
use cloudfarm_http::{Method, Request, Url, header, join};
use serde_json::Value;

const ACCEPT_VERSION: HeaderName = HeaderName::from_static("accept-version");
/// The versions of CloudAPI whose answers are read.
const VERSIONS: &str = "~9||~8";
/// Fields of machines and requests that hold what a guest is told in confidence.
const SECRET_FIELDS: &[&str] = &[
    "user-script",
    "user-data",
    "cloud-init:user-data",
    "root_authorized_keys",
    "credentials",
    "metadata.user-script",
    "metadata.user-data",
    "metadata.cloud-init:user-data",
];

/// A call: method, path below the account, query and body.
#[derive(Clone)]
pub(crate) struct Call {
    method: Method,
    path: Vec<String>,
    query: Vec<(String, String)>,
    body: Option<Value>,
    effect: Effect,
    secret_reply: bool,
}

impl Call {
    pub(crate) fn new(method: Method, path: &[&str], effect: Effect) -> Self {
        Self {
            method,
            path: path.iter().map(|&segment| segment.to_owned()).collect(),
            query: Vec::new(),
            body: None,
            effect,
            secret_reply: false,
        }
    }

    /// A `GET` that reads.
    pub(crate) fn get(path: &[&str]) -> Self {
        Self::new(Method::GET, path, Effect::Read)
    }

    /// A `POST` with the effect of the operation it serves.
    pub(crate) fn post(path: &[&str], effect: Effect) -> Self {
        Self::new(Method::POST, path, effect)
    }

    /// A `DELETE`, idempotent.
    pub(crate) fn delete(path: &[&str]) -> Self {
        Self::new(Method::DELETE, path, Effect::Idempotent)
    }

    /// Appends a query parameter.
    #[must_use]
    pub(crate) fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub(crate) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Keeps the whole answer out of the log and out of errors.
    #[must_use]
    pub(crate) fn secret_reply(mut self) -> Self {
        self.secret_reply = true;
        self
    }

    /// The request below `base`, without a signature.
    ///
    /// # Errors
    ///
    /// `invalid` for an id that cannot be part of an address.
    pub(crate) fn request(&self, base: &Url, account: &str) -> Result<Request> {
        let mut path = vec![account];
        path.extend(self.path.iter().map(String::as_str));
        let mut request = Request::new(self.method.clone(), join(base, &path)?, self.effect)
            .header(header::ACCEPT, "application/json")
            .header(ACCEPT_VERSION, VERSIONS)
            .secret_response_fields(SECRET_FIELDS)
            // What is followed would be another request, with the signature of this one.
            .without_redirects();
        for (name, value) in &self.query {
            request = request.query(name, value);
        }
        if let Some(body) = &self.body {
            request = request.json(body).secret_fields(SECRET_FIELDS);
        }
        if self.secret_reply {
            request = request.secret_response();
        }
        Ok(request)
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", &self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
