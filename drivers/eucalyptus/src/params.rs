//! What can be set for a cloud that speaks the EC2 query API.

use cloudfarm_contract::{CloudConfig, Error, Result, Secret};
use cloudfarm_http::{HttpParams, Period};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::sign::Signature;

/// `extra_params` of an EC2 or Eucalyptus cloud. `user` is the access key id, `password` the secret
/// key; without them the environment and the files of the AWS tools are asked.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// The region. On Amazon it is all that has to be said; on Eucalyptus it is part of the
    /// signature, and `eucalyptus` where it is not given.
    #[serde(default)]
    pub region: Option<String>,
    /// The host, as `10.0.0.5` or `ec2.cloud.example`; Amazon's for the region where it is not
    /// given.
    #[serde(default)]
    pub host: Option<String>,
    /// The port; 8773 on Eucalyptus, the scheme's own on EC2.
    #[serde(default)]
    pub port: Option<u16>,
    /// The path; `/services/compute` on Eucalyptus, `/` on EC2.
    #[serde(default)]
    pub path: Option<String>,
    /// Whether to speak https; true where it is not said.
    #[serde(default)]
    pub secure: Option<bool>,
    /// How requests are signed.
    #[serde(default)]
    #[schema(inline, default = "v4")]
    pub signature: Signature,
    /// The version of the API that is asked for; `2016-11-15` where it is not given.
    #[serde(default)]
    pub api_version: Option<String>,
    /// What temporary keys are given with.
    #[serde(default)]
    #[schema(inline)]
    pub session_token: Option<Secret>,
    /// A profile in the files of the AWS tools, for keys and region.
    #[serde(default)]
    pub profile: Option<String>,
    /// The file with profiles, if it is not `~/.aws/config`.
    #[serde(default)]
    pub config_file: Option<String>,
    /// The file with keys, if it is not `~/.aws/credentials`.
    #[serde(default)]
    pub credentials_file: Option<String>,
    /// Whether there are VPCs and subnets; true on EC2, false on Eucalyptus, where it depends on
    /// how it was set up.
    #[serde(default)]
    pub vpc: Option<bool>,
    /// Whether lists may be asked for in pages; true on EC2. Eucalyptus gives them whole, and some
    /// versions refuse fields that they do not know.
    #[serde(default)]
    pub paging: Option<bool>,
    /// Whose images are listed where nobody asks for an owner; on EC2 one's own and Amazon's, on
    /// Eucalyptus (where it is empty) everybody's.
    #[serde(default)]
    pub image_owners: Option<Vec<String>>,
    /// How long what was just made may be unknown to the cloud and still count as on its way;
    /// a minute where it is not given.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub visibility_grace: Option<Period>,
    /// How the cloud is reached.
    #[serde(default)]
    #[schema(inline)]
    pub http: HttpParams,
}

impl Params {
    /// Reads the parameters of a cloud.
    ///
    /// # Errors
    ///
    /// `invalid` with the path of the field.
    pub fn read(config: &CloudConfig) -> Result<Self> {
        let params: Self = config.parameters()?;
        if params.session_token.is_some() && params.signature == Signature::V2 {
            return Err(wrong(
                "signature",
                "a session token goes with signature v4 alone",
            ));
        }
        Ok(params)
    }
}

/// An error about a field of `extra_params`.
pub(crate) fn wrong(field: &str, message: impl Into<String>) -> Error {
    Error::invalid(message.into()).with_field(format!("extra_params.{field}"))
}
