//! Who logs in, and what Keystone gives for it.

mod address;
mod credentials;
mod login_body;
pub(crate) mod projects;
pub(crate) mod v2;
pub(crate) mod v3;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cloudfarm_contract::model::ProviderProject;
use cloudfarm_contract::{Clock, Context, Error, Result, Retry, Secret, Text, async_trait};
use cloudfarm_http::{
    Complaint, FetchToken, Fetched, Request, Response, StatusCode, TokenSettings, TokenSource,
    Transport,
};
use tokio::sync::OnceCell;

pub use self::address::{AuthAddress, AuthVersion};
pub use self::credentials::{Credentials, DomainRef, Login, ProjectRef, Scope, UserRef};
use crate::catalog::Catalog;
use crate::errors::accepted;

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
    /// How else to log in, where the first way is refused.
    other: Option<Login>,
    /// Whether the other way was the one that was taken.
    prefers_other: AtomicBool,
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
            other: None,
            prefers_other: AtomicBool::new(false),
            versioned: OnceCell::new(),
        }
    }

    /// Tries `other` where the first login is refused, and stays with what was taken.
    #[must_use]
    pub fn or(self, other: Login) -> Self {
        Self {
            other: Some(other),
            ..self
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

    /// Why there is no token for the project: Keystone says the same of a wrong password and of a
    /// wrong project, but without a project it gives a token for the right password.
    async fn refused_login(&self, cx: &Context, response: &Response) -> Error {
        let error = self.refused(response);
        let Some((project, login)) = self.login.without_project() else {
            return error;
        };
        match self.projects_of(cx, &login).await {
            Ok(projects) => error.with_hint(projects::hint(project, &projects)),
            Err(why) => {
                log::debug!("the projects of a refused login are not known: {why}");
                error
            }
        }
    }

    async fn projects_of(&self, cx: &Context, login: &Login) -> Result<Vec<ProviderProject>> {
        let (version, base) = self.versioned(cx).await?;
        let request = version.request(base, login)?;
        let answered = accepted(self.transport.send(cx, request).await?)?;
        let token = version.token(&answered)?.token;
        projects::read(self.ask_projects(cx, &token).await?, &Text::default(), None)
    }

    /// Why there is no token.
    fn refused(&self, response: &Response) -> Error {
        let complaint = Complaint::from_json(response);
        let error = response.to_error(&complaint);
        match response.status() {
            StatusCode::UNAUTHORIZED => {
                let said = complaint.message.unwrap_or_default();
                let who = self.login.describe();
                let hint = match &self.login.credentials {
                    Credentials::ApiKey(..) => API_KEY_HINT,
                    _ => PASSWORD_HINT,
                };
                let complaint = Complaint {
                    message: Some(format!("{said} ({who})")),
                    ..complaint
                };
                let kind = cloudfarm_contract::ErrorKind::ProviderAuth;
                response.to_error_of(kind, &complaint).with_hint(hint)
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
        let mut logins = vec![(false, &self.login)];
        logins.extend(self.other.as_ref().map(|other| (true, other)));
        if self.prefers_other.load(Ordering::Relaxed) {
            logins.reverse();
        }
        let mut answered = None;
        for (is_other, login) in logins {
            let response = self
                .transport
                .send(cx, version.request(base, login)?)
                .await?;
            let refused = response.status() == StatusCode::UNAUTHORIZED;
            if !refused {
                self.prefers_other.store(is_other, Ordering::Relaxed);
            }
            answered = Some(response);
            if !refused {
                break;
            }
        }
        let response = answered.ok_or_else(|| Error::internal("there is no login to try"))?;
        if response.status() == StatusCode::UNAUTHORIZED {
            return Err(self.refused_login(cx, &response).await);
        }
        if !response.status().is_success() {
            return Err(self.refused(&response));
        }
        version
            .token(&response)
            .map_err(|error| match is_web_page(&response) {
                true => error.with_retry(Retry::Never).with_hint(AUTH_URL_HINT),
                false => error,
            })
    }
}

impl AuthVersion {
    fn request(self, base: &cloudfarm_http::Url, login: &Login) -> Result<Request> {
        match self {
            Self::V3 => v3::request(base, login),
            Self::V2 => v2::request(base, login),
        }
    }

    fn token(self, response: &Response) -> Result<Fetched<Token>> {
        match self {
            Self::V3 => v3::token(response),
            Self::V2 => v2::token(response),
        }
    }
}

const PASSWORD_HINT: &str =
    "check user, password, project and their domains: keystone does not say which of them is wrong";
const API_KEY_HINT: &str = "check user and api key: the key is the one that the account's own pages show, not the password";
const AUTH_URL_HINT: &str = "check that extra_params.auth_url is the address of keystone";

/// Whether a web site answered: Keystone speaks JSON, but a proxy before it that is in trouble may
/// not.
fn is_web_page(response: &Response) -> bool {
    response.content_type().contains("html") && !response.status().is_server_error()
}
