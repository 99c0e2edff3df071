//! Signatures: Version 4, and Version 2 for Eucalyptus of old.

mod v2;
mod v4;
#[cfg(test)]
mod vectors;

use cloudfarm_contract::{Result, Secret, Text};
use cloudfarm_http::{Request, Url};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

/// How requests are signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Signature {
    /// Version 4, which Amazon asks for and Eucalyptus takes since 4.0.
    #[default]
    V4,
    /// Version 2, for Eucalyptus of old.
    V2,
}

/// Who signs.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The id of the access key.
    pub access_key: Text,
    /// The secret of it.
    pub secret_key: Secret,
    /// What temporary keys are given with.
    pub session_token: Option<Secret>,
}

/// What a signature is made over, besides the fields.
#[derive(Debug)]
pub struct Signing<'a> {
    /// Who signs.
    pub keys: &'a Keys,
    /// The region of the scope.
    pub region: &'a str,
    /// The service of the scope.
    pub service: &'a str,
    /// When.
    pub at: Timestamp,
}

impl Signature {
    /// The request that sends `fields` to `url`, signed. What is secret among the fields the caller
    /// has marked in `request`.
    ///
    /// # Errors
    ///
    /// `internal` for an address that cannot be signed.
    pub fn sign(
        self,
        signing: &Signing<'_>,
        request: Request,
        fields: Vec<(String, String)>,
    ) -> Result<Request> {
        match self {
            Self::V4 => v4::sign(signing, request.form(fields)),
            Self::V2 => Ok(v2::sign(signing, request, fields)),
        }
    }
}

/// The host as it stands in the `Host` header: with the port unless it is the scheme's own.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
