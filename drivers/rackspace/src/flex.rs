//! The newer clouds: OpenStack throughout, with Rackspace's domain.

use std::sync::Arc;

use cloudfarm_contract::{CloudConfig, Driver, Result};
use serde_json::{Map, Value};

use crate::params::{AuthType, Params, wrong};

/// The domain of Rackspace's users and projects.
const DOMAIN: &str = "rackspace_cloud_domain";

/// Connects as OpenStack does.
pub(crate) fn connect(config: CloudConfig, params: Params) -> Result<Arc<dyn Driver>> {
    for (field, given) in [
        ("auth_type", params.auth_type == Some(AuthType::ApiKey)),
        ("tenant", params.tenant.is_some()),
        ("rackconnect", params.rackconnect),
        ("managed", params.managed),
    ] {
        if given {
            return Err(wrong(
                field,
                format!(
                    "the newer clouds, whose auth_url ends in /v3, have no {field} of that kind"
                ),
            ));
        }
    }
    let domain = params.domain.as_deref().unwrap_or(DOMAIN);
    let mut extra_params = Map::new();
    for (name, value) in [
        ("auth_url", params.auth_url.as_deref()),
        ("user_domain", Some(domain)),
        ("project", params.project.as_deref()),
        ("project_id", params.project_id.as_deref()),
        ("region", params.region.as_deref()),
        ("interface", Some(params.interface.as_str())),
    ] {
        if let Some(value) = value {
            extra_params.insert(name.to_owned(), Value::from(value));
        }
    }
    // What they have in common is taken over as it was written.
    for name in ["endpoints", "http"] {
        if let Some(value) = config.extra_params.get(name) {
            extra_params.insert(name.to_owned(), value.clone());
        }
    }
    let config = CloudConfig {
        extra_params,
        ..config
    };
    cloudfarm_openstack::connect_as(crate::NAME, &config)
}
