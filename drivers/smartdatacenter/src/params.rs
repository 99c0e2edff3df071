//! What can be set for a SmartDataCenter cloud.

use cloudfarm_contract::{CloudConfig, Error, Result, Secret};
use cloudfarm_http::{HttpParams, Period};
use serde::Deserialize;
use utoipa::ToSchema;

/// `extra_params` of a SmartDataCenter cloud. The `user` of the cloud is the login of the account;
/// there is no password, for every request is signed with an SSH key.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// The address of CloudAPI, as `https://cloudapi.example.com`.
    pub url: String,
    /// The key as the account knows it: its name, or its fingerprint in MD5 or SHA256. The
    /// fingerprint of the private key where it is not given.
    #[serde(default)]
    pub key_id: Option<String>,
    /// The private key itself, in PEM or OpenSSH's form.
    #[serde(default)]
    #[schema(inline)]
    pub key: Option<Secret>,
    /// A file with the private key, in place of `key`.
    #[serde(default)]
    pub key_file: Option<String>,
    /// The passphrase that the private key is encrypted with.
    #[serde(default)]
    #[schema(inline)]
    pub passphrase: Option<Secret>,
    /// The socket of an SSH agent that holds the private key, in place of `key` and `key_file`;
    /// `env` for the one in `SSH_AUTH_SOCK`.
    #[serde(default)]
    pub agent: Option<String>,
    /// A user of the account, in whose name the requests are made.
    #[serde(default)]
    pub sub_user: Option<String>,
    /// The roles to take; those that the user has by default where there are none.
    #[serde(default)]
    pub roles: Vec<String>,
    /// How to sign: `rsa-sha256` or `rsa-sha512` with an RSA key. Other keys leave no choice.
    #[serde(default)]
    pub algorithm: Option<String>,
    /// The data centre, by its name in the list that `url` gives, where `url` is another one's.
    #[serde(default)]
    pub datacenter: Option<String>,
    /// How long a reboot, a resize and a change of the name may take until they are in the machine's
    /// history; what takes longer is left to itself.
    #[serde(default = "settle_timeout")]
    #[schema(value_type = String, default = "45s")]
    pub settle_timeout: Period,
    /// How the cloud is reached.
    #[serde(default)]
    #[schema(inline)]
    pub http: HttpParams,
}

fn settle_timeout() -> Period {
    Period::from_secs(45)
}

impl Params {
    /// Reads the parameters of a cloud.
    ///
    /// # Errors
    ///
    /// `invalid` with the path of the field.
    pub fn read(config: &CloudConfig) -> Result<Self> {
        let params: Self = config.parameters()?;
        if config.password.is_some() {
            return Err(Error::invalid(
                "there is no password: requests are signed with an ssh key",
            )
            .with_field("password")
            .with_hint("the passphrase of the key goes into extra_params.passphrase"));
        }
        params.check_key()?;
        Ok(params)
    }

    /// One place for the key.
    fn check_key(&self) -> Result<()> {
        let given: Vec<&str> = [
            ("key", self.key.is_some()),
            ("key_file", self.key_file.is_some()),
            ("agent", self.agent.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, given)| given.then_some(name))
        .collect();
        match given[..] {
            [] => Err(wrong("key", "there is no key to sign with")
                .with_hint("give key, key_file or agent")),
            ["agent"] if self.key_id.is_none() => Err(wrong(
                "key_id",
                "an agent holds many keys, so key_id must say which one",
            )
            .with_hint("give the fingerprint of the key")),
            [_] => Ok(()),
            [_, second, ..] => Err(wrong(
                second,
                format!("{} exclude each other", given.join(" and ")),
            )),
        }
    }
}

/// An error about a field of `extra_params`.
pub(crate) fn wrong(field: &str, message: impl Into<String>) -> Error {
    Error::invalid(message.into()).with_field(format!("extra_params.{field}"))
}
