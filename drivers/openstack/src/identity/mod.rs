//! Who logs in, and what Keystone gives for it.

mod address;
mod credentials;
pub(crate) mod v2;
pub(crate) mod v3;

use std::sync::Arc;

use cloudfarm_contract::{Clock, Context, Error, Result, Retry, Secret, Text, async_trait};
use cloudfarm_http::{
    Complaint, FetchToken, Fetched, Response, StatusCode, TokenSettings, TokenSource, Transport,
};
use tokio::sync::OnceCell;

pub use self::address::{AuthAddress, AuthVersion};
pub use self::credentials::{Credentials, DomainRef, Login, ProjectRef, Scope, UserRef};
use crate::catalog::Catalog;

/// What Keystone gives for credentials.
#[derive(Debug, Clone)]
pub struct Token {
    /// What calls carry in `X-Auth-Token`.
    pub secret: Secret,
    /// The services that the token opens.
    pub catalog: Catalog,
    /// The id of the project that it is for; none for other scopes.
    pub project_id: Option<Text>,
    /// The id of the user.
    pub user_id: Option<Text>,
    /// The region that the user is at home in, where the identity service says so.
    pub default_region: Option<Text>,
}

/// The tokens of one login.
pub type Tokens = TokenSource<Keystone>;

/// Asks Keystone for tokens.
#[derive(Debug)]
pub struct Keystone {
    transport: Transport,
    address: AuthAddress,
    login: Login,
    /// The address with its version, once it is known.
    versioned: OnceCell<(AuthVersion, cloudfarm_http::Url)>,
}

impl Keystone {
    /// Logs in at `address` over `transport`. It asks nobody yet.
    pub fn new(transport: Transport, address: AuthAddress, login: Login) -> Self {
        Self {
            transport,
            address,
            login,
            versioned: OnceCell::new(),
        }
    }

    /// A source of tokens.
    pub fn into_tokens(self, clock: Arc<dyn Clock>) -> Tokens {
        TokenSource::new(self, TokenSettings::default(), clock)
    }

    async fn versioned(&self, cx: &Context) -> Result<&(AuthVersion, cloudfarm_http::Url)> {
        let find = || {
            self.address
                .versioned(cx, &self.transport, self.login.needs_v3())
        };
        self.versioned.get_or_try_init(find).await
    }

    /// Why there is no token.
    fn refused(&self, response: &Response) -> Error {
        let complaint = Complaint::from_json(response);
        let error = response.to_error(&complaint);
        match response.status() {
            StatusCode::UNAUTHORIZED => {
                let said = complaint.message.unwrap_or_default();
                let who = self.login.describe();
                response
                    .to_error_of(
                        cloudfarm_contract::ErrorKind::ProviderAuth,
                        &Complaint {
                            message: Some(format!("{said} ({who})")),
                            ..complaint
                        },
                    )
                    .with_hint(
                        "check user, password, project and their domains: keystone does not say which of them is wrong",
                    )
            }
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
                error.with_hint(AUTH_URL_HINT)
            }
            status if status.is_redirection() || is_web_page(response) => {
                error.with_hint(AUTH_URL_HINT)
            }
            _ => error,
        }
    }
}

#[async_trait]
impl FetchToken for Keystone {
    type Token = Token;

    async fn fetch(&self, cx: &Context) -> Result<Fetched<Token>> {
        let (version, base) = self.versioned(cx).await?;
        let request = match version {
            AuthVersion::V3 => v3::request(base, &self.login)?,
            AuthVersion::V2 => v2::request(base, &self.login)?,
        };
        let response = self.transport.send(cx, request).await?;
        if !response.status().is_success() {
            return Err(self.refused(&response));
        }
        let read = match version {
            AuthVersion::V3 => v3::token(&response),
            AuthVersion::V2 => v2::token(&response),
        };
        read.map_err(|error| match is_web_page(&response) {
            true => error.with_retry(Retry::Never).with_hint(AUTH_URL_HINT),
            false => error,
        })
    }
}

const AUTH_URL_HINT: &str = "check that extra_params.auth_url is the address of keystone";

/// Whether a web site answered: Keystone speaks JSON, but a proxy before it that is in trouble may
/// not.
fn is_web_page(response: &Response) -> bool {
    response.content_type().contains("html") && !response.status().is_server_error()
}
