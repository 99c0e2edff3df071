//! Keystone v3.

use cloudfarm_contract::{Effect, Error, Result, Secret, Text};
use cloudfarm_http::{Fetched, Request, Response, Url, join};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Token;
use super::credentials::{Credentials, DomainRef, Login, ProjectRef, Scope, UserRef};
use crate::catalog::V3Service;
use crate::time::timestamp;

/// The request for a token. A login changes nothing that matters, so it may be sent again.
pub(super) fn request(base: &Url, login: &Login) -> Result<Request> {
    let mut auth = json!({"identity": identity(&login.credentials)?});
    if let Some(scope) = scope(&login.scope) {
        auth["scope"] = scope;
    }
    Ok(
        Request::post(join(base, &["auth", "tokens"])?, Effect::Read)
            .json(&json!({"auth": auth}))
            .secret_body()
            .secret_response(),
    )
}

fn identity(credentials: &Credentials) -> Result<Value> {
    Ok(match credentials {
        Credentials::Password(user, password) => {
            let mut user = user_json(user);
            user["password"] = Value::from(password.expose());
            json!({"methods": ["password"], "password": {"user": user}})
        }
        Credentials::ApplicationCredential(id, secret) => json!({
            "methods": ["application_credential"],
            "application_credential": {"id": id, "secret": secret.expose()},
        }),
        Credentials::NamedApplicationCredential(name, user, secret) => json!({
            "methods": ["application_credential"],
            "application_credential":
                {"name": name, "user": user_json(user), "secret": secret.expose()},
        }),
        Credentials::Token(token) => {
            json!({"methods": ["token"], "token": {"id": token.expose()}})
        }
        Credentials::ApiKey(..) => {
            return Err(Error::invalid(
                "an api key needs the identity service's version 2.0",
            ));
        }
    })
}

fn user_json(user: &UserRef) -> Value {
    match user {
        UserRef::Id(id) => json!({"id": id}),
        UserRef::Name(name, domain) => json!({"name": name, "domain": domain_json(domain)}),
    }
}

fn domain_json(domain: &DomainRef) -> Value {
    match domain {
        DomainRef::Id(id) => json!({"id": id}),
        DomainRef::Name(name) => json!({"name": name}),
    }
}

fn scope(scope: &Scope) -> Option<Value> {
    Some(match scope {
        Scope::Implied => return None,
        Scope::Unscoped => json!("unscoped"),
        Scope::Project(ProjectRef::Id(id)) => json!({"project": {"id": id}}),
        Scope::Project(ProjectRef::Name(name, domain)) => {
            json!({"project": {"name": name, "domain": domain_json(domain)}})
        }
        Scope::Domain(domain) => json!({"domain": domain_json(domain)}),
        Scope::System => json!({"system": {"all": true}}),
    })
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
