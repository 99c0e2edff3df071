//! What can be set for a Rackspace cloud.

use cloudfarm_contract::{CloudConfig, Error, Result};
use cloudfarm_http::HttpParams;
use cloudfarm_openstack::Interface;
use cloudfarm_openstack::identity::{AuthAddress, AuthVersion};
use serde::Deserialize;
use utoipa::ToSchema;

/// Where Rackspace's users log in.
pub(crate) const IDENTITY: &str = "https://identity.api.rackspacecloud.com/v2.0";

/// What to use in place of servers of the first generation.
pub(crate) const FIRST_GENERATION: &str = "servers of the first generation (cloudServers, api v1.0) were retired; \
     use next generation servers (cloudServersOpenStack) with the identity service at \
     https://identity.api.rackspacecloud.com/v2.0";

/// `extra_params` of a Rackspace cloud. `user` of the cloud is the Rackspace user, `password` the
/// API key or the password.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// The address of the identity service. With `/v3` it is that of a newer cloud (OpenStack
    /// Flex), as `https://keystone.api.dfw3.rackspacecloud.com/v3`.
    #[serde(default)]
    #[schema(default = "https://identity.api.rackspacecloud.com/v2.0")]
    pub auth_url: Option<String>,
    /// What `password` is. Where it is not said the API key is tried, and then the password.
    #[serde(default)]
    #[schema(inline)]
    pub auth_type: Option<AuthType>,
    /// The id of the account, where the user has several.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The region, as `dfw` or `LON`, in any case of letters; the user's own where it is not given.
    #[serde(default)]
    pub region: Option<String>,
    /// Which of a service's addresses to use. `internal` is Rackspace's ServiceNet.
    #[serde(default)]
    #[schema(inline, default = "public")]
    pub interface: Interface,
    /// Addresses of services, in place of those in the catalog.
    #[serde(default)]
    #[schema(inline)]
    pub endpoints: Endpoints,
    /// Whether the account's nodes are connected by RackConnect: then a node is busy until its
    /// automation is through.
    #[serde(default)]
    pub rackconnect: bool,
    /// Whether the account has a managed service level: then a node is busy until its automation
    /// is through.
    #[serde(default)]
    pub managed: bool,
    /// The name of the project, in a newer cloud.
    #[serde(default)]
    pub project: Option<String>,
    /// The id of the project, in a newer cloud.
    #[serde(default)]
    pub project_id: Option<String>,
    /// The name of the domain of user and project, in a newer cloud.
    #[serde(default)]
    #[schema(default = "rackspace_cloud_domain")]
    pub domain: Option<String>,
    /// How the cloud is reached.
    #[serde(default)]
    #[schema(inline)]
    pub http: HttpParams,
}

/// What `password` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthType {
    /// The API key.
    ApiKey,
    /// The password.
    Password,
}

/// Addresses of services, in place of those in the catalog.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Endpoints {
    /// Cloud Servers, with version and account.
    pub compute: Option<String>,
    /// Cloud Images.
    pub image: Option<String>,
    /// Cloud Block Storage, with version and account.
    pub volume: Option<String>,
}

impl Params {
    /// Reads the parameters of a cloud.
    ///
    /// # Errors
    ///
    /// `invalid` with the path of the field.
    pub fn read(config: &CloudConfig) -> Result<Self> {
        let params: Self = config.parameters()?;
        params.refuse_first_generation()?;
        Ok(params)
    }

    /// Where to log in.
    pub(crate) fn address(&self) -> Result<AuthAddress> {
        let text = self.auth_url.as_deref().unwrap_or(IDENTITY);
        let address = AuthAddress::parse("extra_params.auth_url", text)?;
        Ok(match address.version() {
            Some(_) => address,
            None => address.with_version(AuthVersion::V2),
        })
    }

    /// Whether it is one of the newer clouds, which are OpenStack throughout.
    pub(crate) fn is_flex(&self, address: &AuthAddress) -> bool {
        address.version() == Some(AuthVersion::V3)
    }

    fn refuse_first_generation(&self) -> Result<()> {
        let addresses = [
            ("auth_url", &self.auth_url),
            ("endpoints.compute", &self.endpoints.compute),
        ];
        for (field, address) in addresses {
            let of_old = |address: &String| {
                let mut segments = address.split('/');
                segments.any(|segment| segment == "v1.0" || segment == "v1")
            };
            if address.as_ref().is_some_and(of_old) {
                return Err(wrong(field, "there are no servers of the first generation")
                    .with_hint(FIRST_GENERATION));
            }
        }
        Ok(())
    }
}

/// An error about a field of `extra_params`.
pub(crate) fn wrong(field: &str, message: impl Into<String>) -> Error {
    Error::invalid(message.into()).with_field(format!("extra_params.{field}"))
}
