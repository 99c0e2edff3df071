//! Version 4, in the header `Authorization`.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign as sign_request,
};
use aws_sigv4::sign::v4::SigningParams;
use cloudfarm_contract::{Error, Result, Secret};
use cloudfarm_http::Request;
use cloudfarm_http::header::HeaderName;

use super::{Signing, host};

/// The digest of the body is sent too, and signed.
pub(super) const PAYLOAD: PayloadChecksumKind = PayloadChecksumKind::XAmzSha256;

/// The request with its signature. The headers that are set already are signed too.
pub(super) fn sign(signing: &Signing<'_>, request: Request) -> Result<Request> {
    sign_with(signing, request, PAYLOAD)
}

pub(super) fn sign_with(
    signing: &Signing<'_>,
    request: Request,
    payload: PayloadChecksumKind,
) -> Result<Request> {
    let cannot = |error: &dyn std::fmt::Display| {
        Error::internal("the request cannot be signed").with_internal(error)
    };
    let keys = signing.keys;
    let identity = Credentials::new(
        keys.access_key.as_str(),
        keys.secret_key.expose(),
        keys.session_token
            .as_ref()
            .map(|token| token.expose().to_owned()),
        None,
        "cloudfarm",
    )
    .into();
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind = payload;
    let params = SigningParams::builder()
        .identity(&identity)
        .region(signing.region)
        .name(signing.service)
        .time(SystemTime::from(signing.at))
        .settings(settings)
        .build()
        .map_err(|error| cannot(&error))?
        .into();
    let host = host(request.url());
    let signed: Vec<(String, Secret)> = {
        let headers = request
            .headers()
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .chain([("host", host.as_str())]);
        let signable = SignableRequest::new(
            request.method().as_str(),
            request.url().as_str(),
            headers,
            SignableBody::Bytes(request.body_bytes()),
        )
        .map_err(|error| cannot(&error))?;
        let (instructions, _) = sign_request(signable, &params)
            .map_err(|error| cannot(&error))?
            .into_parts();
        instructions
            .headers()
            .map(|(name, value)| (name.to_owned(), Secret::new(value)))
            .collect()
    };
    signed
        .into_iter()
        .try_fold(request, |request, (name, value)| {
            let name = HeaderName::try_from(name).map_err(|error| cannot(&error))?;
            // Whoever reads the log must not be able to send the request again.
            Ok(match name.as_str() {
                "authorization" | "x-amz-security-token" => request.secret_header(name, &value),
                _ => request.header(name, value.expose()),
            })
        })
}
