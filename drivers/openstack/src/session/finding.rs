//! Where services are: as the catalog says, and as they say themselves.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cloudfarm_contract::{Context, Result, Text};
use cloudfarm_http::{Request, StatusCode};

use super::{AUTH_TOKEN, Session};
use crate::call::Call;
use crate::catalog::ServiceKind;
use crate::discovery;
use crate::endpoint::{Address, BASE_COMPUTE, Endpoint};
use crate::identity::Token;
use crate::version::Microversion;

/// By the address in the catalog, so that a catalog that changes is followed.
pub(super) type Endpoints = HashMap<(ServiceKind, Text), Arc<Endpoint>>;

impl Session {
    /// Where a call goes. One without a microversion goes where the catalog says, and does not wait
    /// for what the service says about itself, if the catalog says which version is there. A setting
    /// that no service can follow is refused whatever is called.
    pub(super) async fn endpoint_for(
        &self,
        cx: &Context,
        service: ServiceKind,
        call: &Call,
        token: &Token,
    ) -> Result<Arc<Endpoint>> {
        let is_base_fine = self
            .newest(service)
            .is_none_or(|newest| newest >= BASE_COMPUTE);
        if call.wants_microversion() || !is_base_fine {
            return self.resolve(cx, service, token).await;
        }
        let key = (service, self.address(service, token)?);
        if let Some(endpoint) = lock(&self.bases).get(&key) {
            return Ok(Arc::clone(endpoint));
        }
        let address = Address::parse(service, &key.1)?;
        if !address.has_version() {
            return self.resolve(cx, service, token).await;
        }
        let endpoint = Arc::new(address.endpoint(&[], None)?);
        lock(&self.bases).insert(key, Arc::clone(&endpoint));
        Ok(endpoint)
    }

    pub(super) async fn resolve(
        &self,
        cx: &Context,
        service: ServiceKind,
        token: &Token,
    ) -> Result<Arc<Endpoint>> {
        let text = self.address(service, token)?;
        let key = (service, text.clone());
        if let Some(endpoint) = lock(&self.endpoints).get(&key) {
            return Ok(Arc::clone(endpoint));
        }
        let address = Address::parse(service, &text)?;
        let (versions, certain) = if address.needs_discovery() {
            self.ask_versions(cx, &address, token).await?
        } else {
            (Vec::new(), true)
        };
        let endpoint = Arc::new(address.endpoint(&versions, self.newest(service))?);
        if certain {
            lock(&self.endpoints).insert(key, Arc::clone(&endpoint));
        }
        Ok(endpoint)
    }

    /// What a service says about itself, and whether that is its last word. What cannot be read
    /// is no reason to fail: the catalog's address is used as it is.
    async fn ask_versions(
        &self,
        cx: &Context,
        address: &Address,
        token: &Token,
    ) -> Result<(Vec<discovery::ApiVersion>, bool)> {
        let request = Request::get(address.document()?).secret_header(AUTH_TOKEN, &token.secret);
        let response = self.transport.send(cx, request).await?;
        let status = response.status();
        let readable = status.is_success() || status == StatusCode::MULTIPLE_CHOICES;
        let versions = if readable {
            discovery::versions(&response)
        } else {
            Vec::new()
        };
        // A refused token says nothing about the service; the call itself will have it renewed.
        let passing = status.is_server_error()
            || matches!(
                status,
                StatusCode::UNAUTHORIZED | StatusCode::TOO_MANY_REQUESTS
            );
        Ok((versions, !passing))
    }

    /// The newest version that the settings allow.
    fn newest(&self, service: ServiceKind) -> Option<Microversion> {
        match service {
            ServiceKind::Compute => self.choice.newest_compute,
            _ => None,
        }
    }
}

fn lock(endpoints: &Mutex<Endpoints>) -> MutexGuard<'_, Endpoints> {
    endpoints.lock().unwrap_or_else(PoisonError::into_inner)
}
