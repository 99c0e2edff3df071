//! A login as Keystone v3 reads it.

use cloudfarm_contract::{Error, Result};
use serde::Serialize;

use super::credentials::{Credentials, DomainRef, Login, ProjectRef, Scope, UserRef};

/// The body of the request for a token. It holds the secret in clear.
#[derive(Serialize)]
pub(super) struct LoginBody<'l> {
    auth: Auth<'l>,
}

#[derive(Serialize)]
struct Auth<'l> {
    identity: Identity<'l>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<ScopeBody<'l>>,
}

#[derive(Serialize)]
struct Identity<'l> {
    methods: [&'static str; 1],
    #[serde(flatten)]
    by: Method<'l>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Method<'l> {
    Password { user: Subject<'l> },
    ApplicationCredential(Subject<'l>),
    Token { id: &'l str },
}

/// Whoever or whatever has an id, or a name within something else.
#[derive(Default, Serialize)]
struct Subject<'l> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<Domain<'l>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<Box<Subject<'l>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'l str>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Domain<'l> {
    Id(&'l str),
    Name(&'l str),
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum ScopeBody<'l> {
    Unscoped,
    Project(Subject<'l>),
    Domain(Domain<'l>),
    System { all: bool },
}

impl<'l> LoginBody<'l> {
    /// # Errors
    ///
    /// `invalid` for an API key, which v3 does not know.
    pub(super) fn new(login: &'l Login) -> Result<Self> {
        Ok(Self {
            auth: Auth {
                identity: identity(&login.credentials)?,
                scope: scope(&login.scope),
            },
        })
    }
}

fn identity(credentials: &Credentials) -> Result<Identity<'_>> {
    let (method, by) = match credentials {
        Credentials::Password(user, password) => {
            let password = Some(password.expose());
            let user = Subject {
                password,
                ..user.into()
            };
            ("password", Method::Password { user })
        }
        Credentials::ApplicationCredential(id, secret) => (
            "application_credential",
            Method::ApplicationCredential(Subject {
                id: Some(id),
                secret: Some(secret.expose()),
                ..Subject::default()
            }),
        ),
        Credentials::NamedApplicationCredential(name, user, secret) => (
            "application_credential",
            Method::ApplicationCredential(Subject {
                name: Some(name),
                user: Some(Box::new(user.into())),
                secret: Some(secret.expose()),
                ..Subject::default()
            }),
        ),
        Credentials::Token(token) => {
            let id = token.expose();
            ("token", Method::Token { id })
        }
        Credentials::ApiKey(..) => {
            return Err(Error::invalid(
                "an api key needs the identity service's version 2.0",
            ));
        }
    };
    Ok(Identity {
        methods: [method],
        by,
    })
}

fn scope(scope: &Scope) -> Option<ScopeBody<'_>> {
    Some(match scope {
        Scope::Implied => return None,
        Scope::Unscoped => ScopeBody::Unscoped,
        Scope::Project(project) => ScopeBody::Project(project.into()),
        Scope::Domain(domain) => ScopeBody::Domain(domain.into()),
        Scope::System => ScopeBody::System { all: true },
    })
}

impl<'l> Subject<'l> {
    fn with_id(id: &'l str) -> Self {
        Self {
            id: Some(id),
            ..Self::default()
        }
    }

    fn named(name: &'l str, domain: &'l DomainRef) -> Self {
        Self {
            name: Some(name),
            domain: Some(domain.into()),
            ..Self::default()
        }
    }
}

impl<'l> From<&'l UserRef> for Subject<'l> {
    fn from(user: &'l UserRef) -> Self {
        match user {
            UserRef::Id(id) => Self::with_id(id),
            UserRef::Name(name, domain) => Self::named(name, domain),
        }
    }
}

impl<'l> From<&'l ProjectRef> for Subject<'l> {
    fn from(project: &'l ProjectRef) -> Self {
        match project {
            ProjectRef::Id(id) => Self::with_id(id),
            ProjectRef::Name(name, domain) => Self::named(name, domain),
        }
    }
}

impl<'l> From<&'l DomainRef> for Domain<'l> {
    fn from(domain: &'l DomainRef) -> Self {
        match domain {
            DomainRef::Id(id) => Self::Id(id),
            DomainRef::Name(name) => Self::Name(name),
        }
    }
}
