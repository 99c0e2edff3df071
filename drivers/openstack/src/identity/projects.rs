//! The projects that a login may act on.

use cloudfarm_contract::model::ProviderProject;
use cloudfarm_contract::{Context, Result, Text};
use cloudfarm_http::header::HeaderName;
use cloudfarm_http::{Request, Response, Url, join};
use serde::Deserialize;

use super::{AuthVersion, Keystone, ProjectRef, Token};
use crate::errors::accepted;

const AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// Both versions of the API, which gives them all at once.
#[derive(Debug, Deserialize)]
struct Reply {
    #[serde(alias = "tenants")]
    projects: Vec<Project>,
}

#[derive(Debug, Deserialize)]
struct Project {
    id: Text,
    name: Text,
    domain_id: Option<Text>,
    #[serde(default = "yes")]
    enabled: bool,
}

const fn yes() -> bool {
    true
}

impl Keystone {
    /// Asks which projects the one may act on whom a token was given to. Any status is an answer.
    ///
    /// # Errors
    ///
    /// What the transport fails with.
    pub(crate) async fn ask_projects(&self, cx: &Context, token: &Token) -> Result<Response> {
        let (version, base) = self.versioned(cx).await?;
        let request =
            Request::get(address(*version, base)?).secret_header(AUTH_TOKEN, &token.secret);
        self.transport.send(cx, request).await
    }
}

fn address(version: AuthVersion, base: &Url) -> Result<Url> {
    match version {
        AuthVersion::V3 => join(base, &["auth", "projects"]),
        AuthVersion::V2 => join(base, &["tenants"]),
    }
}

/// The projects in an answer.
///
/// # Errors
///
/// What the service refuses with; `provider_error` for what cannot be read.
pub(crate) fn read(
    response: Response,
    cloud: &Text,
    current: Option<&Text>,
) -> Result<Vec<ProviderProject>> {
    let reply: Reply = accepted(response)?.json()?;
    let projects = reply.projects.into_iter().map(|project| ProviderProject {
        cloud: cloud.clone(),
        current: Some(&project.id) == current,
        id: project.id,
        name: project.name,
        domain: project.domain_id,
        enabled: project.enabled,
    });
    Ok(projects.collect())
}

/// The most projects that a hint names.
const NAMED: usize = 10;

/// What to say to somebody whose password is right and whose project is not.
pub(super) fn hint(wanted: &ProjectRef, projects: &[ProviderProject]) -> String {
    let wanted = match wanted {
        ProjectRef::Id(id) => id,
        ProjectRef::Name(name, _) => name,
    };
    let enabled: Vec<_> = projects.iter().filter(|project| project.enabled).collect();
    if enabled.is_empty() {
        return "user and password are right, but the user may use no project".to_owned();
    }
    let named = enabled.iter().take(NAMED).map(|project| {
        let domain = project.domain.as_deref().unwrap_or("unknown");
        format!("{} (domain {domain})", project.name)
    });
    let more = match enabled.len() > NAMED {
        true => " and others",
        false => "",
    };
    let named = named.collect::<Vec<_>>().join(", ");
    format!(
        "user and password are right, but the user may not use project {wanted:?} in this domain: \
         there are {named}{more}"
    )
}
