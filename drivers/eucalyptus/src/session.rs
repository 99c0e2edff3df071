//! One connection: calls are signed, sent and read.

use cloudfarm_contract::{Context, Result, Text};
use cloudfarm_http::{Request, Response, Transport};
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::credentials::Credentials;
use crate::endpoint::Endpoint;
use crate::errors::{is_code, refusal};
use crate::query::Query;
use crate::sign::{Signature, Signing};
use crate::xml;

/// What newer keys may mend.
const STALE_KEYS: &[&str] = &[
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
    "AuthFailure",
];

/// The service in the scope of a signature.
const SERVICE: &str = "ec2";

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) cloud: Text,
    pub(crate) transport: Transport,
    pub(crate) endpoint: Endpoint,
    pub(crate) signature: Signature,
    pub(crate) api_version: Text,
    pub(crate) credentials: Credentials,
}

impl Session {
    pub(crate) fn now(&self) -> Timestamp {
        self.transport.clock().now()
    }

    /// Makes a call and reads the answer.
    ///
    /// # Errors
    ///
    /// Whatever the provider refuses with; `provider_error` for an answer that cannot be read.
    pub(crate) async fn read<T: DeserializeOwned>(&self, cx: &Context, query: Query) -> Result<T> {
        let action = query.action;
        let response = self.ask(cx, query).await?;
        xml::read(&response, action)
    }

    /// Makes a call that says no more than that it was done.
    ///
    /// # Errors
    ///
    /// As [`Session::read`].
    pub(crate) async fn act(&self, cx: &Context, query: Query) -> Result<()> {
        let action = query.action;
        let response = self.ask(cx, query).await?;
        let done: xml::Done = xml::read(&response, action)?;
        if done.is_denied() {
            return Err(response.unreadable("a result that is not false"));
        }
        Ok(())
    }

    async fn ask(&self, cx: &Context, query: Query) -> Result<Response> {
        let keys = self.credentials.get(cx).await?;
        let (error, generation) = match self.send(cx, &query, &keys).await? {
            Ok(response) => return Ok(response),
            Err(error) => (error, keys.generation()),
        };
        if !is_code(&error, STALE_KEYS) || !self.credentials.drop_stale(generation) {
            return Err(error);
        }
        // A refusal of the keys says that nothing was done, so whatever the effect: once more.
        let newer = self.credentials.get(cx).await?;
        if newer.is_same_as(&keys) {
            return Err(error);
        }
        self.send(cx, &query, &newer).await?
    }

    /// The outer error is that of the way, the inner one the provider's.
    async fn send(
        &self,
        cx: &Context,
        query: &Query,
        keys: &crate::credentials::Held,
    ) -> Result<Result<Response>> {
        let mut request =
            Request::post(self.endpoint.url.clone(), query.effect).without_redirects();
        for secret in &query.secrets {
            request = request.with_secret(secret);
        }
        if query.secret_answer {
            request = request.secret_response();
        }
        let mut fields = Vec::with_capacity(query.fields.len() + 8);
        fields.push(("Action".to_owned(), query.action.to_owned()));
        fields.push(("Version".to_owned(), self.api_version.to_string()));
        fields.extend(query.fields.iter().cloned());
        let signing = Signing {
            keys,
            region: &self.endpoint.region,
            service: SERVICE,
            at: self.now(),
        };
        let request = self.signature.sign(&signing, request, fields)?;
        let response = self.transport.send(cx, request).await?;
        if response.status().is_success() {
            return Ok(Ok(response));
        }
        Ok(Err(refusal(&response, self.now())))
    }
}
