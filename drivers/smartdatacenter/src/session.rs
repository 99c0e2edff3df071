//! Signed calls of one CloudAPI.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use cloudfarm_contract::{Clock, Context, Error, Result, Text};
use cloudfarm_http::{Response, Transport, Url, parse_endpoint};
use tokio::sync::OnceCell;

use crate::call::Call;
use crate::errors;
use crate::params::wrong;
use crate::signature::Signer;

/// The connection to one CloudAPI in the name of one account.
pub(crate) struct Session {
    cloud: Text,
    transport: Transport,
    base: Url,
    signer: Signer,
    roles: String,
    /// The data centre that is meant, if it is not the one at `base`, and its address.
    datacenter: Option<(String, OnceCell<Url>)>,
}

impl Session {
    pub(crate) fn new(cloud: Text, transport: Transport, base: Url, signer: Signer) -> Self {
        Self {
            cloud,
            transport,
            base,
            signer,
            roles: String::new(),
            datacenter: None,
        }
    }

    /// The session in these roles.
    #[must_use]
    pub(crate) fn in_roles(mut self, roles: &[String]) -> Self {
        self.roles = roles.join(",");
        self
    }

    /// The session with the data centre of this name.
    #[must_use]
    pub(crate) fn at(mut self, datacenter: Option<String>) -> Self {
        self.datacenter = datacenter.map(|name| (name, OnceCell::new()));
        self
    }

    /// The name of the cloud in the settings.
    pub(crate) fn cloud(&self) -> &Text {
        &self.cloud
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        self.transport.clock()
    }

    /// The address that calls go to.
    ///
    /// # Errors
    ///
    /// `invalid` for a data centre that is not in the list, with those that are.
    pub(crate) async fn base(&self, cx: &Context) -> Result<&Url> {
        match &self.datacenter {
            None => Ok(&self.base),
            Some((name, address)) => {
                address
                    .get_or_try_init(|| self.find_datacenter(cx, name))
                    .await
            }
        }
    }

    async fn find_datacenter(&self, cx: &Context, name: &str) -> Result<Url> {
        let call = Call::get(&["datacenters"]);
        let response = errors::accepted(self, self.send_to(cx, &self.base, &call).await?)?;
        let known: BTreeMap<String, String> = response.json()?;
        match known.get(name) {
            Some(address) => parse_endpoint("extra_params.datacenter", address),
            None => {
                let names: Vec<_> = known.keys().map(String::as_str).collect();
                Err(
                    wrong("datacenter", format!("there is no datacenter {name:?}"))
                        .with_hint(format!("the datacenters are: {}", names.join(", "))),
                )
            }
        }
    }

    /// Sends a call. Any status is an answer.
    ///
    /// # Errors
    ///
    /// As [`Transport::send`] and [`crate::keys::Key::sign`].
    pub(crate) async fn send(&self, cx: &Context, call: &Call) -> Result<Response> {
        let base = self.base(cx).await?;
        self.send_to(cx, base, call).await
    }

    async fn send_to(&self, cx: &Context, base: &Url, call: &Call) -> Result<Response> {
        let mut request = call.request(base, self.signer.account())?;
        if !self.roles.is_empty() {
            request = request.query("as-role", &self.roles);
        }
        let request = self.signer.sign(cx, request, self.clock().now()).await?;
        self.transport.send(cx, request).await
    }

    /// Sends a call that is to succeed.
    ///
    /// # Errors
    ///
    /// As [`Session::send`], and whatever CloudAPI refuses with.
    pub(crate) async fn ask(&self, cx: &Context, call: &Call) -> Result<Response> {
        errors::accepted(self, self.send(cx, call).await?)
    }

    /// The error for an answer, with what is known of the caller.
    pub(crate) fn unauthorized(&self, error: Error) -> Error {
        let who = self.signer.who();
        error.with_hint(format!(
            "see whether {who} has the key that key_id names, and whether the private key is its other half"
        ))
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("cloud", &self.cloud)
            .field("signer", &self.signer)
            .finish_non_exhaustive()
    }
}
