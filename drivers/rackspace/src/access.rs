//! Who logs in, and which services are spoken to.

use std::collections::HashMap;

use cloudfarm_contract::{CloudConfig, Error, Result, Text};
use cloudfarm_http::parse_endpoint;
use cloudfarm_openstack::identity::{Credentials, DomainRef, Login, ProjectRef, Scope, UserRef};
use cloudfarm_openstack::{Choice, ServiceKind, ServiceName, Wanted};

use crate::params::{AuthType, FIRST_GENERATION, Params, wrong};

/// The ways to log in, in the order in which they are tried.
pub(crate) fn logins(config: &CloudConfig, params: &Params) -> Result<(Login, Option<Login>)> {
    let user = config.user.clone().ok_or_else(|| missing("user"))?;
    let secret = config.password.clone().ok_or_else(|| missing("password"))?;
    for (field, given) in [
        ("project", params.project.is_some()),
        ("project_id", params.project_id.is_some()),
        ("domain", params.domain.is_some()),
    ] {
        if given {
            return Err(wrong(
                field,
                format!("{field} is for the newer clouds, whose auth_url ends in /v3"),
            )
            .with_hint("the account is chosen by tenant"));
        }
    }
    let scope = match &params.tenant {
        Some(tenant) => Scope::Project(ProjectRef::Id(tenant.clone())),
        None => Scope::Implied,
    };
    let login = |credentials| Login {
        credentials,
        scope: scope.clone(),
    };
    let api_key = login(Credentials::ApiKey(user.clone(), secret.clone()));
    let by_name = UserRef::Name(user, DomainRef::Id("default".to_owned()));
    let password = login(Credentials::Password(by_name, secret));
    Ok(match params.auth_type {
        Some(AuthType::ApiKey) => (api_key, None),
        Some(AuthType::Password) => (password, None),
        None => (api_key, Some(password)),
    })
}

/// Which addresses of the catalog are used.
pub(crate) fn choice(params: &Params) -> Result<Choice> {
    let named = |name, otherwise| ServiceName {
        name: Text::from_static(name),
        otherwise,
    };
    let names = HashMap::from([
        (
            ServiceKind::Compute,
            named("cloudServersOpenStack", FIRST_GENERATION),
        ),
        (
            ServiceKind::Image,
            named("cloudImages", "the account has no Cloud Images"),
        ),
        (
            ServiceKind::Volume,
            named(
                "cloudBlockStorage",
                "the account has no Cloud Block Storage",
            ),
        ),
    ]);
    Ok(Choice {
        wanted: Wanted {
            region: params.region.as_deref().map(Text::from),
            interface: params.interface,
            name: None,
        },
        overrides: overrides(params)?,
        names,
        // Networks are Nova's, by an extension of Rackspace's own.
        unused: vec![ServiceKind::Network],
        ..Choice::default()
    })
}

fn overrides(params: &Params) -> Result<HashMap<ServiceKind, Text>> {
    let given = [
        (ServiceKind::Compute, &params.endpoints.compute),
        (ServiceKind::Image, &params.endpoints.image),
        (ServiceKind::Volume, &params.endpoints.volume),
    ];
    let mut overrides = HashMap::new();
    for (service, address) in given {
        if let Some(address) = address {
            let field = format!("extra_params.endpoints.{}", service.as_str());
            parse_endpoint(&field, address)?;
            overrides.insert(service, Text::from(address));
        }
    }
    Ok(overrides)
}

fn missing(field: &'static str) -> Error {
    Error::invalid(format!("{field} is missing")).with_field(field)
}
