//! What can be set for an OpenStack cloud.

use cloudfarm_contract::{CloudConfig, Error, Result, Secret};
use cloudfarm_http::HttpParams;
use serde::Deserialize;
use utoipa::ToSchema;

/// `extra_params` of an OpenStack cloud. `user` and `password` of the cloud are those of Keystone.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// The name of a cloud in `clouds.yaml`. What is said here as well stands over what is said
    /// there, `user` and `password` too.
    #[serde(default)]
    pub clouds_yaml: Option<String>,
    /// That `clouds.yaml`, if it is not where the `openstack` client looks for it.
    #[serde(default)]
    pub clouds_file: Option<String>,
    /// The `secure.yaml` with its secrets, if it stands neither beside it nor in the usual places.
    #[serde(default)]
    pub secure_file: Option<String>,
    /// The address of Keystone, with or without its version, as `https://cloud.example:5000/v3`.
    /// Needed where there is no `clouds_yaml`.
    #[serde(default)]
    pub auth_url: String,
    /// How to log in; taken from what else is given where it is not said.
    #[serde(default)]
    #[schema(inline)]
    pub auth_type: Option<AuthType>,
    /// The id of the user, in place of `user`.
    #[serde(default)]
    pub user_id: Option<String>,
    /// The name of the user's domain.
    #[serde(default)]
    pub user_domain: Option<String>,
    /// The id of the user's domain; `default` where neither id nor name is given.
    #[serde(default)]
    pub user_domain_id: Option<String>,
    /// The name of the project.
    #[serde(default)]
    pub project: Option<String>,
    /// The id of the project.
    #[serde(default)]
    pub project_id: Option<String>,
    /// The name of the project's domain; the user's where neither id nor name is given.
    #[serde(default)]
    pub project_domain: Option<String>,
    /// The id of the project's domain.
    #[serde(default)]
    pub project_domain_id: Option<String>,
    /// The name of the domain to act on, in place of a project.
    #[serde(default)]
    pub domain: Option<String>,
    /// The id of the domain to act on.
    #[serde(default)]
    pub domain_id: Option<String>,
    /// `all`, to act on the whole cloud in place of a project.
    #[serde(default)]
    pub system_scope: Option<String>,
    /// The id of an application credential.
    #[serde(default)]
    pub application_credential_id: Option<String>,
    /// The name of an application credential of the user.
    #[serde(default)]
    pub application_credential_name: Option<String>,
    /// The secret of the application credential.
    #[serde(default)]
    #[schema(inline)]
    pub application_credential_secret: Option<Secret>,
    /// A token that is there already.
    #[serde(default)]
    #[schema(inline)]
    pub token: Option<Secret>,
    /// The region; not needed where there is only one.
    #[serde(default)]
    pub region: Option<String>,
    /// Which of a service's addresses to use.
    #[serde(default)]
    #[schema(inline, default = "public")]
    pub interface: Interface,
    /// Addresses of services, in place of those in the catalog.
    #[serde(default)]
    #[schema(inline)]
    pub endpoints: Endpoints,
    /// The newest version of the compute API to speak, as `2.60`; the newest that both sides know
    /// where it is not given.
    #[serde(default)]
    pub compute_api_version: Option<String>,
    /// How the cloud is reached.
    #[serde(default)]
    #[schema(inline)]
    pub http: HttpParams,
}

/// How to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthType {
    /// With `user` (or `user_id`) and `password`.
    Password,
    /// With `application_credential_id` (or name and user) and `application_credential_secret`;
    /// where they are not given, with `user` for the id and `password` for the secret.
    ApplicationCredential,
    /// With `token`.
    Token,
}

/// Which of a service's addresses to use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Interface {
    /// For everybody.
    #[default]
    Public,
    /// For those within the cloud's own network.
    Internal,
    /// For administrators.
    Admin,
}

impl Interface {
    /// The name in the catalog.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
            Self::Admin => "admin",
        }
    }
}

/// Addresses of services, in place of those in the catalog.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Endpoints {
    /// Nova.
    pub compute: Option<String>,
    /// Glance.
    pub image: Option<String>,
    /// Neutron.
    pub network: Option<String>,
    /// Cinder.
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
        if params.auth_url.is_empty() {
            return Err(wrong("auth_url", "auth_url is missing").with_hint(
                "give the address of keystone, or clouds_yaml with the name of a cloud there",
            ));
        }
        params.check_scope()?;
        Ok(params)
    }

    /// One scope at most: Keystone would take the first and say nothing about the others.
    fn check_scope(&self) -> Result<()> {
        let scopes = [
            (
                "project",
                self.project.is_some() || self.project_id.is_some(),
            ),
            ("domain", self.domain.is_some() || self.domain_id.is_some()),
            ("system_scope", self.system_scope.is_some()),
        ];
        let given: Vec<_> = scopes
            .iter()
            .filter(|(_, given)| *given)
            .map(|(name, _)| *name)
            .collect();
        if let [_, second, ..] = given[..] {
            return Err(wrong(
                second,
                format!("{} exclude each other", given.join(" and ")),
            ));
        }
        if self
            .system_scope
            .as_deref()
            .is_some_and(|scope| scope != "all")
        {
            return Err(wrong("system_scope", "system_scope can only be all"));
        }
        Ok(())
    }
}

/// An error about a field of `extra_params`.
pub(crate) fn wrong(field: &str, message: impl Into<String>) -> Error {
    Error::invalid(message.into()).with_field(format!("extra_params.{field}"))
}
