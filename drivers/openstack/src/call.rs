//! One call of a service, before it is known where the service is.

use std::fmt;

use cloudfarm_contract::{Effect, Result};
use cloudfarm_http::header::HeaderName;
use cloudfarm_http::{Method, Request, join};
use serde_json::Value;

use crate::endpoint::Endpoint;
use crate::version::Microversion;

const API_VERSION: HeaderName = HeaderName::from_static("openstack-api-version");
const ACCEPT: HeaderName = HeaderName::from_static("accept");

/// A call of a service: method, path below the service's address, query and body.
#[derive(Clone)]
pub struct Call {
    method: Method,
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    body: Option<Value>,
    effect: Effect,
    newest: Option<Microversion>,
    is_base: bool,
    secret_reply: bool,
}

impl Call {
    /// A call with any method.
    pub fn new(method: Method, path: &[&str], effect: Effect) -> Self {
        Self {
            method,
            path: path.iter().map(|&segment| segment.to_owned()).collect(),
            query: Vec::new(),
            body: None,
            effect,
            newest: None,
            is_base: false,
            secret_reply: false,
        }
    }

    /// A `GET` that reads.
    pub fn get(path: &[&str]) -> Self {
        Self::new(Method::GET, path, Effect::Read)
    }

    /// A `POST` with the effect of the operation it serves.
    pub fn post(path: &[&str], effect: Effect, body: Value) -> Self {
        Self::new(Method::POST, path, effect).body(body)
    }

    /// A `PUT`, idempotent.
    pub fn put(path: &[&str], body: Value) -> Self {
        Self::new(Method::PUT, path, Effect::Idempotent).body(body)
    }

    /// A `DELETE`, idempotent.
    pub fn delete(path: &[&str]) -> Self {
        Self::new(Method::DELETE, path, Effect::Idempotent)
    }

    /// Appends a query parameter.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Appends a query parameter where there is a value for it.
    #[must_use]
    pub fn query_if(self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Asks for no newer microversion than this, for what newer ones do not have.
    #[must_use]
    pub fn at_most(mut self, newest: Microversion) -> Self {
        self.newest = Some(newest);
        self
    }

    /// Asks for no microversion, so that the service need not be asked first which it has. It answers
    /// in the oldest form that it still speaks.
    #[must_use]
    pub fn in_base_version(mut self) -> Self {
        self.is_base = true;
        self
    }

    /// Whether a microversion is asked for where the service has any.
    pub(crate) fn wants_microversion(&self) -> bool {
        !self.is_base
    }

    /// Keeps the whole answer out of the log and out of errors.
    #[must_use]
    pub fn secret_reply(mut self) -> Self {
        self.secret_reply = true;
        self
    }

    /// The request at `endpoint`, without a token.
    ///
    /// # Errors
    ///
    /// `invalid` for an id that cannot be part of an address.
    pub(crate) fn request(&self, endpoint: &Endpoint) -> Result<Request> {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let url = join(&endpoint.url, &path)?;
        let mut request =
            Request::new(self.method.clone(), url, self.effect).header(ACCEPT, "application/json");
        for (name, value) in &self.query {
            request = request.query(name, value);
        }
        if let Some(body) = &self.body {
            request = request.json(body).secret_fields(&["user_data"]);
        }
        if let Some(newest) = endpoint.microversion.filter(|_| self.wants_microversion()) {
            let version = self.newest.map_or(newest, |most| most.min(newest));
            let text = format!("{} {version}", endpoint.header_name);
            request = request.header(API_VERSION, &text);
        }
        Ok(if self.secret_reply {
            request.secret_response()
        } else {
            request.secret_response_fields(&["adminPass", "private_key"])
        })
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
