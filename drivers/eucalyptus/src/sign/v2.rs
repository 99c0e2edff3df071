//! Version 2: a field of the form, over all others.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cloudfarm_http::Request;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Signing, host};

/// The request with `fields` and their signature as its form.
pub(super) fn sign(
    signing: &Signing<'_>,
    request: Request,
    mut fields: Vec<(String, String)>,
) -> Request {
    let keys = signing.keys;
    let mut add = |name: &str, value: String| fields.push((name.to_owned(), value));
    add("AWSAccessKeyId", keys.access_key.to_string());
    add("SignatureMethod", "HmacSHA256".to_owned());
    add("SignatureVersion", "2".to_owned());
    add(
        "Timestamp",
        signing.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    );
    if let Some(token) = &keys.session_token {
        add("SecurityToken", token.expose().to_owned());
    }
    let url = request.url();
    let path = if url.path().is_empty() {
        "/"
    } else {
        url.path()
    };
    let text = string_to_sign(request.method().as_str(), &host(url), path, &fields);
    let signature = signature(keys.secret_key.expose(), &text);
    fields.push(("Signature".to_owned(), signature));
    request.form(fields)
}

/// What is signed.
pub(super) fn string_to_sign(
    method: &str,
    host: &str,
    path: &str,
    fields: &[(String, String)],
) -> String {
    let mut pairs: Vec<_> = fields
        .iter()
        .map(|(name, value)| (escape(name), escape(value)))
        .collect();
    pairs.sort();
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let host = host.to_ascii_lowercase();
    format!("{method}\n{host}\n{path}\n{}", pairs.join("&"))
}

pub(super) fn signature(secret: &str, text: &str) -> String {
    // HMAC takes a key of any length, so there is always one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(text.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

/// Everything but the unreserved characters of RFC 3986 as `%XY`.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte));
            }
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}
