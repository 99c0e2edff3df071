//! What went wrong on the way: every failure of the client as an [`Error`] that says honestly what
//! may have been left behind.

use std::error::Error as StdError;
use std::io;
use std::iter::successors;
use std::time::Duration;

use cloudfarm_contract::{Effect, Error, Retry, SideEffect};
use rustls::{AlertDescription, CertificateError};

use crate::{Request, redact};

/// A request that got no answer, or no whole one.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// The connection went before any part of an answer came: a request whose effect allows it may
    /// be sent again at once, most likely over a connection that the provider had just closed.
    pub(crate) unanswered: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            error,
            unanswered: false,
        }
    }
}

/// What a request that reached the provider may have left behind when its answer is lost.
pub(crate) fn left_behind(effect: Effect) -> SideEffect {
    match effect {
        Effect::Read => SideEffect::None,
        Effect::Idempotent | Effect::Once => SideEffect::Possible,
    }
}

/// The request took longer than it may.
pub(crate) fn too_slow(request: &Request, limit: Duration) -> Error {
    Error::timeout(format!(
        "{} did not answer within {} ms",
        place(request),
        limit.as_millis()
    ))
    .with_side_effect(left_behind(request.effect))
}

/// The request got no answer.
pub(crate) fn unsent_or_unanswered(error: reqwest::Error, request: &Request) -> Failure {
    let error = error.without_url();
    let described = describe(&error, request);
    let unanswered = !error.is_connect() && !error.is_timeout() && is_cut_off(&error);
    Failure {
        error: described.with_internal(whole_chain(&error)),
        unanswered,
    }
}

/// The answer began and did not end.
pub(crate) fn broken_off(error: reqwest::Error, request: &Request, received: usize) -> Error {
    let error = error.without_url();
    let place = place(request);
    let described = if error.is_timeout() {
        Error::timeout(format!("{place} fell silent in the middle of its answer"))
    } else if is_cut_off(&error) {
        Error::provider_error(format!(
            "the answer of {place} broke off after {received} bytes"
        ))
    } else {
        Error::provider_error(format!("the answer of {place} cannot be unpacked"))
    };
    described
        .with_side_effect(left_behind(request.effect))
        .with_internal(whole_chain(&error))
}

fn describe(error: &reqwest::Error, request: &Request) -> Error {
    if let Some(tls) = find_cause::<rustls::Error>(error)
        && let Some(described) = describe_tls(tls, error.is_connect(), request)
    {
        return described;
    }
    let place = place(request);
    if error.is_connect() {
        // Nothing was sent, so nothing was done, whatever the effect.
        return if error.is_timeout() {
            Error::timeout(format!(
                "no connection to {place} within the connect timeout"
            ))
        } else {
            Error::unavailable(format!("cannot connect to {place}: {}", reason(error)))
        }
        .with_side_effect(SideEffect::None);
    }
    if error.is_timeout() {
        return Error::timeout(format!("{place} did not answer within the read timeout"))
            .with_side_effect(left_behind(request.effect));
    }
    if error.is_builder() {
        return Error::internal("the request cannot be sent").with_side_effect(SideEffect::None);
    }
    if is_cut_off(error) {
        return Error::unavailable(format!("{place} closed the connection without an answer"))
            .with_side_effect(left_behind(request.effect));
    }
    Error::provider_error(format!("the answer of {place} is not http"))
        .with_side_effect(left_behind(request.effect))
}

/// A broken handshake. It is `unavailable` and not `provider_auth` when it is cloudfarm that does
/// not trust the provider: no credential was looked at, none was sent. It is never retried, since a
/// certificate does not mend itself within a call.
fn describe_tls(tls: &rustls::Error, connecting: bool, request: &Request) -> Option<Error> {
    let place = place(request);
    let described = match tls {
        rustls::Error::InvalidCertificate(why) => Error::unavailable(format!(
            "the certificate of {place} is not trusted: {}",
            distrust(why)
        ))
        .with_hint("name the authority that signed it in extra_params.http.ca_file"),
        rustls::Error::AlertReceived(alert) if is_about_our_certificate(*alert) => {
            Error::provider_auth(format!(
                "{place} refused the client certificate: {}",
                refusal(*alert)
            ))
            .with_hint(
                "set extra_params.http.client_cert_file and client_key_file to what it accepts",
            )
        }
        rustls::Error::InvalidMessage(_) if connecting => {
            Error::unavailable(format!("{place} does not speak tls"))
                .with_hint("check scheme and port of the address")
        }
        _ if connecting => Error::unavailable(format!("the tls handshake with {place} failed")),
        rustls::Error::AlertReceived(_) => {
            return Some(
                Error::unavailable(format!("{place} broke off the tls connection"))
                    .with_side_effect(left_behind(request.effect)),
            );
        }
        _ => return None,
    };
    // The server reads no request before the handshake is done, so nothing was done there.
    Some(
        described
            .with_retry(Retry::Never)
            .with_side_effect(SideEffect::None),
    )
}

fn distrust(why: &CertificateError) -> &'static str {
    match why {
        CertificateError::UnknownIssuer => "an unknown authority signed it",
        CertificateError::BadSignature => "the authority that it names did not sign it",
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another name"
        }
        CertificateError::Revoked => "it was revoked",
        _ => "it does not hold",
    }
}

fn is_about_our_certificate(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::CertificateRequired
            | AlertDescription::NoCertificate
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            // The signature on it, or with it, does not hold.
            | AlertDescription::DecryptError
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
    )
}

fn refusal(alert: AlertDescription) -> &'static str {
    match alert {
        AlertDescription::CertificateRequired | AlertDescription::NoCertificate => {
            "it asks for one and none was given"
        }
        AlertDescription::CertificateRevoked => "it was revoked",
        AlertDescription::CertificateExpired => "it has expired",
        AlertDescription::UnknownCA => "it does not know the authority that signed it",
        _ => "it does not accept it",
    }
}

fn reason(error: &reqwest::Error) -> &'static str {
    if error.is_dns() {
        return "the name cannot be resolved";
    }
    match find_cause::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => "connection refused",
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            "it cannot be reached"
        }
        Some(
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::UnexpectedEof,
        ) => "the connection was cut off",
        Some(io::ErrorKind::AddrNotAvailable) => "no local port is free",
        _ => "the connection failed",
    }
}

fn is_cut_off(error: &reqwest::Error) -> bool {
    let by_hyper = find_cause::<hyper::Error>(error).is_some_and(|cause| {
        cause.is_incomplete_message() || cause.is_canceled() || cause.is_closed()
    });
    by_hyper
        || find_cause::<io::Error>(error).is_some_and(|cause| {
            matches!(
                cause.kind(),
                io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe
                    | io::ErrorKind::UnexpectedEof
            )
        })
}

/// Where the request went, without path and query, which may hold ids and secrets.
pub(crate) fn place(request: &Request) -> String {
    let url = &request.url;
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => "the provider".to_owned(),
    }
}

fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    successors(Some(error), |error| next_cause(*error))
}

/// The cause of `error`. An io error hides the one that it wraps from `source`.
fn next_cause<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

/// The first cause of a type.
pub(crate) fn find_cause<T: StdError + 'static>(error: &reqwest::Error) -> Option<&T> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// Every cause in one text, for the log.
fn whole_chain(error: &reqwest::Error) -> String {
    let chain: Vec<_> = causes(error).map(ToString::to_string).collect();
    redact::cut(&chain.join(": "), 1000).into_owned()
}
