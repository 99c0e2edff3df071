//! A login at work: every call goes to the right place with a token that is good.

mod finding;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use cloudfarm_contract::model::ProviderProject;
use cloudfarm_contract::{Clock, Context, Error, ErrorKind, Result, Text};
use cloudfarm_http::header::HeaderName;
use cloudfarm_http::{Held, Response, Transport};

use self::finding::Endpoints;
use crate::call::Call;
use crate::catalog::{CatalogEntry, ServiceKind, Wanted};
use crate::errors::accepted;
use crate::identity::{Token, Tokens, projects};
use crate::version::Microversion;

const AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// Which addresses of the catalog a session uses.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Region, interface and, where a type is not enough, the name of the service.
    pub wanted: Wanted,
    /// Addresses in place of those in the catalog.
    pub overrides: HashMap<ServiceKind, Text>,
    /// The newest compute API to speak.
    pub newest_compute: Option<Microversion>,
    /// Services whose type alone is ambiguous.
    pub names: HashMap<ServiceKind, ServiceName>,
    /// Services that are not spoken to, although the catalog may have them.
    pub unused: Vec<ServiceKind>,
}

/// Which of several services of one type is meant.
#[derive(Debug, Clone)]
pub struct ServiceName {
    /// The name in the catalog.
    pub name: Text,
    /// What to tell where the catalog has other services of the type, but not this one.
    pub otherwise: &'static str,
}

/// A login at work on one cloud. It finds each service in the catalog of its token, asks it once
/// which version it speaks, and sends calls there.
pub struct Session {
    cloud: Text,
    transport: Transport,
    tokens: Arc<Tokens>,
    choice: Choice,
    endpoints: Mutex<Endpoints>,
    /// For calls without a microversion, of services that were not asked which they have.
    bases: Mutex<Endpoints>,
}

impl Session {
    /// A session that has not asked anybody yet.
    pub fn new(cloud: Text, transport: Transport, tokens: Arc<Tokens>, choice: Choice) -> Self {
        Self {
            cloud,
            transport,
            tokens,
            choice,
            endpoints: Mutex::default(),
            bases: Mutex::default(),
        }
    }

    /// The name of the cloud.
    pub fn cloud(&self) -> &Text {
        &self.cloud
    }

    /// The time.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        self.transport.clock()
    }

    /// Makes a call. Any status is an answer.
    ///
    /// # Errors
    ///
    /// What the login, the catalog or the transport fails with.
    pub async fn send(&self, cx: &Context, service: ServiceKind, call: &Call) -> Result<Response> {
        self.tokens
            .with_token(cx, |token| async move {
                let endpoint = self.endpoint_for(cx, service, call, &token).await?;
                let request = call.request(&endpoint)?;
                let request = request.secret_header(AUTH_TOKEN, &token.secret);
                self.transport.send(cx, request).await
            })
            .await
    }

    /// Makes a call that must succeed.
    ///
    /// # Errors
    ///
    /// As [`Session::send`]; whatever the service refuses it with.
    pub async fn ask(&self, cx: &Context, service: ServiceKind, call: &Call) -> Result<Response> {
        accepted(self.send(cx, service, call).await?)
    }

    /// Which microversion a service is spoken to in; none where it has none.
    ///
    /// # Errors
    ///
    /// As [`Session::send`].
    pub async fn microversion(
        &self,
        cx: &Context,
        service: ServiceKind,
    ) -> Result<Option<Microversion>> {
        let token = self.tokens.get(cx).await?;
        Ok(self.resolve(cx, service, &token).await?.microversion)
    }

    /// Whether a service is spoken to in this microversion or a newer one.
    ///
    /// # Errors
    ///
    /// As [`Session::send`].
    pub async fn speaks(
        &self,
        cx: &Context,
        service: ServiceKind,
        since: Microversion,
    ) -> Result<bool> {
        let spoken = self.microversion(cx, service).await?;
        Ok(spoken.is_some_and(|spoken| spoken >= since))
    }

    /// Whether the catalog has a service.
    ///
    /// # Errors
    ///
    /// What the login fails with.
    pub async fn has(&self, cx: &Context, service: ServiceKind) -> Result<bool> {
        let token = self.tokens.get(cx).await?;
        Ok(self.address(service, &token).is_ok())
    }

    /// The id of the project that the session acts on.
    ///
    /// # Errors
    ///
    /// What the login fails with; `unsupported` where it is for no project.
    pub async fn project_id(&self, cx: &Context) -> Result<Text> {
        let project = self.scoped_project(cx).await?;
        project.ok_or_else(|| {
            Error::unsupported("the credential acts on no project")
                .with_hint("set extra_params.project")
        })
    }

    /// The id of the project that the session acts on, if it does.
    ///
    /// # Errors
    ///
    /// What the login fails with.
    pub async fn scoped_project(&self, cx: &Context) -> Result<Option<Text>> {
        Ok(self.tokens.get(cx).await?.project_id.clone())
    }

    /// The region that a service is used in, as the catalog writes it, or as the settings do where
    /// the address is theirs; none where it has none.
    ///
    /// # Errors
    ///
    /// What the login or the catalog fails with.
    pub async fn region(&self, cx: &Context, service: ServiceKind) -> Result<Option<Text>> {
        let token = self.tokens.get(cx).await?;
        if self.choice.overrides.contains_key(&service) {
            let given = self.choice.wanted.region.clone();
            return Ok(given.or_else(|| token.default_region.clone()));
        }
        Ok(self.entry(service, &token)?.region.clone())
    }

    /// The projects that the credential may act on, with the one that the session acts on.
    ///
    /// # Errors
    ///
    /// What the login or the identity service fails with.
    pub(crate) async fn projects(&self, cx: &Context) -> Result<Vec<ProviderProject>> {
        let keystone = self.tokens.fetcher();
        let ask = |token: Held<Token>| async move { keystone.ask_projects(cx, &token).await };
        let response = self.tokens.with_token(cx, ask).await?;
        let current = self.scoped_project(cx).await?;
        projects::read(response, &self.cloud, current.as_ref())
    }

    fn address(&self, service: ServiceKind, token: &Token) -> Result<Text> {
        if let Some(address) = self.choice.overrides.get(&service) {
            return Ok(address.clone());
        }
        Ok(self.entry(service, token)?.url.clone())
    }

    fn entry<'t>(&self, service: ServiceKind, token: &'t Token) -> Result<&'t CatalogEntry> {
        if self.choice.unused.contains(&service) {
            let name = service.as_str();
            return Err(Error::unsupported(format!(
                "the {name} service is not used"
            )));
        }
        let mut wanted = self.choice.wanted.clone();
        wanted.region = wanted.region.or_else(|| token.default_region.clone());
        let Some(named) = self.choice.names.get(&service) else {
            return token.catalog.find_entry(service, &wanted);
        };
        wanted.name = Some(named.name.clone());
        let found = token.catalog.find_entry(service, &wanted);
        found.map_err(|error| match token.catalog.has(service) {
            true if error.kind() == ErrorKind::Unsupported => error.with_hint(named.otherwise),
            _ => error,
        })
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("cloud", &self.cloud)
            .field("choice", &self.choice)
            .finish_non_exhaustive()
    }
}
