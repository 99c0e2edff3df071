//! Keystone v2.0, which old clouds and Rackspace speak.

use cloudfarm_contract::{Effect, Error, Result, Secret, Text};
use cloudfarm_http::{Fetched, Request, Response, Url, join};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Token;
use super::credentials::{Credentials, Login, ProjectRef, Scope, UserRef};
use crate::catalog::V2Service;
use crate::time::timestamp;

/// The request for a token.
pub(super) fn request(base: &Url, login: &Login) -> Result<Request> {
    let mut auth = credentials(&login.credentials)?;
    match &login.scope {
        Scope::Implied | Scope::Unscoped => {}
        Scope::Project(ProjectRef::Id(id)) => auth["tenantId"] = Value::from(id.as_str()),
        Scope::Project(ProjectRef::Name(name, _)) => {
            auth["tenantName"] = Value::from(name.as_str())
        }
        Scope::Domain(_) | Scope::System => return Err(too_old("a domain or the system")),
    }
    Ok(Request::post(join(base, &["tokens"])?, Effect::Read)
        .json(&json!({"auth": auth}))
        .secret_body()
        .secret_response())
}

fn credentials(credentials: &Credentials) -> Result<Value> {
    Ok(match credentials {
        Credentials::Password(UserRef::Name(name, _), password) => json!({
            "passwordCredentials": {"username": name, "password": password.expose()}
        }),
        Credentials::Password(UserRef::Id(id), password) => json!({
            "passwordCredentials": {"userId": id, "password": password.expose()}
        }),
        Credentials::ApiKey(user, key) => json!({
            "RAX-KSKEY:apiKeyCredentials": {"username": user, "apiKey": key.expose()}
        }),
        Credentials::Token(token) => json!({"token": {"id": token.expose()}}),
        Credentials::ApplicationCredential(..) | Credentials::NamedApplicationCredential(..) => {
            return Err(too_old("an application credential"));
        }
    })
}

fn too_old(what: &str) -> Error {
    Error::invalid(format!("{what} needs keystone v3, this is v2.0"))
        .with_field("extra_params.auth_url")
}

#[derive(Deserialize)]
struct Reply {
    access: Access,
}

#[derive(Deserialize)]
struct Access {
    token: Body,
    #[serde(default, rename = "serviceCatalog")]
    catalog: Vec<V2Service>,
    user: Option<User>,
}

#[derive(Deserialize)]
struct Body {
    id: String,
    expires: Option<String>,
    tenant: Option<Tenant>,
}

#[derive(Deserialize)]
struct Tenant {
    id: Text,
}

#[derive(Deserialize)]
struct User {
    id: Option<Text>,
    #[serde(rename = "RAX-AUTH:defaultRegion")]
    default_region: Option<Text>,
}

/// Reads the token, which v2.0 keeps in the body.
pub(crate) fn token(response: &Response) -> Result<Fetched<Token>> {
    let access = response.json::<Reply>()?.access;
    let (user_id, default_region) = access
        .user
        .map_or((None, None), |user| (user.id, user.default_region));
    Ok(Fetched {
        token: Token {
            secret: Secret::new(access.token.id),
            catalog: access.catalog.into(),
            project_id: access.token.tenant.map(|tenant| tenant.id),
            user_id,
            default_region: default_region.filter(|region| !region.is_empty()),
        },
        expires_at: access.token.expires.as_deref().and_then(timestamp),
    })
}
