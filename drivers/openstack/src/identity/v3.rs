//! Keystone v3.

use cloudfarm_contract::{Effect, Error, Result, Secret, Text};
use cloudfarm_http::{Fetched, Request, Response, Url, join};
use serde::Deserialize;

use super::Token;
use super::credentials::Login;
use super::login_body::LoginBody;
use crate::catalog::V3Service;
use crate::time::timestamp;

/// The request for a token. A login changes nothing that matters, so it may be sent again.
pub(super) fn request(base: &Url, login: &Login) -> Result<Request> {
    Ok(
        Request::post(join(base, &["auth", "tokens"])?, Effect::Read)
            .json(&LoginBody::new(login)?)
            .secret_body()
            .secret_response(),
    )
}

#[derive(Deserialize)]
struct Reply {
    token: Body,
}

#[derive(Deserialize)]
struct Body {
    expires_at: Option<String>,
    #[serde(default)]
    catalog: Vec<V3Service>,
    project: Option<Named>,
    user: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    id: Text,
}

/// Reads the token: itself in a header, what it opens in the body.
pub(crate) fn token(response: &Response) -> Result<Fetched<Token>> {
    let body = response.json::<Reply>()?.token;
    let secret = response
        .header("x-subject-token")
        .filter(|token| !token.is_empty())
        .ok_or_else(|| {
            Error::provider_error("keystone gave no token: X-Subject-Token is missing")
        })?;
    Ok(Fetched {
        token: Token {
            secret: Secret::new(secret),
            catalog: body.catalog.into(),
            project_id: body.project.map(|project| project.id),
            user_id: body.user.map(|user| user.id),
            default_region: None,
        },
        expires_at: body.expires_at.as_deref().and_then(timestamp),
    })
}
