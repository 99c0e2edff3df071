//! What may be shown of a request or an answer.

use std::borrow::Cow;
use std::fmt::Write as _;

use reqwest::Url;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::Value;

use crate::{Request, Secrecy};

/// What stands in for a secret.
pub(crate) const SECRET: &str = "[secret]";

/// The longest piece of a body that is shown.
const SHOWN_BYTES: usize = 8 * 1024;

/// Fields that are secret in every body and query, without `_` and `-` and in lower case.
const SECRET_FIELDS: &[&str] = &[
    "accesstoken",
    "adminpass",
    "apikey",
    "auth",
    "clientsecret",
    "credentials",
    "keymaterial",
    "passphrase",
    "password",
    "privatekey",
    "refreshtoken",
    "rootpassword",
    "secret",
    "secretaccesskey",
    "secretkey",
    "sessiontoken",
    "token",
    "userdata",
    "userscript",
];

/// Query parameters and form fields that are secret besides.
const SECRET_QUERIES: &[&str] = &[
    "awsaccesskeyid",
    "credential",
    "securitytoken",
    "signature",
    "xamzcredential",
    "xamzsecuritytoken",
    "xamzsignature",
];

const SECRET_HEADERS: &[&str] = &[
    "authorization",
    "cookie",
    "openstack-auth-receipt",
    "proxy-authorization",
    "set-cookie",
    "x-amz-security-token",
    "x-auth-key",
    "x-auth-token",
    "x-service-token",
    "x-storage-token",
    "x-subject-token",
];

/// Whether a field of this name is secret. CloudAPI writes nested names with dots
/// (`metadata.credentials.root`), so each part counts.
fn is_secret_field(name: &str, more: &[&str]) -> bool {
    more.iter().any(|other| other.eq_ignore_ascii_case(name))
        || name.split('.').any(|part| {
            let plain = plain(part);
            SECRET_FIELDS.contains(&plain.as_str())
        })
}

fn is_secret_query(name: &str, more: &[&str]) -> bool {
    is_secret_field(name, more) || SECRET_QUERIES.contains(&plain(name).as_str())
}

fn plain(name: &str) -> String {
    name.chars()
        .filter(|character| !matches!(character, '_' | '-'))
        .map(|character| character.to_ascii_lowercase())
        .collect()
}

/// The URL with secret parameters hidden.
pub(crate) fn url(url: &Url, more: &[&str]) -> String {
    if url.query().is_none() {
        return url.to_string();
    }
    let mut shown = url.clone();
    shown.set_query(None);
    format!("{shown}?{}", pairs(url.query().unwrap_or_default(), more))
}

fn pairs(encoded: &str, more: &[&str]) -> String {
    let mut shown = String::new();
    for (name, value) in url::form_urlencoded::parse(encoded.as_bytes()) {
        let value = if is_secret_query(&name, more) {
            Cow::Borrowed(SECRET)
        } else {
            value
        };
        let separator = if shown.is_empty() { "" } else { "&" };
        let _ = write!(shown, "{separator}{name}={value}");
    }
    shown
}

/// The value of a header, hidden if its name says that it is secret.
pub(crate) fn header(name: &HeaderName, value: &HeaderValue) -> String {
    if value.is_sensitive() || SECRET_HEADERS.contains(&name.as_str()) {
        return SECRET.to_owned();
    }
    let text = String::from_utf8_lossy(value.as_bytes());
    match Url::parse(&text) {
        Ok(address) => url(&address, &[]),
        Err(_) => text.into_owned(),
    }
}

/// A body with secret fields hidden, cut to a length that a log can bear. What cannot be read as
/// the type it claims to be is not shown at all, for then nobody knows where its secrets are.
pub(crate) fn body(content_type: &str, body: &[u8], secrecy: &Secrecy) -> String {
    if body.is_empty() {
        return String::new();
    }
    let hidden = || format!("[{} bytes of {content_type:?}]", body.len());
    if *secrecy == Secrecy::Whole {
        return hidden();
    }
    let shown = if content_type.contains("json") {
        serde_json::from_slice::<Value>(body).ok().map(|mut value| {
            hide_fields(&mut value, secrecy.fields());
            value.to_string()
        })
    } else if content_type.contains("x-www-form-urlencoded") {
        std::str::from_utf8(body)
            .ok()
            .map(|text| pairs(text, secrecy.fields()))
    } else if content_type.contains("xml") {
        std::str::from_utf8(body)
            .ok()
            .map(|text| xml(text, secrecy.fields()))
    } else {
        None
    };
    shown.map_or_else(hidden, |text| cut(&text, SHOWN_BYTES).into_owned())
}

fn hide_fields(value: &mut Value, more: &[&str]) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                if is_secret_field(name, more) && !value.is_null() {
                    *value = Value::from(SECRET);
                } else {
                    hide_fields(value, more);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hide_fields(item, more)),
        _ => {}
    }
}

/// XML with the text of secret elements hidden, by local name. It scans rather than parses: an
/// element that is never closed hides the rest.
fn xml(text: &str, more: &[&str]) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        let (before, tag) = rest.split_at(open);
        shown.push_str(before);
        let end = tag.find('>').map_or(tag.len(), |at| at + 1);
        let (tag, after) = tag.split_at(end);
        shown.push_str(tag);
        rest = after;
        let name = tag.trim_start_matches('<').trim_end_matches('>');
        let qualified = name
            .split([' ', '\t', '\n', '/'])
            .next()
            .unwrap_or_default();
        let local = qualified.rsplit(':').next().unwrap_or_default();
        let opens = !name.ends_with('/') && !name.starts_with(['/', '?', '!']);
        if opens && is_secret_field(local, more) {
            shown.push_str(SECRET);
            rest = rest
                .find(&format!("</{qualified}"))
                .map_or("", |close| &rest[close..]);
        }
    }
    shown.push_str(rest);
    shown
}

/// The first `limit` bytes of a text, with a sign that more was there.
pub(crate) fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    if text.len() <= limit {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(limit);
    Cow::Owned(format!("{}…", &text[..end]))
}

/// What a provider said, fit for an error: without the secrets of the request that it may have
/// repeated, on one line, not too long.
pub(crate) fn quote(text: &str, limit: usize, request: &Request) -> String {
    let mut text = text.to_owned();
    for secret in secrets_of(request) {
        if text.contains(&secret) {
            text = text.replace(&secret, SECRET);
        }
    }
    let line = text
        .split(|character: char| character.is_whitespace() || character.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    cut(&line, limit).into_owned()
}

/// The secrets that a request carried. Very short ones are left out: cut out of a text, they would
/// garble it and give themselves away.
fn secrets_of(request: &Request) -> Vec<String> {
    let mut found = Vec::new();
    for (name, text) in &request.headers {
        let secret =
            matches!(text, crate::HeaderText::Secret(_)) || SECRET_HEADERS.contains(&name.as_str());
        if let (true, Ok(value)) = (secret, text.value().to_str()) {
            found.push(value.to_owned());
            found.extend(
                value
                    .rsplit([' ', '='])
                    .next()
                    .map(|last| last.trim_matches('"').to_owned()),
            );
        }
    }
    for (name, value) in request.url.query_pairs() {
        if is_secret_query(&name, &request.secret_queries) {
            found.push(value.into_owned());
        }
    }
    body_secrets(request, &mut found);
    found.extend(
        request
            .more_secrets
            .iter()
            .map(|secret| secret.expose().to_owned()),
    );
    found.retain(|secret| secret.len() >= 4);
    // The longest first, so that a secret within another does not break the other up.
    found.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    found
}

fn body_secrets(request: &Request, found: &mut Vec<String>) {
    let names = request.body_secrecy.fields();
    if let Ok(value) = serde_json::from_slice::<Value>(&request.body) {
        collect_secrets(&value, names, false, found);
    } else if request.content_type().contains("x-www-form-urlencoded") {
        for (name, value) in url::form_urlencoded::parse(&request.body) {
            if is_secret_query(&name, names) {
                found.push(value.into_owned());
            }
        }
    }
}

/// Collects secret strings. An object under a secret name (`auth`, `password`) is searched further,
/// for next to the secret it holds user names and methods that errors may well name.
fn collect_secrets(value: &Value, names: &[&str], secret: bool, found: &mut Vec<String>) {
    match value {
        Value::String(text) if secret => found.push(text.clone()),
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect_secrets(item, names, secret, found)),
        Value::Object(fields) => {
            for (name, value) in fields {
                let in_token = secret && name == "id";
                let secret = is_secret_field(name, names) || in_token;
                collect_secrets(value, names, secret, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use reqwest::Url;
    use serde_json::json;

    use super::{body, quote, url};
    use crate::{Request, Secrecy};

    #[test]
    fn json_loses_secret_fields_at_any_depth() {
        let text = json!({
            "server": {"name": "web", "adminPass": "canary", "personality": [{"contents": "canary"}]},
            "metadata.credentials.root": "canary",
            "OS-X:Token": "shown",
            "password": null,
        })
        .to_string();
        let shown = body(
            "application/json; charset=utf-8",
            text.as_bytes(),
            &Secrecy::Fields(vec!["contents"]),
        );
        assert!(!shown.contains("canary"), "{shown}");
        assert!(
            shown.contains("web") && shown.contains(r#""password":null"#),
            "{shown}"
        );
    }

    #[test]
    fn xml_loses_secret_elements_by_local_name() {
        let text = "<?xml version=\"1.0\"?><e:R xmlns:e=\"x\"><e:keyName>k</e:keyName><e:keyMaterial>canary\n<b>canary</b></e:keyMaterial><password/><output a=\"1\">canary</output><z>end</z></e:R>";
        let shown = body(
            "text/xml",
            text.as_bytes(),
            &Secrecy::Fields(vec!["output"]),
        );
        assert!(!shown.contains("canary"), "{shown}");
        assert!(
            shown.contains("<e:keyName>k<") && shown.contains("<z>end</z>"),
            "{shown}"
        );
    }

    #[test]
    fn forms_and_queries_lose_secret_fields() {
        let shown = body(
            "application/x-www-form-urlencoded",
            b"Action=RunInstances&UserData=canary&Signature=canary",
            &Secrecy::default(),
        );
        assert_eq!(
            shown,
            "Action=RunInstances&UserData=[secret]&Signature=[secret]"
        );
        let address =
            Url::parse("https://x.example/?a=1&X-Amz-Signature=canary&mine=canary").unwrap();
        assert!(!url(&address, &["mine"]).contains("canary"));
    }

    #[test]
    fn what_cannot_be_read_is_not_shown() {
        for kind in ["application/json", "text/plain", ""] {
            assert!(
                !body(kind, b"{\"password\": \"canary", &Secrecy::default()).contains("canary")
            );
        }
        assert!(
            !body("application/json", b"{\"a\":\"canary\"}", &Secrecy::Whole).contains("canary")
        );
    }

    #[test]
    fn a_quote_loses_the_secrets_of_the_request() {
        let request = Request::post(
            Url::parse("https://x.example/").unwrap(),
            cloudfarm_contract::Effect::Read,
        )
        .secret_header(reqwest::header::AUTHORIZATION, &"Bearer canary-1".into())
        .json(&json!({"auth": {"password": {"user": {"name": "demo", "password": "canary-2"}}, "token": {"id": "canary-3"}}}));
        let quoted = quote(
            "demo:\n canary-1\tcanary-2 canary-3 is wrong",
            200,
            &request,
        );
        assert_eq!(quoted, "demo: [secret] [secret] [secret] is wrong");
    }
}
