use cloudfarm_contract::{Error, Result, Secret};
use cloudfarm_http::{CredentialKey, HttpParams};

use crate::params::{AuthType, Params, wrong};

/// Who logs in, and for what.
#[derive(Debug, Clone)]
pub struct Login {
    /// Who, with which secret.
    pub credentials: Credentials,
    /// For what.
    pub scope: Scope,
}

/// Who logs in, with which secret.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// A user with a password.
    Password(UserRef, Secret),
    /// A user with an API key, as Rackspace has it; v2.0 only.
    ApiKey(String, Secret),
    /// An application credential by its id.
    ApplicationCredential(String, Secret),
    /// An application credential by the name that its user gave it.
    NamedApplicationCredential(String, UserRef, Secret),
    /// A token that is there already.
    Token(Secret),
}

/// A user by id or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserRef {
    /// By id.
    Id(String),
    /// By name within a domain.
    Name(String, DomainRef),
}

/// A domain by id or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DomainRef {
    /// By id.
    Id(String),
    /// By name.
    Name(String),
}

/// A project by id or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProjectRef {
    /// By id.
    Id(String),
    /// By name within a domain.
    Name(String, DomainRef),
}

/// What a token is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// What the identity service gives by itself: the user's default project, or that of the
    /// application credential.
    Implied,
    /// Nothing but to ask what there is, even if the user has a default project.
    Unscoped,
    /// A project.
    Project(ProjectRef),
    /// A domain.
    Domain(DomainRef),
    /// The whole cloud.
    System,
}

impl Login {
    /// Reads the settings of a cloud.
    ///
    /// # Errors
    ///
    /// `invalid`, naming the field that is missing or has no place here.
    pub fn read(params: &Params, user: Option<&str>, password: Option<&Secret>) -> Result<Self> {
        let auth_type = params.auth_type.unwrap_or_else(|| implied_type(params));
        let credentials = match auth_type {
            AuthType::Password => {
                let password = password.ok_or_else(|| missing("password"))?;
                Credentials::Password(user_ref(params, user)?, password.clone())
            }
            AuthType::Token => {
                let token = params
                    .token
                    .as_ref()
                    .ok_or_else(|| wrong("token", "token is missing"))?;
                Credentials::Token(token.clone())
            }
            AuthType::ApplicationCredential => application_credential(params, user, password)?,
        };
        let scope = scope(params)?;
        if auth_type == AuthType::ApplicationCredential && scope != Scope::Implied {
            return Err(wrong(
                "project",
                "an application credential belongs to one project, so no project, domain or system_scope goes with it",
            ));
        }
        Ok(Self { credentials, scope })
    }

    /// The project, and the same login for no project, where it is one of a user for a project.
    pub(super) fn without_project(&self) -> Option<(&ProjectRef, Self)> {
        let (Scope::Project(project), Credentials::Password(..)) = (&self.scope, &self.credentials)
        else {
            return None;
        };
        let credentials = self.credentials.clone();
        let scope = Scope::Unscoped;
        Some((project, Self { credentials, scope }))
    }

    /// Whether v2.0 cannot say it.
    pub fn needs_v3(&self) -> bool {
        !matches!(
            self.scope,
            Scope::Implied | Scope::Unscoped | Scope::Project(_)
        ) || matches!(
            self.credentials,
            Credentials::ApplicationCredential(..) | Credentials::NamedApplicationCredential(..)
        )
    }

    /// Who it is, without the secret.
    pub fn who(&self) -> Option<&str> {
        match &self.credentials {
            Credentials::Password(UserRef::Id(name) | UserRef::Name(name, _), _)
            | Credentials::ApiKey(name, _)
            | Credentials::ApplicationCredential(name, _)
            | Credentials::NamedApplicationCredential(name, ..) => Some(name),
            Credentials::Token(_) => None,
        }
    }

    /// Who it is, and for what, in a message.
    pub(crate) fn describe(&self) -> String {
        let who = match (&self.credentials, self.who()) {
            (Credentials::Token(_), _) | (_, None) => "a token".to_owned(),
            (Credentials::Password(..) | Credentials::ApiKey(..), Some(name)) => {
                format!("user {name:?}")
            }
            (_, Some(name)) => format!("application credential {name:?}"),
        };
        match &self.scope {
            Scope::Implied | Scope::Unscoped => who,
            Scope::Project(ProjectRef::Id(name) | ProjectRef::Name(name, _)) => {
                format!("{who}, project {name:?}")
            }
            Scope::Domain(DomainRef::Id(name) | DomainRef::Name(name)) => {
                format!("{who}, domain {name:?}")
            }
            Scope::System => format!("{who}, system scope"),
        }
    }

    /// Under what tokens are shared: two clouds that differ in nothing but what they do with the
    /// token log in once.
    ///
    /// # Errors
    ///
    /// `internal` if the machine gives no random numbers.
    pub fn key(&self, auth_url: &str, http: &HttpParams) -> Result<CredentialKey> {
        let secret = match &self.credentials {
            Credentials::Password(_, secret)
            | Credentials::ApiKey(_, secret)
            | Credentials::ApplicationCredential(_, secret)
            | Credentials::NamedApplicationCredential(_, _, secret)
            | Credentials::Token(secret) => secret,
        };
        // `Debug` leaves the secrets out, and tells everything else apart.
        let identity = [
            auth_url.to_owned(),
            format!("{self:?}"),
            format!("{http:?}"),
        ];
        CredentialKey::new(identity, secret)
    }
}

fn implied_type(params: &Params) -> AuthType {
    let has_credential = params.application_credential_id.is_some()
        || params.application_credential_name.is_some()
        || params.application_credential_secret.is_some();
    if has_credential {
        AuthType::ApplicationCredential
    } else if params.token.is_some() {
        AuthType::Token
    } else {
        AuthType::Password
    }
}

fn application_credential(
    params: &Params,
    user: Option<&str>,
    password: Option<&Secret>,
) -> Result<Credentials> {
    let given = params.application_credential_secret.as_ref().or(password);
    let Some(secret) = given.cloned() else {
        let message = "application_credential_secret is missing";
        return Err(wrong("application_credential_secret", message));
    };
    if let Some(id) = &params.application_credential_id {
        return Ok(Credentials::ApplicationCredential(id.clone(), secret));
    }
    if let Some(name) = &params.application_credential_name {
        let user = user_ref(params, user)?;
        return Ok(Credentials::NamedApplicationCredential(
            name.clone(),
            user,
            secret,
        ));
    }
    let id = user.ok_or_else(|| {
        wrong(
            "application_credential_id",
            "application_credential_id is missing",
        )
    })?;
    Ok(Credentials::ApplicationCredential(id.to_owned(), secret))
}

fn user_ref(params: &Params, user: Option<&str>) -> Result<UserRef> {
    if let Some(id) = &params.user_id {
        return Ok(UserRef::Id(id.clone()));
    }
    let name = user.ok_or_else(|| missing("user"))?;
    Ok(UserRef::Name(name.to_owned(), user_domain(params)))
}

fn user_domain(params: &Params) -> DomainRef {
    domain(params.user_domain_id.as_ref(), params.user_domain.as_ref())
        .unwrap_or_else(|| DomainRef::Id("default".to_owned()))
}

fn domain(id: Option<&String>, name: Option<&String>) -> Option<DomainRef> {
    id.cloned()
        .map(DomainRef::Id)
        .or_else(|| name.cloned().map(DomainRef::Name))
}

fn scope(params: &Params) -> Result<Scope> {
    if params.system_scope.is_some() {
        return Ok(Scope::System);
    }
    if let Some(domain) = domain(params.domain_id.as_ref(), params.domain.as_ref()) {
        return Ok(Scope::Domain(domain));
    }
    if let Some(id) = &params.project_id {
        return Ok(Scope::Project(ProjectRef::Id(id.clone())));
    }
    let Some(name) = &params.project else {
        return Ok(Scope::Implied);
    };
    let domain = domain(
        params.project_domain_id.as_ref(),
        params.project_domain.as_ref(),
    )
    .unwrap_or_else(|| user_domain(params));
    Ok(Scope::Project(ProjectRef::Name(name.clone(), domain)))
}

fn missing(field: &'static str) -> Error {
    Error::invalid(format!("{field} is missing")).with_field(field)
}
